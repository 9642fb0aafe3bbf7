"""The temporary views ``source_events``, ``source_products``, ``source_users``: all that the SQL sees."""

from __future__ import annotations

import duckdb

from duckmark.collect.mapping import ColumnMap
from duckmark.collect.reading import Table
from duckmark.sqltext import written

MAP = "MAP(VARCHAR, VARCHAR)"
# AT is a reserved word of DuckDB 2.0, so the column of the target `at` has another name.
COLUMNS = {"at": "happened_at"}
# What a column is where the source has none; a column it has keeps the type it has there.
TYPES = {
    "events": {
        "user_id": "VARCHAR",
        "product_id": "VARCHAR",
        "kind": "VARCHAR",
        "rating": "DOUBLE",
        "text": "VARCHAR",
        "quantity": "DECIMAL(18, 3)",
        "price": "DECIMAL(18, 4)",
        "happened_at": "TIMESTAMP",
        "channel": "VARCHAR",
        "order_id": "VARCHAR",
        "title": "VARCHAR",
        "description": "VARCHAR",
        "category": "VARCHAR",
        "user_attributes": MAP,
        "product_attributes": MAP,
    },
    "products": {
        "product_id": "VARCHAR",
        "title": "VARCHAR",
        "description": "VARCHAR",
        "category": "VARCHAR",
        "price": "DECIMAL(18, 4)",
        "attributes": MAP,
    },
    "users": {"user_id": "VARCHAR", "attributes": MAP},
}


def write_view(
    con: duckdb.DuckDBPyConnection, role: str, table: Table | None, columns: ColumnMap | None, source_id: int
) -> None:
    """Create ``source_<role>``; without a source, as a view of no rows with the same columns."""
    mapped = columns.expressions if columns else {}
    expressions = {COLUMNS.get(target, target): sql for target, sql in mapped.items()}
    row_number = table.row_number if table else 0
    selected = [f"CAST({source_id} AS BIGINT) AS source_id", f"CAST({row_number} AS BIGINT) AS source_row"]
    if role == "events":
        selected += _about_values(columns)
    selected += [f"{_typed(expressions.get(name), type_)} AS {name}" for name, type_ in TYPES[role].items()]
    rows = f"FROM {table.name}" if table else "WHERE false"
    con.execute(f"CREATE OR REPLACE TEMP VIEW source_{role} AS SELECT {', '.join(selected)} {rows}")


def _about_values(columns: ColumnMap | None) -> list[str]:
    """Whether the source names customers at all, and whether a time was written; one that was read needs no second
    look, which takes ten times as long."""
    expressions = columns.expressions if columns else {}
    named, given = "user_id" in expressions, "false"
    if "at" in expressions:
        text = written(f"({columns.time_written}\n)")
        given = f"CASE WHEN ({expressions['at']}\n) IS NULL THEN {text} IS NOT NULL ELSE true END"
    return [f"{str(named).lower()} AS user_expected", f"{given} AS time_given"]


def _typed(expression: str | None, type_: str) -> str:
    if expression is None:
        return f"CAST(NULL AS {type_})"
    return f"CAST(({expression}\n) AS {MAP})" if type_ == MAP else f"({expression}\n)"
