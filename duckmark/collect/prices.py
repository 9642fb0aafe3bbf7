"""What to do where purchases are dropped for their prices."""

from __future__ import annotations

import duckdb

from duckmark.sqltext import identifier, typed
from duckmark.sqltrees import nodes

NEARLY_ALL = 0.9  # of the purchases: not a shop's bad debts any more


def advice_on_prices(con: duckdb.DuckDBPyConnection, price: str | None = None) -> str | None:
    """How to keep purchases of what is free, or is booked as money spent, where all or nearly all purchases have a
    price that is not positive; ``price`` is SQL for what it was read from."""
    unpaid, negative, purchases = con.execute("""
        SELECT count(*) FILTER (WHERE price <= 0), count(*) FILTER (WHERE price < 0), count(*)
        FROM duckmark.raw_events
        WHERE kind = 'purchase'
    """).fetchone()
    if unpaid == 0 or unpaid < NEARLY_ALL * purchases:
        return None
    found = f"Of {purchases:,} purchases {unpaid:,} have a price that is not positive. "
    if negative > unpaid / 2:
        column = _column(con, price)
        return f'{found}If they are amounts spent, turn their sign: --map price="-{column}".'
    return (
        f"{found}If things are free, leave the price out: "
        '--map price=NULL (where only some are: --map price="nullif(COLUMN, 0)"), and where no column says what '
        "a row is: --map kind=\"'purchase'\"."
    )


def _column(con: duckdb.DuckDBPyConnection, price: str | None) -> str:
    """The one column that an expression reads, as one types it within double quotes of the shell's."""
    read = {name for node in nodes(con, f"SELECT {price}") for name in node.get("column_names", ())} if price else set()
    return typed(identifier(read.pop() if len(read) == 1 else "COLUMN"))
