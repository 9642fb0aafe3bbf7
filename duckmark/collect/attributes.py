"""What nothing else took: of a catalogue everything, of events what plainly describes someone or something."""

from __future__ import annotations

import duckdb

from duckmark.collect.layouts import catalogue
from duckmark.collect.reading import Table
from duckmark.collect.sameness import sameness
from duckmark.sqltext import literal, loose

NEARLY_ALL = 0.9  # products


def keep_leftovers(
    con: duckdb.DuckDBPyConnection, role: str, table: Table, found: dict[str, str], used: set[str]
) -> None:
    """Give the attributes that are still open the columns that are left."""
    free = [column for column in table.columns if column not in used]
    if role != "events":
        _keep("attributes", free, table, found)
        return
    for target, rule in catalogue()["attributes"].items():
        names, prefixes = {loose(name) for name in rule["names"]}, tuple(rule["prefixes"])
        taken = [column for column in free if loose(column) in names or loose(column).startswith(prefixes)]
        free = [column for column in free if column not in taken]
        if target == "product_attributes" and target not in found and "product_id" in found:
            begun = [column for column in taken if loose(column) not in names]
            varying = _varying(con, table, found["product_id"], begun)
            taken = [column for column in taken if column not in varying]
        _keep(target, taken, table, found)


def _varying(con: duckdb.DuckDBPyConnection, table: Table, product: str, columns: list[str]) -> set[str]:
    """Those of the columns that do not say the same of nearly every product in all of its rows: they are about the row,
    as the number of an order's line is."""
    same = sameness(con, table, product, columns)
    return {column for column, share in same.items() if share < NEARLY_ALL}


def _keep(target: str, columns: list[str], table: Table, found: dict[str, str]) -> None:
    if columns and target not in found:
        entries = [f"{literal(column)}: CAST({table.value(column)} AS VARCHAR)" for column in columns]
        found[target] = f"MAP {{{', '.join(entries)}}}"
