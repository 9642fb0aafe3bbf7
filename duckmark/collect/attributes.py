"""What nothing else took: of a catalogue everything, of events what plainly describes someone or something."""

from __future__ import annotations

import duckdb

from duckmark.collect.layouts import catalogue
from duckmark.collect.reading import Table
from duckmark.collect.sameness import sameness
from duckmark.sqltext import literal, loose

NEARLY_ALL = 0.9  # of the products that stand in several rows
WRITERS = {"author", "authors"}  # of a book, or of a review


def keep_leftovers(
    con: duckdb.DuckDBPyConnection, role: str, table: Table, found: dict[str, str], used: set[str], is_later: bool
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
            sure = names - WRITERS if found.keys() >= {"rating", "text"} else names
            unsure = [column for column in taken if loose(column) not in sure]
            # Those that do not say the same of a product are about the row, as the number of an order's line is.
            same = sameness(con, table, found["product_id"], unsure, is_later)
            taken = [column for column in taken if same.get(column, 1) >= NEARLY_ALL]
        _keep(target, taken, table, found)


def _keep(target: str, columns: list[str], table: Table, found: dict[str, str]) -> None:
    if columns and target not in found:
        entries = [f"{literal(column)}: CAST({table.value(column)} AS VARCHAR)" for column in columns]
        found[target] = f"MAP {{{', '.join(entries)}}}"
