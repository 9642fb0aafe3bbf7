"""What ``source_events`` holds, as one number that does not depend on the order of the rows."""

from __future__ import annotations

from typing import NamedTuple

import duckdb

from duckmark.collect.views import MAP, TYPES
from duckmark.sqltext import identifier


class Content(NamedTuple):
    """A content digest (hexadecimal) and the number of rows it stands for."""

    digest: str
    rows: int


def content(con: duckdb.DuckDBPyConnection) -> Content:
    """The digest of ``source_events``: the sum over rows of the lower half of the md5 of their values.

    A sum, so that order does not matter but repeated rows do; md5, so that every DuckDB version agrees.
    """
    texts = ", ".join(f"coalesce({_text(name, type_)}, chr(30))" for name, type_ in TYPES["events"].items())
    query = f"SELECT sum(md5_number_lower(concat_ws(chr(31), {texts}))), count(*) FROM source_events"
    total, rows = con.execute(query).fetchone()
    return Content(f"{int(total or 0):x}", rows)


def _text(name: str, type_: str) -> str:
    # The text of a MAP differs between DuckDB versions; of its entries it does not.
    name = identifier(name)
    entries = f"list_transform(map_entries({name}), lambda entry: concat(entry.key, chr(29), entry.value))"
    return f"array_to_string({entries}, chr(29))" if type_ == MAP else f"CAST({name} AS VARCHAR)"
