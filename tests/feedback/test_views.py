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


SAID = """
CREATE VIEW feedback AS
SELECT n AS event_id, CASE WHEN n % 7 < 6 THEN n % 3 END AS topic, concat('about ', n % 3) AS topic_label,
    concat('p', n % 2) AS product_id, NULL AS title, NULL AS category,
    CASE WHEN n % 5 < 4 THEN TIMESTAMP '2024-01-20' + to_months(CAST(n % 5 AS INTEGER)) END AS happened_at,
    ['negative', 'neutral', 'positive'][1 + n * n % 3] AS label, 1 + n % 5 AS rating, n / 200 AS satisfaction
FROM range(200) AS r (n)
"""


def test_the_shares_of_a_products_month_add_up_to_one(made):
    """Over all topics and sentiments; feedback without a date is a month as well."""
    con = made(SAID, "topic_trends")
    months = {}
    for product, month, reviews, share in con.execute(
        "SELECT product_id, month, reviews, share FROM topic_trends"
    ).fetchall():
        months.setdefault((product, month), []).append((reviews, share))
    assert len(months) == 2 * 5
    for parts in months.values():
        whole = sum(reviews for reviews, _ in parts)
        assert len(parts) > 1
        assert [share for _, share in parts] == [round(reviews / whole, 4) for reviews, _ in parts]
    assert sum(reviews for parts in months.values() for reviews, _ in parts) == sum(n % 7 < 6 for n in range(200))


@pytest.mark.parametrize(
    ("complaints", "expected"),
    [
        ([("mild", 0.9, 0.4), ("harsh", 0.9, 0.1)], "harsh"),  # how clearly of the topic, and the satisfaction
        ([("beside it", 0.3, 0.1), ("about it", 0.9, 0.1)], "about it"),
        ([("harsh beside it", 0.5, 0.0), ("mild about it", 0.9, 0.4)], "mild about it"),  # 0.5 and 0.54
        ([("harsh beside it", 0.5, 0.0), ("milder about it", 0.9, 0.45)], "harsh beside it"),  # 0.5 and 0.495
        ([("first", 0.9, 0.1), ("second", 0.9, 0.1)], "first"),
    ],
)
def test_the_example_of_a_topic_is_most_clearly_about_it_and_least_satisfied(made, complaints, expected):
    rows = [(1, "negative", *row) for row in complaints]
    others = [(1, "positive", "praise"), (2, "negative", "of another"), (None, "negative", "of none")]
    rows += [(*row, 1.0, 0.0) for row in others]
    con = made(
        """
        CREATE TABLE feedback (
            event_id BIGINT, topic BIGINT, label VARCHAR, text VARCHAR, topic_probability DOUBLE, satisfaction DOUBLE,
            rating DOUBLE, sentiment DOUBLE
        );
        CREATE TABLE duckmark.topics AS SELECT unnest([1, 2]) AS topic, 'lamps' AS label, ['lamp'] AS terms
        """,
        "duckmark.readable",
        "duckmark.shortened",
        "feedback_topics",
    )
    con.executemany(
        "INSERT INTO feedback VALUES (?, ?, ?, ?, ?, ?, NULL, NULL)",
        [(place, *row) for place, row in enumerate(rows)],
    )
    found = con.execute("SELECT reviews, share, example FROM feedback_topics").fetchall()
    assert found == [(3, 0.75, expected), (1, 0.25, "of another")]


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
