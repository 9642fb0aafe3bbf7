"""What ``source_events`` holds, as one number that does not depend on the order of the rows."""

from __future__ import annotations

from typing import NamedTuple

import duckdb

from duckmark.collect.views import MAP, TYPES
from duckmark.sqltext import identifier


class Content(NamedTuple):
    """A content digest and the number of rows it stands for."""

    digest: str
    rows: int


def content(con: duckdb.DuckDBPyConnection) -> Content:
    """The digest of ``source_events``: DuckDB's version, and the sum over rows of the hash of their values.

    A sum, so that order does not matter but repeated rows do. Another version of DuckDB may hash otherwise, so its
    digests are told apart; a load that is not recognised for that is found to be all duplicates, row by row.
    """
    values = ", ".join(_value(name, type_) for name, type_ in TYPES["events"].items())
    query = f"SELECT sum(CAST(hash({values}) AS HUGEINT)), count(*) FROM source_events"
    total, rows = con.execute(query).fetchone()
    return Content(f"{duckdb.__version__} {int(total or 0):x}", rows)


def _value(name: str, type_: str) -> str:
    # Two maps with the same entries are one whatever these are called inside.
    name = identifier(name)
    return f"CAST(map_entries({name}) AS VARCHAR)" if type_ == MAP else name
