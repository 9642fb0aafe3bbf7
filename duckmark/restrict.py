"""A step's query over only those input rows whose keys were touched."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import sqlglot
from sqlglot import exp

from duckmark.steps import SqlStep


def restricted_relation(relation: str, touched: str, key: tuple[str, ...]) -> str:
    """``relation``'s rows whose ``key`` columns stand in the relation ``touched``; NULL keys match NULL."""
    return (
        f"(SELECT whole.* FROM {relation} AS whole "
        f"WHERE EXISTS (SELECT 1 FROM {touched} AS touched WHERE {same_key(key)}))"
    )


def same_key(key: tuple[str, ...]) -> str:
    """The condition that rows of ``touched`` and ``whole`` have one key."""
    return " AND ".join(f"touched.{column} IS NOT DISTINCT FROM whole.{column}" for column in key)


def restricted_query(step: SqlStep, columns: Mapping[str, Collection[str]], touched: str) -> str:
    """The body of ``step`` with each input that has all of its key's columns restricted to ``touched`` keys.

    ``columns`` gives the columns of every relation. The text of the query is kept but for the relations' names.
    """
    return narrowed_query(step, columns, lambda relation: restricted_relation(relation, touched, step.key))


def narrowed_query(step: SqlStep, columns: Mapping[str, Collection[str]], narrow: Callable[[str], str]) -> str:
    """The body of ``step`` with ``narrow(input)`` in place of each input that has all of its key's columns."""
    body = step.body
    tables = [t for t in sqlglot.parse_one(body, dialect="duckdb").find_all(exp.Table) if _is_keyed(t, step, columns)]
    for table in sorted(tables, key=lambda t: t.this.meta["start"], reverse=True):
        start = (table.args.get("db") or table.this).meta["start"]
        replacement = narrow(_name(table))
        if not table.alias:
            replacement += f" AS {table.name}"
        body = body[:start] + replacement + body[table.this.meta["end"] + 1 :]
    return body


def _is_keyed(table: exp.Table, step: SqlStep, columns: Mapping[str, Collection[str]]) -> bool:
    return set(step.key) <= set(columns.get(_name(table), ()))


def _name(table: exp.Table) -> str:
    return f"{table.db}.{table.name}" if table.db else table.name
