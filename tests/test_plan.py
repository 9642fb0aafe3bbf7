"""The whole pipeline as one plan, with an analyst's own SQL in it."""

import pytest

from duckmark.errors import PipelineError
from duckmark.graph import ancestors
from duckmark.plan import GIVEN, plan

PLAN = plan()


def test_every_step_comes_after_all_it_reads():
    made = set(GIVEN)
    for step in PLAN.steps:
        missing = {need for name in step.writes for need in PLAN.needs[name]} - made
        assert not missing, step.name
        made |= set(step.writes)


def test_what_is_published():
    assert {name for name, kind in PLAN.published.items() if kind == "view"} == {
        "user_profiles", "product_profiles", "segments", "recommendations", "feedback", "feedback_topics",
        "product_satisfaction", "hot_issues", "category_complaints", "topic_trends",
        "data_quality", "evaluation", "models",
    }  # fmt: skip
    assert {name for name, kind in PLAN.published.items() if kind == "table macro"} == {
        "recommend",
        "recommend_for", "scores", "similar_products", "similar_users", "audience", "explain", "search_products",
        "explain_rating", "complaints", "praises",
    }  # fmt: skip
    assert {name for name, kind in PLAN.published.items() if kind == "macro"} == {
        "tokenize", "embed", "keywords", "tfidf_profile", "cosine_sim", "cf_score", "sentiment", "top_k", "top_k_each",
        "predict_rating", "shop_sentiment",
    }  # fmt: skip


def test_the_lineage_reaches_from_recommendations_back_to_the_sources():
    made_of = ancestors("recommendations", PLAN.needs)
    assert {
        "source_events",
        "duckmark.raw_events",
        "duckmark.word_vectors",
        "duckmark.user_neighbours",
    } <= made_of
    assert "duckmark.topics" not in made_of


def test_towards_gives_what_is_needed_in_order_and_no_more():
    steps = PLAN.towards(["duckmark.recommendation_lists"])
    names = [step.name for step in steps]
    assert names[-1] == "recommendation_lists"
    assert names == [step.name for step in PLAN.steps if step.name in set(names)]
    assert "topics" not in names
    assert "duckmark.events" in names


def test_towards_runs_nothing_that_leads_only_to_what_is_given():
    given = ("duckmark.events", "duckmark.users", "duckmark.products")
    names = {step.name for step in PLAN.towards(["duckmark.recommendation_lists"], given)}
    assert not names & {*given, "duckmark.cancellations", "duckmark.raw_events"}
    assert {"duckmark.interactions", "duckmark.reviews"} <= names


def test_what_is_given_is_not_made_again():
    assert PLAN.towards(["duckmark.events"], ("duckmark.events",)) == []


def write(folder, name: str, text: str) -> None:
    (folder / f"{name}.sql").write_text(f"-- Mine.\n{text}")


def test_a_view_of_ones_own_is_ordered_by_what_it_reads(tmp_path):
    write(tmp_path, "mine", "CREATE VIEW mine AS FROM recommendations;")
    names = [step.name for step in plan(tmp_path).steps]
    assert names.index("mine") > names.index("recommendations")


def test_an_override_brings_its_own_inputs(tmp_path):
    write(tmp_path, "segments", "CREATE VIEW segments AS FROM data_quality;")
    assert plan(tmp_path).needs["segments"] == {"data_quality"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "CREATE VIEW mine AS\nSELECT *\nFROM nowhere;",
            r"mine\.sql:4: mine reads nowhere, which nothing makes",
        ),
        ("CREATE VIEW mine AS SELECT FROM WHERE;", r"mine\.sql:2: "),
        (
            "CREATE VIEW segments AS FROM recommendations JOIN loop USING (x);",
            r"mine\.sql:2: segments reads loop",
        ),
        ("CREATE TABLE duckmark.events AS FROM recommendations;", r"\.sql:\d+: a cycle: .*duckmark\.events"),
        (
            "CREATE TABLE duckmark.user_neighbours AS FROM duckmark.users;",
            r"mine\.sql:2: duckmark\.user_neighbours is already made by model user_neighbours",
        ),
        ("CREATE VIEW duckmark.ranker AS SELECT 1 AS x;", r"mine\.sql:2: duckmark\.ranker is already made by model "),
    ],
)
def test_errors_in_ones_own_sql_name_file_and_line(tmp_path, text, message):
    write(tmp_path, "mine", text)
    with pytest.raises(PipelineError, match=message):
        plan(tmp_path)
