"""The finished file answers in DuckDB's own command line, an older engine, read-only and without Python."""

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pytest
from scipy import sparse

import duckmark
from duckmark.kernels.ials import fold_in
from duckmark.plan import plan
from tests.shop import DISLIKED, OPTIONS, SILENT, SINGLE, STRANGER, TASTE, UNSOLD

CLIENT = Path(sys.executable).with_name("duckdb")
PUBLISHED = plan().published
VIEWS = [name for name, kind in PUBLISHED.items() if kind == "view"]
# Arguments of the macros that are no function of Python.
ARGUMENTS = {
    "recommend": "'0003'",
    "recommend_for": "['00103', '00104']",
    "explain": "'0003', '00103'",
    "scores": "'0003'",
    "audience": "'00103'",
    "similar_products": "'00103'",
    "similar_users": "'0003'",
    "search_products": "'classical guitar'",
    "complaints": f"'{DISLIKED}'",
    "praises": "'00103'",
    "predict_rating": "'0003', '00103'",
    "explain_rating": "'0003', '00103'",
    "shop_sentiment": "'It broke after two days'",
}
MACROS = {
    "recommend": "'0003'",
    "similar_products": "'00103'",
    "similar_users": "'0003'",
    "audience": "'00103'",
    "search_products": "'classical guitar'",
}
ASKED = ["0001", "0007", "0029", "0030", "0045", "0058", SINGLE, SILENT]


@pytest.fixture(scope="module")
def ask(shop_file):
    """Rows of a query as the command-line client gives them."""

    def rows(query: str) -> list[dict]:
        command = [CLIENT, "-readonly", "-bail", "-json", shop_file, "-c", query]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        assert not result.stderr
        return json.loads(result.stdout) if result.stdout.strip() else []

    return rows


def each(macro: str, argument: str, values: list[str], more: str = "") -> str:
    """One query that asks a table macro for every value."""
    return " UNION ALL ".join(f"SELECT '{v}' AS {argument}, t.* FROM {macro}('{v}'{more}) AS t" for v in values)


def test_the_client_is_of_an_older_engine(ask):
    assert ask("SELECT version() AS v")[0]["v"].startswith("v1.")
    assert duckdb.__version__.startswith("2.")


@pytest.mark.parametrize("view", VIEWS)
def test_every_public_view_selects(ask, view):
    rows = ask(f"FROM {view}")
    assert rows or view in ("hot_issues", "category_complaints")


@pytest.mark.parametrize("name", sorted(PUBLISHED.keys() - set(VIEWS) - duckmark.functions().keys()))
def test_every_public_macro_answers(ask, name):
    """Of a shop with written reviews, so that what is only bound where there are some is bound here."""
    scalar = PUBLISHED[name] == "macro"
    rows = ask(f"SELECT {name}({ARGUMENTS[name]}) AS answer" if scalar else f"FROM {name}({ARGUMENTS[name]})")
    assert rows or name == "explain_rating"  # too few ratings here: see test_expected_ratings


@pytest.mark.parametrize("macro", MACROS)
def test_every_table_macro_answers_with_and_without_k(ask, macro):
    by_default, three = ask(f"FROM {macro}({MACROS[macro]})"), ask(f"FROM {macro}({MACROS[macro]}, 3)")
    named = ask(f"FROM {macro}({MACROS[macro]}, k := 3)")
    length = OPTIONS["neighbours"] if macro == "similar_users" else 10
    assert len(by_default) == length
    assert three == named == by_default[:3]
    assert [row["rank"] for row in by_default] == list(range(1, length + 1))
    scores = [row["score"] for row in by_default]
    assert scores == sorted(scores, reverse=True)


COLUMNS = {
    "tokenize": "text, language",
    "keywords": "text, k",
    "embed": "text",
    "sentiment": "text",
    "tfidf_profile": "string_split(text, ' '), list_transform(string_split(text, ' '), lambda word: 2)",
    "cosine_sim": "[1, k], [k, 1]",
    "cf_score": "[1, k], [k, 1]",
    "top_k": "embed(text), space, k",
}


@pytest.mark.parametrize("name", duckmark.functions())
def test_every_function_takes_columns(ask, plain, name):
    """An engine may accept a macro with constants and refuse it with columns."""
    query = (
        f"SELECT CAST({name}({COLUMNS[name]}) AS JSON) AS answer FROM (VALUES ('A great guitar', 'en', 'words', 2), "
        "('violin', 'fr', 'products', 3), (NULL, 'en', 'words', 1)) AS v (text, language, space, k)"
    )
    answers = [row["answer"] for row in ask(query)]
    assert answers == [answer and json.loads(answer) for (answer,) in plain.sql(query).fetchall()]
    assert answers[0]


@pytest.mark.parametrize("function", duckmark.functions().values(), ids=lambda f: f.name)
def test_every_functions_example_runs(ask, con, function):
    (row,) = ask(f"SELECT CAST({function.example} AS JSON) AS answer")
    in_python = con.sql(f"SELECT {function.example}").fetchall()[0][0]
    assert row["answer"] == pytest.approx(in_python, abs=1e-5) if isinstance(in_python, float) else row["answer"]


def test_no_private_name_is_stored(plain):
    stored = plain.sql(
        "SELECT sql FROM duckdb_views() WHERE NOT internal UNION ALL "
        "SELECT macro_definition FROM duckdb_functions() WHERE NOT internal AND database_name = 'shop' "
        "AND function_type LIKE '%macro'"
    ).fetchall()
    assert len(stored) > len(VIEWS) + len(MACROS)
    assert not any("_dm_" in text for (text,) in stored)


def test_nothing_that_the_user_has_is_recommended(ask):
    again = ask(
        f"FROM ({each('recommend', 'u', ASKED, ', 99')}) AS r "
        "JOIN duckmark.interactions AS i ON i.user_id = r.u AND i.product_id = r.product_id"
    )
    assert again == []


def test_all_products_are_reached_by_a_large_k(ask):
    """Lists, then the segment, then everyone: each product once. What was never sold has no popularity."""
    for user in ("0003", SINGLE, SILENT, STRANGER):
        found = [row["product_id"] for row in ask(f"FROM recommend('{user}', 999)")]
        owned = ask(f"SELECT count(DISTINCT product_id) AS n FROM duckmark.interactions WHERE user_id = '{user}'")[0][
            "n"
        ]
        assert len(found) == len(set(found)) >= 39 - owned


def test_the_recommendations_view_is_what_recommend_gives(ask):
    users = [user for user in ASKED if user != SILENT]
    listed = ", ".join(f"'{user}'" for user in users)
    in_view = ask(
        f"SELECT user_id, rank, product_id, score, source FROM recommendations WHERE user_id IN ({listed}) ORDER BY ALL"
    )
    one_by_one = ask(
        f"SELECT user_id, rank, product_id, score, source FROM ({each('recommend', 'user_id', users, ', 15')}) "
        "WHERE source NOT IN ('segment', 'popular') ORDER BY ALL"
    )
    assert in_view == one_by_one
    assert {row["user_id"] for row in in_view} == set(users)


def test_an_unknown_user_gets_what_is_popular(ask):
    rows = ask(f"FROM recommend('{STRANGER}')")
    assert len(rows) == 10
    assert {row["source"] for row in rows} == {"popular"}
    assert ask(f"FROM similar_users('{STRANGER}')") == []
    assert ask("SELECT source FROM recommend(NULL, 1)") == [{"source": "popular"}]


def test_a_user_of_whom_only_attributes_are_known(ask):
    rows = ask(f"FROM recommend('{SILENT}')")
    assert len(rows) == 10
    assert {row["source"] for row in rows} <= {"segment", "popular"}
    (profile,) = ask(f"SELECT segment, attributes, vector FROM user_profiles WHERE user_id = '{SILENT}'")
    assert profile["segment"] == "prospect"
    assert profile["vector"] is None


def test_a_user_with_a_single_event_gets_their_taste(ask):
    rows = ask(f"FROM recommend('{SINGLE}', 5)")
    assert {row["category"] for row in rows} == {"garden"}
    assert {row["source"] for row in rows} <= {"hybrid", "content", "collaborative"}
    assert "00121" not in {row["product_id"] for row in rows}


@pytest.mark.parametrize("macro", ["similar_products", "audience"])
def test_an_unknown_product_gives_no_rows(ask, macro):
    assert ask(f"FROM {macro}('no such product')") == []
    assert ask(f"FROM {macro}(NULL)") == []


def test_explaining_the_unknown_gives_no_error(ask):
    assert ask("FROM explain('0003', 'no such product')") == []
    assert ask("FROM explain(NULL, NULL)") == []
    (row,) = ask(f"FROM explain('{STRANGER}', '00100')")
    assert (row["kind"], row["item"]) == ("factor", "popular with everyone")


def test_a_product_never_sold_has_an_audience_and_alike(ask):
    assert len(ask(f"FROM similar_products('{UNSOLD}', 4)")) == 4
    rows = ask(f"FROM audience('{UNSOLD}', 5)")
    assert {TASTE[int(row["user_id"])] for row in rows} == {"garden"}


@pytest.mark.parametrize("user", ["0001", "0014", "0029", "0030", "0058", SINGLE, SILENT, STRANGER])
def test_contributions_add_up_to_the_score_of_recommend(ask, user):
    rows = ask(f"SELECT product_id, score FROM recommend('{user}', 30) WHERE rank IN (1, 2, 9, 15, 16, 25)")
    assert len(rows) >= 5  # OPTIONS store lists of 15: what lies beyond comes from the segment and from everyone
    sums = " UNION ALL ".join(
        f"SELECT '{row['product_id']}' AS p, sum(contribution) AS total FROM explain('{user}', '{row['product_id']}')"
        for row in rows
    )
    totals = {row["p"]: row["total"] for row in ask(sums)}
    assert totals == {row["product_id"]: pytest.approx(row["score"], abs=1e-6) for row in rows}


@pytest.mark.parametrize("product", ["00100", DISLIKED, "00121", UNSOLD])
def test_contributions_add_up_to_the_score_of_audience(ask, product):
    rows = ask(f"SELECT user_id, score FROM audience('{product}', 99) WHERE rank % 9 = 1 ORDER BY rank")
    assert len(rows) >= 5
    sums = " UNION ALL ".join(
        f"SELECT '{row['user_id']}' AS u, sum(contribution) AS total FROM explain('{row['user_id']}', '{product}')"
        for row in rows
    )
    totals = {row["u"]: row["total"] for row in ask(sums)}
    assert totals == {row["user_id"]: pytest.approx(row["score"], abs=1e-6) for row in rows}


def test_audience_and_recommend_agree_on_the_score(ask):
    both = ask(
        "SELECT a.user_id, a.score AS a, r.score AS r FROM audience('00103', 99) AS a "
        "JOIN recommendations AS r ON r.user_id = a.user_id AND r.product_id = '00103'"
    )
    assert len(both) > 10
    assert [row["a"] for row in both] == pytest.approx([row["r"] for row in both], abs=1e-6)


def test_the_audience_leaves_out_who_has_it(ask):
    rows = ask("SELECT user_id FROM audience('00103', 99) SEMI JOIN "
               "(FROM duckmark.interactions WHERE product_id = '00103') USING (user_id)")  # fmt: skip
    assert rows == []


def test_what_people_disliked_is_recommended_less_than_its_like(ask):
    """The travel flute is described as the disliked classical flute is, but for its style."""
    query = "SELECT avg(score) AS score, avg(collaborative) AS collaborative FROM audience('{}', 99)"
    (disliked,), (alike,) = ask(query.format(DISLIKED)), ask(query.format("00115"))
    assert disliked["collaborative"] < 0 < alike["collaborative"]
    assert disliked["score"] < alike["score"]


def test_what_its_buyers_dislike_is_shown_to_strangers_last(ask):
    rows = ask(f"SELECT product_id FROM recommend('{STRANGER}', 40)")
    assert [row["product_id"] for row in rows][:30].count(DISLIKED) == 0


@pytest.mark.parametrize("user", ["0001", "0031", SINGLE])
def test_scores_are_those_of_recommend_and_may_be_filtered(ask, user):
    every = ask(f"FROM scores('{user}') ORDER BY score DESC, product_id")
    listed = ask(f"FROM recommend('{user}', 999)")
    assert [row["product_id"] for row in every] == [row["product_id"] for row in listed]
    assert [row["score"] for row in every] == pytest.approx([row["score"] for row in listed], abs=1e-6)
    cheap = ask(f"FROM scores('{user}') WHERE price < 12 AND category = 'music' ORDER BY score DESC, product_id")
    assert cheap == [row for row in every if float(row["price"]) < 12 and row["category"] == "music"]
    assert cheap


def test_nobody_has_scores_of_whom_nothing_is_known(ask):
    assert ask(f"FROM scores('{STRANGER}')") == ask("FROM scores(NULL)") == []


def reordered(rows: list[dict], vectors: dict[str, list[float]], diversity: float) -> list[str]:
    """Maximal marginal relevance, a place at a time."""
    relevance = {row["product_id"]: 1 - place / 50 for place, row in enumerate(rows)}
    chosen = [rows[0]["product_id"]]
    while len(chosen) < len(rows):
        left = [product for product in relevance if product not in chosen]
        nearest = {p: max(0.0, *(cosine(vectors, p, above) for above in chosen)) for p in left}
        chosen.append(max(left, key=lambda p: ((1 - diversity) * relevance[p] - diversity * nearest[p], relevance[p])))
    return chosen


def cosine(vectors: dict[str, list[float]], one: str, other: str) -> float:
    if vectors[one] is None or vectors[other] is None:
        return 0.0
    return sum(x * y for x, y in zip(vectors[one], vectors[other], strict=True))


@pytest.mark.parametrize("user", ["0001", STRANGER])
@pytest.mark.parametrize("diversity", [0.3, 0.9])
def test_diversity_is_maximal_marginal_relevance(ask, plain, user, diversity):
    vectors = dict(plain.sql("SELECT product_id, vector FROM duckmark.product_vectors").fetchall())
    candidates = ask(f"FROM recommend('{user}', 50)")
    found = ask(f"SELECT rank, product_id FROM recommend('{user}', 8, diversity := {diversity})")
    assert [row["rank"] for row in found] == list(range(1, 9))
    assert [row["product_id"] for row in found] == reordered(candidates, vectors, diversity)[:8]


def test_damping_takes_what_is_popular_down(ask):
    popularity = "SELECT avg(p.popularity) AS p FROM recommend('0031', 5, damping := {}) AS r " \
                 "JOIN duckmark.product_popularity AS p ON p.product_id = r.product_id"  # fmt: skip
    means = [ask(popularity.format(damping))[0]["p"] for damping in (0, 0.3, 1)]
    assert means[0] >= means[1] >= means[2]
    assert ask("FROM recommend('0001', 5, damping := 0)") == ask("FROM recommend('0001', 5)")


def test_a_visitor_folds_in_as_python_folds_users_in(ask, plain):
    """The factors part of a basket: its weights solve the system that a user's history solves."""
    basket = ["00100", "00101", "00108"]
    rows = plain.sql("SELECT product_id, factors FROM duckmark.product_factors ORDER BY 1").fetchall()
    factors = np.array([vector for _, vector in rows])
    place = [[product for product, _ in rows].index(item) for item in basket]
    taken = np.zeros((1, len(rows)))
    taken[0, place] = 1
    visitor, _ = fold_in(sparse.csr_array(taken), factors)
    expected = dict(zip((product for product, _ in rows), (factors @ visitor[0]).tolist(), strict=True))
    weights = plain.sql("SELECT weights[4] FROM duckmark.ranker").fetchall()[0][0]
    assert weights > 0
    with_factors = {row["product_id"]: row["score"] for row in ask(f"FROM recommend_for({basket}, 99)")}
    plain_parts = part_without_factors(plain, basket)
    found = {product: (score - plain_parts[product]) / weights for product, score in with_factors.items()}
    assert found == {product: pytest.approx(expected.get(product, 0), abs=1e-4) for product in found}


def part_without_factors(plain, basket: list[str]) -> dict[str, float]:
    """The score of every product for the basket, its factors left out, from a copy of the file without them."""
    copy = duckdb.connect()
    for table in ("products", "scored_products", "goes_with", "ranker"):
        copy.execute("CREATE SCHEMA IF NOT EXISTS duckmark")
        rows = plain.sql(f"FROM duckmark.{table}").to_arrow_table()
        copy.register("_rows", rows)
        copy.execute(f"CREATE TABLE duckmark.{table} AS FROM _rows")
        copy.unregister("_rows")
    copy.execute("UPDATE duckmark.scored_products SET factors = NULL")
    for name in ("network_score", "features", "recommend_for"):
        copy.execute((Path(__file__).parents[1] / f"sql/3_recommend/{name}.sql").read_text(encoding="utf-8"))
    with copy:
        return dict(copy.execute("SELECT product_id, score FROM recommend_for(?, 99)", [basket]).fetchall())


def test_a_basket_is_enough(ask):
    rows = ask("SELECT product_id, source, because FROM recommend_for(['00100', '00101'], 5)")
    assert len(rows) == 5
    assert {row["source"] for row in rows} <= {"hybrid", "items"}
    assert all("00100" <= row["product_id"] <= "00119" for row in rows)  # the basket holds music
    assert not {row["product_id"] for row in rows} & {"00100", "00101"}
    assert {row["because"] for row in rows} <= {"00100", "00101"}


@pytest.mark.parametrize("basket", ["[]", "['no such product']", "[NULL]", "NULL"])
def test_an_empty_or_unknown_basket_gets_what_is_popular(ask, basket):
    rows = ask(f"SELECT product_id, source FROM recommend_for({basket}, 3)")
    assert {row["source"] for row in rows} == {"popular"}
    assert len(rows) == 3


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


def test_arguments_may_be_subqueries(ask):
    user, product = "(SELECT min(user_id) FROM user_profiles)", "(SELECT max(product_id) FROM product_profiles)"
    assert ask(f"FROM audience({product}, 3)") == ask(f"FROM audience('{UNSOLD}', 3)")
    assert ask(f"FROM recommend({user}, 3)") == ask("FROM recommend('0001', 3)")
    assert ask(f"FROM similar_users({user}, 3)") == ask("FROM similar_users('0001', 3)")
    assert ask(f"FROM explain({user}, {product})") == ask(f"FROM explain('0001', '{UNSOLD}')")
    best = "(SELECT product_id FROM recommend('0001', 1))"
    assert ask(f"SELECT count(*) AS n FROM explain('0001', {best})")[0]["n"] > 1


@pytest.mark.parametrize("macro", ["audience", "similar_products", "recommend", "similar_users", "explain"])
def test_a_subquery_as_argument_does_not_multiply_rows(plain, macro):
    """No operator handles as many rows as users times products, or neighbours times users."""
    user, product = "(SELECT min(user_id) FROM user_profiles)", "(SELECT max(product_id) FROM product_profiles)"
    given = {"audience": product, "similar_products": product, "explain": f"{user}, {product}"}.get(macro, user)
    ((_, profile),) = plain.sql(f"EXPLAIN (ANALYZE, FORMAT json) FROM {macro}({given})").fetchall()
    assert max(cardinalities(json.loads(profile))) < 60 * 40


def cardinalities(node: dict) -> list[int]:
    return [
        node.get("operator_cardinality", 0),
        *(c for child in node.get("children", ()) for c in cardinalities(child)),
    ]


def test_ids_that_are_numbers_may_be_written_as_numbers(ask):
    assert ask("SELECT count(*) AS n FROM recommend(3, 5)") == [{"n": 5}]
    assert ask("FROM similar_products(103)") == []  # not the product 00103


def test_names_of_the_callers_columns_are_not_captured(ask):
    """A macro's argument may be a column of any name, also one that the macro uses inside."""
    names = ("a", "b", "text", "term", "t", "vector", "id", "space", "k", "word", "terms", "weights", "txt", "language")
    queries = [
        f"SELECT '{n}' AS n, list(tokenize({n}) IS NOT NULL) AS one, list(len(embed({n}))) AS two, "
        f"list(len(top_k(embed({n}), 'products', 2))) AS three, list(round(sentiment({n}).compound, 3)) AS four "
        f"FROM (VALUES ('great guitar'), ('classical violin')) AS v ({n})"
        for n in names
    ]
    answers = [[row[c] for c in ("one", "two", "three", "four")] for row in ask(" UNION ALL ".join(queries))]
    assert len(answers) == len(names)
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][:3] == [[True, True], [16, 16], [2, 2]]
