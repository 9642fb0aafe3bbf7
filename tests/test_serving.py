"""What holds of all that the finished file publishes, asked in DuckDB's own command line."""

import json

import duckdb
import pytest

import duckmark
from duckmark.plan import plan
from tests.shop import DISLIKED, OPTIONS, UNSOLD

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
RANKED = ("recommend", "similar_products", "similar_users", "audience", "search_products")


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


@pytest.mark.parametrize("macro", RANKED)
def test_every_table_macro_answers_with_and_without_k(ask, macro):
    argument = ARGUMENTS[macro]
    by_default, three = ask(f"FROM {macro}({argument})"), ask(f"FROM {macro}({argument}, 3)")
    named = ask(f"FROM {macro}({argument}, k := 3)")
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
    "top_k_each": "[embed(text), NULL], space, k",
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
    assert len(stored) > len(VIEWS) + len(ARGUMENTS)
    assert not any("_dm_" in text for (text,) in stored)


@pytest.mark.parametrize("macro", ["similar_products", "audience"])
def test_an_unknown_product_gives_no_rows(ask, macro):
    assert ask(f"FROM {macro}('no such product')") == []
    assert ask(f"FROM {macro}(NULL)") == []


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
