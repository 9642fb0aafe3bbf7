"""What to do where purchases are dropped for their prices."""

from __future__ import annotations

import duckdb

NEARLY_ALL = 0.9  # of the purchases: not a shop's bad debts any more


def advice_on_prices(con: duckdb.DuckDBPyConnection) -> str | None:
    """How to keep purchases of what is free, where all or nearly all purchases have a price that is not positive."""
    unpaid, purchases = con.execute("""
        SELECT count(*) FILTER (WHERE price <= 0), count(*) FROM duckmark.raw_events WHERE kind = 'purchase'
    """).fetchone()
    if unpaid == 0 or unpaid < NEARLY_ALL * purchases:
        return None
    return (
        f"Of {purchases:,} purchases {unpaid:,} have a price that is not positive. If things are free, leave the price "
        'out: --map price=NULL (where only some are: --map price="nullif(COLUMN, 0)"), and where no column says what '
        "a row is: --map kind=\"'purchase'\"."
    )
