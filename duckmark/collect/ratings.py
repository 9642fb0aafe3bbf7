"""The scale of a rating column, and its rescaling to one to five stars."""

from __future__ import annotations

import duckdb

# A scale is taken to be wider than five only where this share of the ratings lies above five, so that a few
# mistyped ratings do not change all the others.
PLAIN = 0.05


def as_stars(con: duckdb.DuckDBPyConnection, table: str, value: str) -> str:
    """SQL for a rating in stars: linear, the ends of the source's scale becoming 1 and 5.

    The scale is 0 to 1 (or -1 to 1: thumbs) where nothing lies above 1, one to ten (or 0 to 10) or 0 to 100
    where that is plain, else one to five. What lies outside it is left outside, for raw_events.sql to count: what lies
    below, such as a -1 of who did not rate, becomes 0, which is no stars.
    """
    number = f"TRY_CAST({value} AS DOUBLE)"
    ends = _scale(con, table, number)
    if ends is None:
        return value
    low, high = ends
    return f"CASE WHEN {number} < {low} THEN 0 ELSE 1 + ({number} - ({low})) * 4.0 / {high - low} END"


def _scale(con: duckdb.DuckDBPyConnection, table: str, number: str) -> tuple[int, int] | None:
    lowest, low, high, over_5, over_10, over_100, between = con.execute(f"""
        SELECT
            min(x),
            min(x) FILTER (WHERE x >= 0),
            max(x),
            avg(CAST(x > 5 AS INTEGER)),
            avg(CAST(x > 10 AS INTEGER)),
            avg(CAST(x > 100 AS INTEGER)),
            count(*) FILTER (WHERE x NOT IN (-1, 0, 1))
        FROM (SELECT {number} AS x FROM {table})
        WHERE isfinite(x)
    """).fetchone()
    if high is None or over_100 >= PLAIN:
        return None
    if over_10 >= PLAIN:
        return 0, 100
    if over_5 >= PLAIN:
        return (1, 10) if low >= 1 else (0, 10)
    if high == 1 and lowest == -1 and not between:
        return -1, 1
    # Half a star and one star alone are five-star ratings too, so a scale of 0 to 1 must go below the half.
    return (0, 1) if high <= 1 and 0 <= lowest < 0.5 else None
