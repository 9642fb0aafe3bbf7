"""Ratings on other scales become one to five stars; single wild values do not decide the scale."""

import pytest

from duckmark.collect import collect


def ratings(con, sql, values, cast="VARCHAR"):
    rows = ", ".join(f"('p', CAST({value} AS {cast}))" for value in values)
    collect(con, events=f"SELECT * FROM (VALUES {rows}) AS t (product_id, rating)")
    sql(con)
    found = con.execute("SELECT rating FROM duckmark.raw_events ORDER BY event_id").fetchall()
    return [None if value is None else round(value, 4) for (value,) in found]


@pytest.mark.parametrize(
    ("values", "stars"),
    [
        ([1, 3, 5], [1, 3, 5]),
        ([0.5, 1], [0.5, 1]),
        ([1, 10, 5.5], [1, 5, 3]),
        ([0, 10, 5], [1, 5, 3]),
        ([0, 100, 50], [1, 5, 3]),
        ([0, 1, 1], [1, 5, 5]),
        ([0.25, 1, 0], [2, 5, 1]),
        ([-1, 1, 0], [1, 5, 3]),
        ([-1, 1, 10, -1, 5.5], [None, 1, 5, None, 3]),  # not rated
        ([-1, 0, 10], [None, 1, 5]),
        ([1, 1], [1, 1]),
        ([3] * 40 + [10], [3] * 40 + [None]),
        ([3, 0, -1, "'nan'", "'inf'", "'good'", "''", "NULL"], [3] + [None] * 7),
    ],
)
def test_scales(con, sql, values, stars):
    assert ratings(con, sql, values) == stars


def test_true_and_false_are_thumbs(con, sql):
    assert ratings(con, sql, ["true", "false"], "BOOLEAN") == [5, 1]


def test_what_could_not_be_used_is_counted(con, sql):
    ratings(con, sql, [3, 4] * 20 + [0, 99, "'NaN'", "'good'", "''"])
    counts = dict(con.execute("SELECT rule, rows FROM data_quality WHERE action = 'filled'").fetchall())
    assert counts == {"rating out of range": 3, "rating unreadable": 1}


def test_the_rescaling_is_in_the_mapping(con):
    report = collect(con, events="SELECT 1 AS product_id, unnest([1, 10]) AS rating")[0]
    assert report.mapping["events.rating"] == (
        'CASE WHEN TRY_CAST("rating" AS DOUBLE) < 1 THEN 0 ELSE 1 + (TRY_CAST("rating" AS DOUBLE) - (1)) * 4.0 / 9 END'
    )


@pytest.mark.parametrize(
    ("columns", "kinds"),
    [
        ("unnest([1, 5, 0]) AS rating", ["rating", "rating", "view"]),
        ("unnest([1, 10, -1]) AS rating", ["rating", "rating", "view"]),
        ("unnest([1, 5, 99]) AS rating", ["rating", "rating", "rating"]),
        ("unnest([3, 0]) AS rating, 'Lovely.' AS text", ["review", "review"]),
        ("unnest([3, 0]) AS rating, 2 AS quantity", ["rating", "purchase"]),
        ("0 AS rating, 'rating' AS kind", ["rating"]),
    ],
)
def test_a_rating_below_the_scale_is_none_given(con, sql, columns, kinds):
    collect(con, events=f"SELECT 'p' AS product_id, {columns}")
    sql(con)
    assert con.execute("SELECT kind FROM duckmark.raw_events ORDER BY event_id").fetchall() == [(one,) for one in kinds]
