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
    assert report.mapping["events.rating"] == '1 + (TRY_CAST("rating" AS DOUBLE) - (1)) * 4.0 / 9'
