"""The mapping a user gives, `{"events.rating": "stars * 2", "at": "day"}`, checked before it is used."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

import duckdb

from duckmark.collect.reading import Table
from duckmark.errors import MappingError
from duckmark.sqltext import identifier
from duckmark.sqltrees import nodes

TARGETS = {
    "events": (
        "user_id", "product_id", "kind", "rating", "text", "quantity", "price", "at", "channel", "order_id",
        "title", "description", "category", "user_attributes", "product_attributes",
    ),
    "products": ("product_id", "title", "description", "category", "price", "attributes"),
    "users": ("user_id", "attributes"),
}  # fmt: skip


def overrides_of(role: str, mapping: Mapping[str, str]) -> dict[str, str]:
    """The part of a mapping that concerns one role; a bare target means events.

    Raises MappingError where it names something that is not a target.
    """
    chosen = {}
    for name, expression in mapping.items():
        where, _, target = name.rpartition(".")
        where = where or "events"
        if target not in TARGETS.get(where, ()):
            raise MappingError(_unknown_target(name))
        if where == role:
            chosen[target] = str(expression)
    return chosen


def checked(con: duckdb.DuckDBPyConnection, role: str, target: str, expression: str, table: Table) -> str:
    """An override that DuckDB can evaluate over the source. Raises MappingError where it cannot."""
    for name in table.columns:
        if name.casefold() == expression.strip().casefold():
            return table.value(name)
    try:
        return _bound(con, expression, table)
    except duckdb.Error as error:
        raise MappingError(_explained(f"{role}.{target} = {expression}", str(error), table)) from None


def readable(con: duckdb.DuckDBPyConnection, expression: str, table: Table) -> str | None:
    """An expression as DuckDB can evaluate it over the source; None where that has not the columns that it is made of,
    or has others than it takes them for."""
    try:
        return _bound(con, expression, table)
    except duckdb.Error:
        return None


def _bound(con: duckdb.DuckDBPyConnection, expression: str, table: Table) -> str:
    """The expression, its columns read as numbers where it reckons with texts. Raises duckdb.Error."""
    try:
        _bind(con, expression, table)
        return expression
    except duckdb.BinderException as error:
        if "No function matches" not in str(error):
            raise
    from duckmark.collect.numbers import as_numbers  # and with it sqlglot, which is rarely needed

    _bind(con, attempt := as_numbers(con, table, expression), table)
    return attempt


def _bind(con: duckdb.DuckDBPyConnection, expression: str, table: Table) -> None:
    # Parsed by itself first, so that it cannot close the parenthesis it is put into and go on.
    if len(con.extract_statements(f"SELECT {expression}")) != 1:
        raise duckdb.ParserException("Parser Error: more than one statement.")
    # Beside a column, so that a sum or count over all rows is refused.
    con.execute(f"SELECT {identifier(next(iter(table.columns)))}, (\n{expression}\n) FROM {table.name} LIMIT 0")


def columns_in(con: duckdb.DuckDBPyConnection, expressions: Iterable[str], table: Table) -> set[str]:
    """The source's columns that expressions read."""
    known = {name.casefold(): name for name in table.columns}
    listed = ", ".join(f"({expression}\n)" for expression in expressions)
    named = {name.casefold() for node in nodes(con, f"SELECT {listed}") for name in node.get("column_names", ())}
    return {known[name] for name in named & known.keys()}


def _unknown_target(name: str) -> str:
    known = [f"{role}.{target}" for role, targets in TARGETS.items() for target in targets]
    full = name if "." in name else f"events.{name}"
    close = difflib.get_close_matches(full, known, 1)
    hint = f" Did you mean {close[0]}?" if close else ""
    return f"mapping: '{name}' is not something to map.{hint} Targets: {', '.join(known)}."


def _explained(what: str, failure: str, table: Table) -> str:
    columns = ", ".join(table.columns)
    if missing := re.search(r'Referenced column "(.+?)" not found', failure):
        hint = _closest(missing[1], table)
        return f"mapping {what}: {table.description} has no column {missing[1]}.{hint} It has: {columns}."
    reason = re.sub(r"^[\w ]+ Error: ", "", failure.split("\n")[0])
    return f"mapping {what}: {reason} Give a SQL expression over the columns of the source: {columns}."


def _closest(missing: str, table: Table) -> str:
    names = {name.casefold(): name for name in table.columns}
    close = difflib.get_close_matches(missing.casefold(), names, 1)
    return f" Did you mean {names[close[0]]}?" if close else ""
