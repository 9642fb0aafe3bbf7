"""`search_products`: by meaning and by words."""

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
