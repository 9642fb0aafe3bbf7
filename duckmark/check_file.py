"""Run in a process of its own: does a finished file answer without duckmark? Says on stderr what does not."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import duckdb

ARGUMENTS = {
    "for_user": "(SELECT max(user_id) FROM duckmark.users)",
    "for_product": "(SELECT max(product_id) FROM duckmark.products)",
    "basket": "(SELECT [max(product_id)] FROM duckmark.products)",
    "query": "'a'",
}
OPTIONAL = {"k", "diversity", "damping"}


class Stored(NamedTuple):
    """A view or macro of the file."""

    name: str
    schema: str
    kind: str
    parameters: list[str]
    text: str


def stored(con: duckdb.DuckDBPyConnection) -> list[Stored]:
    """All views and macros of the file, in one pass: to list functions takes DuckDB a while."""
    rows = con.execute(
        """
        SELECT view_name, schema_name, 'view', [], sql FROM duckdb_views() WHERE NOT internal
        UNION ALL
        SELECT function_name, schema_name, function_type, parameters, coalesce(macro_definition, '')
        FROM duckdb_functions() WHERE NOT internal
        """
    ).fetchall()
    return [Stored(*row) for row in rows]


def checks(found: list[Stored], examples: dict[str, str], names: Collection[str] | None = None) -> list[str]:
    """A SELECT for every public view and table macro that was ``found``, and for each function its example; of all
    these only those that have one of the ``names``, unless it is None."""
    public = [one for one in found if one.schema == "main"]
    selects = {one.name: f'SELECT count(COLUMNS(*)) FROM "{one.name}"' for one in public if one.kind == "view"}
    for macro in public:
        if macro.kind == "table_macro" and set(macro.parameters) <= ARGUMENTS.keys() | OPTIONAL:
            arguments = ", ".join(ARGUMENTS[name] for name in macro.parameters if name in ARGUMENTS)
            selects[macro.name] = f'SELECT count(COLUMNS(*)) FROM "{macro.name}"({arguments})'
    selects |= {name: f"SELECT {example}" for name, example in examples.items()}
    return [select for name, select in selects.items() if names is None or name in names]


def faults(
    con: duckdb.DuckDBPyConnection, path: str, examples: dict[str, str], names: Collection[str] | None = None
) -> list[str]:
    """What of the file at ``path`` does not answer in a new connection, and what holds a private function. Most of a
    query's time is its planning, on one thread: so queries stand side by side."""
    quoted = "'" + path.replace("'", "''") + "'"
    con.execute(f"ATTACH {quoted} AS checked (READ_ONLY); USE checked")
    found = stored(con)
    with ThreadPoolExecutor() as threads:
        broken = [fault for fault in threads.map(partial(_fault, con), checks(found, examples, names)) if fault]
    return broken + [f"{one.name}: stored with a private function in it" for one in found if "_dm_" in one.text]


def _fault(con: duckdb.DuckDBPyConnection, select: str) -> str | None:
    try:
        with con.cursor() as cursor:
            cursor.execute("USE checked")
            cursor.execute(select).fetchall()
    except duckdb.Error as error:
        return f"{select}: {error}"
    return None


if __name__ == "__main__":
    con = duckdb.connect()  # before it is told of a file: to make an instance takes as long as to ask
    problems = faults(con, **json.load(sys.stdin))
    print(*problems, sep="\n", file=sys.stderr, flush=True)
    os._exit(bool(problems))  # to take DuckDB and Python down in order takes as long as to ask, and leaves nothing
