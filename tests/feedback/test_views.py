"""The public views: in shops that lack something, in another engine, and their figures by hand."""

import pytest

from tests.client import answers

PUBLIC = ("feedback", "feedback_topics", "product_satisfaction", "hot_issues", "topic_trends", "category_complaints")


def rows_of(con, view):
    return con.sql(f"SELECT * FROM {view}").fetchall()


@pytest.mark.parametrize("view", PUBLIC)
def test_no_feedback_at_all(shop, view):
    assert rows_of(shop([{}]), view) == []


def test_topics_skipped(shop):
    con = shop([{"rating": 1, "text": "an awful lamp"}], topics=None)
    assert rows_of(con, "duckmark.topics") == []
    assert [len(rows_of(con, view)) for view in PUBLIC] == [1, 0, 1, 0, 0, 0]


def test_ratings_without_a_word(shop):
    con = shop([{"rating": stars} for stars in (1, 2, 3, 4, 5)] * 20)
    assert [len(rows_of(con, view)) for view in PUBLIC] == [100, 0, 1, 0, 0, 0]


def test_one_review_does_not_top_the_list(shop):
    con = shop(
        [{"product": "once", "rating": 5}]
        + [{"product": "often", "rating": 5}] * 20
        + [{"product": "rarely", "rating": 1}] * 9
    )
    found = con.execute("SELECT rank, product_id, reviews, satisfaction FROM product_satisfaction").fetchall()
    mean = 21 / 30
    assert found == [
        (1, "often", 20, round((20 + 10 * mean) / 30, 3)),
        (2, "once", 1, round((1 + 10 * mean) / 11, 3)),
        (3, "rarely", 9, round((0 + 10 * mean) / 19, 3)),
    ]


def test_trend_is_newer_half_less_older_half(shop):
    days = [{"rating": 5 if day < 6 else 1, "at": f"2024-01-{day:02}"} for day in range(1, 11)]
    con = shop([*days, {"rating": 5}, *({"product": "few", "rating": 5, "at": "2024-01-01"} for _ in range(9))])
    found = con.execute("SELECT product_id, trend FROM product_satisfaction ORDER BY product_id").fetchall()
    assert found == [("few", None), ("p", -1.0)]


def test_topics_have_figures_and_a_quote(shop, two_themes):
    con = shop(two_themes, topics=2)
    topics = con.sql("SELECT * FROM feedback_topics").to_arrow_table().to_pylist()
    assert [(t["topic"], t["reviews"], t["share"]) for t in topics] == [(1, 60, 0.6), (2, 40, 0.4)]
    lamps, boats = topics
    assert (lamps["mean_rating"], lamps["negative_share"], lamps["example"]) == (5.0, 0.0, None)
    assert (boats["mean_rating"], boats["negative_share"]) == (1.0, 1.0)
    assert "awful" in boats["example"]
    complaint = con.execute("SELECT main_complaint FROM product_satisfaction").fetchall()
    assert complaint == [(boats["label"],)]


def test_trends_tell_topic_product_month_and_sentiment(shop, two_themes):
    con = shop(two_themes, topics=2)
    query = "SELECT topic, product_id, CAST(month AS VARCHAR), sentiment, reviews, share FROM topic_trends"
    assert con.execute(query).fetchall() == [
        (1, "p", "2024-03-01", "positive", 60, 0.6),
        (2, "p", "2024-03-01", "negative", 40, 0.4),
    ]


def test_an_older_engine_reads_the_views_without_python(shop, two_themes, tmp_path):
    con = shop(two_themes, topics=2)
    counts = [len(rows_of(con, view)) for view in PUBLIC]
    con.execute("USE memory")
    con.execute("DETACH shop1")
    query = " UNION ALL ".join(f"SELECT count(*) AS n FROM (SELECT * FROM {view})" for view in PUBLIC)
    assert [row["n"] for row in answers(tmp_path / "shop1.duckdb", query)] == counts


def test_same_data_and_seed_give_the_same_rows(shop, two_themes):
    con = shop(two_themes, topics=None)
    query = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'shop1' AND table_name <> 'model_runs'"
    tables = con.execute(query).fetchall()
    first = {name: rows_of(con, f"duckmark.{name}") for (name,) in tables}
    shop(two_themes, topics=None)
    assert {name: rows_of(con, f"duckmark.{name}") for (name,) in tables} == first
