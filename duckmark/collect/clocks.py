"""Which of the columns that may be the time can be read, and the clock that stands in a column beside the date."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import duckdb

from duckmark.collect.reading import Table
from duckmark.collect.times import SAMPLE, as_timestamp
from duckmark.sqltext import literal, loose, written

CLOCK = r"\d{1,2}:\d\d(:\d\d([.,]\d+)?)?\s*([ap][.]?\s?m[.]?)?"


def first_times(con: duckdb.DuckDBPyConnection, table: Table, values: list[str]) -> int:
    """The place of the first of ``values`` that can be read as times: a time of day alone is none. The very first where
    none can."""
    if len(values) == 1:
        return 0
    return next((place for place, value in enumerate(values) if _are_times(con, table, value)), 0)


def clock_beside(
    con: duckdb.DuckDBPyConnection, table: Table, day: str, names: Iterable[str], used: Collection[str]
) -> str | None:
    """The column that holds the time of day, where column ``day`` holds days alone: one that is not ``used``, of the
    name of the day's or one of ``names``."""
    columns = {loose(column): column for column in reversed(table.columns) if column not in used}
    for name in (loose(day).replace("date", "time"), *names):
        clock = columns.get(loose(name))
        if clock and _are_clocks(con, table, table.value(day), table.value(clock)):
            return clock
    return None


def with_clock(day: str, clock: str) -> str:
    """SQL for a day and the time of day as one text."""
    return f"concat_ws(' ', {written(day)}, {written(clock)})"


def _are_times(con: duckdb.DuckDBPyConnection, table: Table, value: str) -> bool:
    sample = f"(SELECT {value} AS v FROM {table.name} WHERE {written(value)} IS NOT NULL LIMIT {SAMPLE})"
    return as_timestamp(con, sample, "v") is not None


def _are_clocks(con: duckdb.DuckDBPyConnection, table: Table, day: str, clock: str) -> bool:
    condition = f"NOT contains({written(day)}, ':') AND regexp_full_match({written(clock)}, {literal(CLOCK)}, 'i')"
    rows = f"FROM {table.name} WHERE {written(day)} IS NOT NULL AND {written(clock)} IS NOT NULL LIMIT {SAMPLE}"
    plain = con.execute(f"SELECT bool_and({condition}) FROM (SELECT * {rows})").fetchall()[0][0]
    return bool(plain) and _are_times(con, table, with_clock(day, clock))
