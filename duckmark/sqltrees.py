"""The syntax tree of a query, as DuckDB itself reads it: sqlglot takes twice as long, and its import too."""

from __future__ import annotations

import json
from typing import Any

import duckdb


def nodes(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    """The nodes of the tree of a SELECT, inner ones first, as `json_serialize_sql` gives them."""
    found: list[dict[str, Any]] = []
    tree = con.execute("SELECT json_serialize_sql($1)", [query]).fetchall()[0][0]
    json.loads(tree, object_hook=lambda node: found.append(node) or node)
    return found
