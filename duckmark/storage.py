"""How the file is stored: its format, the size of its row groups, and tables compressed as their steps say."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from operator import attrgetter

import duckdb

from duckmark.sqltext import literal
from duckmark.steps import SqlStep, Step, sql_kind

# The oldest format that holds what we store, which DuckDB 1.1 and later read; row groups so small that to look up a
# row, of which the whole group is read, takes no time; and no log, as what a killed build leaves is thrown away.
ROW_GROUP = 16_384
STORAGE = f"STORAGE_VERSION 'v1.0.0', ROW_GROUP_SIZE {ROW_GROUP}, RECOVERY_MODE 'NO_WAL_WRITES'"
COMPRESSION = attrgetter("compression")


@contextmanager
def compressed(con: duckdb.DuckDBPyConnection, step: Step) -> Iterator[None]:
    """Compress what is written as the step says, where it says so."""
    if not step.compression:
        yield
        return
    con.execute(f"SET force_compression = {literal(step.compression)}")
    try:
        yield
    finally:
        con.execute("RESET force_compression")


def describe(con: duckdb.DuckDBPyConnection, step: SqlStep) -> None:
    """Comment on what a step made with its first comment."""
    con.execute(f"COMMENT ON {sql_kind(step.kind)} {step.name} IS {literal(step.summary)}")


def compress(con: duckdb.DuckDBPyConnection, steps: Iterable[Step]) -> None:
    """Write the tables of ``steps`` that are smaller than a row group as these say, once all else is written as DuckDB
    chooses: it does so by itself only with larger ones, while they are made."""
    told = (step for step in steps if isinstance(step, SqlStep) and step.compression)
    small = sorted((step for step in told if rows(con, step.name) < ROW_GROUP), key=COMPRESSION)
    if not small:
        return
    for step in small:  # set aside meanwhile, so that they are written but once
        con.execute(f"CREATE TEMP TABLE {_aside(step)} AS FROM {step.name}; DROP TABLE {step.name}")
    con.execute("CHECKPOINT")
    for compression, alike in itertools.groupby(small, COMPRESSION):
        for step in alike:
            con.execute(f"CREATE TABLE {step.name} AS FROM {_aside(step)}; DROP TABLE {_aside(step)}")
            describe(con, step)
        con.execute(f"SET force_compression = {literal(compression)}; CHECKPOINT; RESET force_compression")


def _aside(step: SqlStep) -> str:
    return f"temp._dm_{step.name.rpartition('.')[2]}"


def is_large(con: duckdb.DuckDBPyConnection, step: SqlStep) -> bool:
    """Whether a step's table fills a row group, or soon will, so that some of it is compressed while it is made."""
    return rows(con, step.name) >= ROW_GROUP // 2


def rows(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    """How many rows a relation of the pipeline has."""
    return con.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0]
