"""`search_products`: by meaning and by words."""

import shutil

import duckdb
import pytest


def test_search_finds_a_product_by_the_words_of_its_title(ask, plain):
    titles = plain.sql("SELECT product_id, title FROM product_profiles ORDER BY 1 LIMIT 8 OFFSET 3").fetchall()
    first = " UNION ALL ".join(f"SELECT '{p}' AS asked, product_id FROM search_products('{t}', 1)" for p, t in titles)
    assert all(row["asked"] == row["product_id"] for row in ask(first))
    assert ask("SELECT title FROM search_products('the GUITAR!', 2) ORDER BY ALL") == [
        {"title": "Classical Guitar"},
        {"title": "Travel Guitar"},
    ]


@pytest.mark.parametrize("query", ["''", "'zyzzyva'", "NULL", "'🎸'"])
def test_a_search_for_what_is_not_there(ask, query):
    assert ask(f"FROM search_products({query})") == []


@pytest.mark.parametrize("query", ["steel garden spade", "the GUITAR!", "music zyzzyva"])
@pytest.mark.parametrize("k", [0, 1, 12, 99])
def test_a_search_is_half_likeness_and_half_words(plain, query, k):
    """The naive score of every product, those that fit not at all left out."""
    expected = plain.execute(
        """
        WITH words AS (
            SELECT w.term, coalesce(t.idf, (SELECT max(idf) FROM duckmark.terms)) AS idf
            FROM (SELECT DISTINCT unnest(tokenize($1)) AS term) AS w
            LEFT JOIN duckmark.terms AS t USING (term)
        )
        SELECT p.product_id, coalesce(list_dot_product(p.vector, (SELECT embed($1))), 0) / 2 + coalesce((
            SELECT sum(w.idf) FROM words AS w JOIN duckmark.product_terms AS pt USING (term)
            WHERE pt.product_id = p.product_id AND pt.own_count > 0
        ) / (SELECT sum(idf) FROM words), 0) / 2 AS score
        FROM duckmark.product_vectors AS p
        ORDER BY score DESC, p.product_id
        """,
        [query],
    ).fetchall()
    expected = [row for row in expected if row[1] > 0]
    found = plain.execute("SELECT product_id, score FROM search_products(?, k := ?)", [query, k]).fetchall()
    assert [product for product, _ in found] == [product for product, _ in expected][:k]
    assert [score for _, score in found] == pytest.approx([score for _, score in expected][:k], abs=1e-9)


@pytest.fixture(scope="module")
def large(shop_file, tmp_path_factory):
    """A catalogue of 60 copies of each product, in which not all lead: of seven copies one is without its vector, one
    is unlike itself, and one is without its words, and so may score less or more than those that have them."""
    with duckdb.connect(shutil.copy(shop_file, tmp_path_factory.mktemp("large") / "shop.duckdb")) as con:
        con.execute("""
            CREATE TABLE copies AS
            SELECT
                product_id, product_id || ' ' || n AS copy_id, duckmark.id_number(copy_id) AS copy_number,
                n % 7 = 2 AS without_words, CASE n % 7 WHEN 0 THEN 0 WHEN 1 THEN -0.8 ELSE 1 END AS times
            FROM duckmark.scored_products, range(59) AS r (n);
            INSERT INTO duckmark.search_terms
            SELECT term, copy_number, copy_id, times * likeness
            FROM duckmark.search_terms JOIN copies USING (product_id) WHERE NOT without_words;
            INSERT INTO duckmark.scored_products
            SELECT sp.* REPLACE (
                copy_id AS product_id, copy_number AS product_number,
                CASE WHEN times <> 0 THEN list_transform(vector, lambda x: times * x) END AS vector
            )
            FROM duckmark.scored_products AS sp JOIN copies USING (product_id);
            INSERT INTO duckmark.shown_products
            SELECT sp.* REPLACE (
                copy_id AS product_id, copy_number AS product_number,
                CASE WHEN times <> 0
                    THEN duckmark.as_profile(list_transform(CAST(vector AS FLOAT[]), lambda x: times * x)) END AS vector
            )
            FROM duckmark.shown_products AS sp JOIN copies USING (product_id);
        """)
        yield con


@pytest.mark.parametrize("query", ["steel garden spade", "guitar", "music", "music lover zyzzyva", "zyzzyva", ""])
@pytest.mark.parametrize("k", [0, 1, 20, 100, 2000])
def test_of_a_very_large_catalogue_none_is_passed_over_that_could_be_among_the_best(large, query, k):
    answers = []
    for whole in ("true", "false"):
        large.execute(f"CREATE OR REPLACE MACRO duckmark.every_product_leads() AS {whole}")
        answers.append(large.execute("FROM search_products(?, k := ?)", [query, k]).fetchall())
    assert answers[0] == answers[1]


@pytest.mark.parametrize("query", ["steel garden spade", "guitar"])
def test_of_a_very_large_catalogue_no_profiles_are_scanned_where_many_have_all_the_words(large, query):
    """The answer stays where those that a scan would read are gone."""
    large.execute("CREATE OR REPLACE MACRO duckmark.every_product_leads() AS false; BEGIN")
    expected = large.execute("FROM search_products(?)", [query]).fetchall()
    large.execute("UPDATE duckmark.scored_products SET vector = NULL")
    assert large.execute("FROM search_products(?)", [query]).fetchall() == expected != []
    large.execute("ROLLBACK")
