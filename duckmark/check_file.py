"""Run in a process of its own: does a finished file answer without duckmark? Says on stderr what does not."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import duckdb

ARGUMENTS = {
    "for_user": "(SELECT max(user_id) FROM duckmark.users)",
    "for_product": "(SELECT max(product_id) FROM duckmark.products)",
    "query": "'a'",
}


def checks(con: duckdb.DuckDBPyConnection, examples: dict[str, str], names: Collection[str] | None = None) -> list[str]:
    """A SELECT for every public view and table macro of the file, and for each function its example; of all these only
    those that have one of the ``names``, unless it is None."""
    views = con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal AND schema_name = 'main'").fetchall()
    macros = con.execute(
        "SELECT function_name, parameters FROM duckdb_functions() "
        "WHERE function_type = 'table_macro' AND NOT internal AND schema_name = 'main'"
    ).fetchall()
    selects = {view: f'SELECT count(COLUMNS(*)) FROM "{view}"' for (view,) in views}
    for macro, parameters in macros:
        if set(parameters) <= {*ARGUMENTS, "k"}:
            arguments = ", ".join(ARGUMENTS[p] for p in parameters if p in ARGUMENTS)
            selects[macro] = f'SELECT count(COLUMNS(*)) FROM "{macro}"({arguments})'
    selects |= {name: f"SELECT {example}" for name, example in examples.items()}
    return [select for name, select in selects.items() if names is None or name in names]


def faults(path: str, examples: dict[str, str], names: Collection[str] | None = None) -> list[str]:
    """What does not answer, and what holds a private function. Most of a query's time is its planning, on one thread:
    so queries stand side by side."""
    with duckdb.connect(path, read_only=True) as con, ThreadPoolExecutor() as threads:
        found = [fault for fault in threads.map(partial(_fault, con), checks(con, examples, names)) if fault]
        stored = con.execute(
            "SELECT view_name FROM duckdb_views() WHERE NOT internal AND contains(sql, '_dm_') UNION ALL "
            "SELECT function_name FROM duckdb_functions() WHERE NOT internal AND contains(macro_definition, '_dm_')"
        ).fetchall()
    return found + [f"{name}: stored with a private function in it" for (name,) in stored]


def _fault(con: duckdb.DuckDBPyConnection, select: str) -> str | None:
    try:
        with con.cursor() as cursor:
            cursor.execute(select).fetchall()
    except duckdb.Error as error:
        return f"{select}: {error}"
    return None


if __name__ == "__main__":
    problems = faults(**json.load(sys.stdin))
    sys.exit("\n".join(problems) or None)
