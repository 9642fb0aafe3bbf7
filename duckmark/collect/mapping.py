"""Which column of a source is what: the user's overrides, then a known layout, then the columns' names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from duckmark.collect.layouts import catalogue, joined, recognise
from duckmark.collect.overrides import checked, columns_in, overrides_of
from duckmark.collect.ratings import as_stars
from duckmark.collect.reading import Table
from duckmark.collect.times import as_timestamp
from duckmark.errors import MappingError
from duckmark.sqltext import literal, loose

# The column that goes before a text: the headline of a review.
HEADLINE = "headline"
REQUIRED = {"events": "product_id", "products": "product_id", "users": "user_id"}


@dataclass(frozen=True)
class ColumnMap:
    """Target -> SQL expression over the source's columns, the layout it came from, and the columns left over.

    ``given`` holds, where a target is converted (a time from text), the expression before the conversion.
    """

    expressions: dict[str, str]
    layout: str | None
    unused: list[str]
    given: dict[str, str]


def map_columns(con: duckdb.DuckDBPyConnection, role: str, table: Table, mapping: Mapping[str, str]) -> ColumnMap:
    """Map a source. Raises MappingError where the required column is not found or an override is wrong."""
    chosen = overrides_of(role, mapping).items()
    overrides = {target: checked(con, role, target, sql, table) for target, sql in chosen}
    layout = recognise(con, role, table)
    found = {**(layout.mapping if layout else {}), **overrides}
    used = columns_in(con, found.values(), table) | (layout.used if layout else set())
    _by_name(role, table, found, used)
    _leftovers(role, table, found, used)
    found = {target: sql for target, sql in found.items() if sql.strip().upper() != "NULL"}
    _require(role, table, found)
    given = dict(found)
    _convert(con, table, found, overrides)
    used = columns_in(con, found.values(), table)
    unused = [name for name in table.columns if name not in used]
    return ColumnMap(found, layout.name if layout else None, unused, given)


def _by_name(role: str, table: Table, found: dict[str, str], used: set[str]) -> None:
    """Give each target that is still open the first column of a known name, and take that column."""
    names = catalogue()["names"][role]
    for target in [target for target in names if target not in found and target != HEADLINE]:
        if column := _first(names[target], table, used):
            used.add(column)
            headline = _first(names[HEADLINE], table, used) if target == "text" else None
            found[target] = joined(table, [headline, column]) if headline else table.value(column)
            used.add(headline or column)


def _first(names: list[str], table: Table, used: set[str]) -> str | None:
    free = {loose(column): column for column in reversed(table.columns) if column not in used}
    return next((free[loose(name)] for name in names if loose(name) in free), None)


def _leftovers(role: str, table: Table, found: dict[str, str], used: set[str]) -> None:
    """Keep what nothing else took: of a catalogue everything, of events what plainly describes someone."""
    free = [column for column in table.columns if column not in used]
    if role != "events":
        _keep("attributes", free, table, found)
        return
    for target, rule in catalogue()["attributes"].items():
        names, prefixes = {loose(name) for name in rule["names"]}, tuple(rule["prefixes"])
        taken = [column for column in free if loose(column) in names or loose(column).startswith(prefixes)]
        free = [column for column in free if column not in taken]
        _keep(target, taken, table, found)


def _keep(target: str, columns: list[str], table: Table, found: dict[str, str]) -> None:
    if columns and target not in found:
        entries = [f"{literal(column)}: CAST({table.value(column)} AS VARCHAR)" for column in columns]
        found[target] = f"MAP {{{', '.join(entries)}}}"


def _convert(con: duckdb.DuckDBPyConnection, table: Table, found: dict[str, str], overrides: Mapping[str, str]) -> None:
    """Choose the format of the times and the scale of the ratings, and write them into the expressions."""
    if "rating" in found:
        found["rating"] = as_stars(con, table.name, found["rating"])
    if "at" in found:
        expression = as_timestamp(con, table.name, found.pop("at"))
        if expression:
            found["at"] = expression
        elif "at" in overrides:
            raise MappingError(
                f"mapping events.at = {overrides['at']}: no value of it can be read as a time. Give an "
                "expression that yields one, for example strptime(day, '%d/%m/%Y')."
            )


def _require(role: str, table: Table, found: dict[str, str]) -> None:
    target = REQUIRED[role]
    if target not in found:
        raise MappingError(
            f"{role}: {table.description} has no column that is plainly the {target}. Its columns: "
            f"{', '.join(table.columns)}. Name the right one: --map {role}.{target}=COLUMN "
            f'(in Python: mapping={{"{role}.{target}": "COLUMN"}}).'
        )
