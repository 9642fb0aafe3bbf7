"""A step's query over only those input rows whose keys were touched."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

import duckdb

from duckmark.sqltext import identifier
from duckmark.sqltrees import nodes
from duckmark.steps import SqlStep

PART = rb'(?:"(?:[^"]|"")+"|[^\s"().,;]+)'
NAME = re.compile(rb"%b(?:\s*\.\s*%b)*" % (PART, PART))


def restricted_relation(relation: str, touched: str, key: tuple[str, ...]) -> str:
    """``relation``'s rows whose ``key`` columns stand in the relation ``touched``; NULL keys match NULL."""
    return (
        f"(SELECT whole.* FROM {relation} AS whole "
        f"WHERE EXISTS (SELECT 1 FROM {touched} AS touched WHERE {same_key(key)}))"
    )


def same_key(key: tuple[str, ...]) -> str:
    """The condition that rows of ``touched`` and ``whole`` have one key."""
    return " AND ".join(f"touched.{column} IS NOT DISTINCT FROM whole.{column}" for column in key)


def narrowed_query(
    con: duckdb.DuckDBPyConnection,
    step: SqlStep,
    columns: Mapping[str, Collection[str]],
    narrow: Callable[[str], str],
) -> str:
    """The body of ``step`` with ``narrow(input)`` in place of each input that has all of its key's columns.

    ``columns`` gives the columns of every relation. The text of the query is kept but for the relations' names.
    """
    body = step.body.encode()
    for named in sorted(named_in(con, step.body), reverse=True):
        if set(step.key) <= set(columns.get(named.relation, ())):
            replacement = narrow(named.relation) + ("" if named.has_alias else f" AS {identifier(named.table)}")
            body = body[: named.start] + replacement.encode() + body[named.end :]
    return body.decode()


class _Named(NamedTuple):
    """Where a query names a relation, in bytes of its text, and whether it gives it an alias."""

    start: int
    end: int
    relation: str
    table: str
    has_alias: bool


_known: dict[str, list[_Named]] = {}


def named_in(con: duckdb.DuckDBPyConnection, query: str) -> list[_Named]:
    """Where a query names relations. Each is parsed once: a refresh does so beside other work."""
    if query not in _known:
        _known[query] = list(_parsed(con, query))
    return _known[query]


def _parsed(con: duckdb.DuckDBPyConnection, query: str) -> Iterator[_Named]:
    text = query.encode()
    for node in nodes(con, query):
        if node.get("type") == "BASE_TABLE":
            schema, table = node["schema_name"], node["table_name"]
            start, end = NAME.match(text, node["query_location"]).span()
            yield _Named(start, end, f"{schema}.{table}" if schema else table, table, bool(node["alias"]))
