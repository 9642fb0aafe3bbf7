"""Orders that came to nothing: they count as purchases where no column was taken that says so."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from duckmark.collect.kinds import has_rows_of
from duckmark.collect.layouts import catalogue
from duckmark.collect.reading import Table
from duckmark.collect.sources import without
from duckmark.sqltext import literals, loose, written

MOST = 10  # values of a status


def advice_on_statuses(
    con: duckdb.DuckDBPyConnection, table: Table, found: Mapping[str, str], free: list[str], read_from: str | None
) -> str | None:
    """How to leave out of the events the purchases that there were none of by the first of the ``free`` columns that
    is a status and says so; ``read_from`` is what stands after FROM in a query over the source."""
    parts = catalogue()["statuses"]["columns"]
    columns = [column for column in free if any(part in loose(column) for part in parts)]
    if columns and _has_purchases(con, found):
        for column in columns:
            if void := _void(con, table, column):
                return _advice(table, column, void, read_from)
    return None


def _has_purchases(con: duckdb.DuckDBPyConnection, found: Mapping[str, str]) -> bool:
    """Whether rows are purchases: by their kinds or, where they name none, by the columns there are."""
    if "kind" in found:
        return has_rows_of(con, "purchase")
    is_order = not found.keys().isdisjoint({"order_id", "quantity"})
    return "rating" not in found and (is_order or ("price" in found and "text" not in found))


def _void(con: duckdb.DuckDBPyConnection, table: Table, column: str) -> list[tuple[str, int]]:
    """The values of a status by which there was no purchase, with their rows; none of a column of free text."""
    words = catalogue()["statuses"]
    value = f"CAST({table.value(column)} AS VARCHAR)"
    found = con.execute(f"""
        WITH counted AS (
            SELECT {value} AS value, count(*) AS rows FROM {table.name} WHERE {written(value)} IS NOT NULL GROUP BY ALL
        ),
        worded AS (SELECT *, regexp_extract_all(lower(value), '\\pL+') AS words FROM counted)
        SELECT value, rows
        FROM worded
        WHERE list_has_any(words, {literals(words["void"])} || (
            SELECT names FROM duckmark.event_kinds WHERE kind = 'return'
        )) AND NOT list_has_any(words, {literals(words["unless"])})
        ORDER BY rows DESC, value
        LIMIT {MOST + 1}
    """).fetchall()
    return found if len(found) <= MOST else []


def _advice(table: Table, column: str, void: list[tuple[str, int]], read_from: str | None) -> str:
    said = ", ".join(f"'{value}' in {rows:,} rows" for value, rows in void)
    how = without(read_from, table.value(column), [value for value, _ in void])
    return f"rows count as purchases whatever their {column} says: {said}. {how}"
