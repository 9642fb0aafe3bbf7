"""How the file is stored: its format, how large its row groups and blocks are, and tables compressed as steps say."""

from __future__ import annotations

import re

import duckdb

from duckmark.sqltext import identifier, literal
from duckmark.steps import SqlStep, sql_kind

# The oldest format that holds what we store, which DuckDB 1.1 and later read; row groups so small that to look up a
# row, of which the whole group is read, takes no time; and no log, as what a killed build leaves is thrown away.
ROW_GROUP = 16_384
# This compression saves a tenth of the size of vectors, and to read them then takes longer than to multiply them; for a
# table's arrays none can be told.
# To look up a row, about a block a column is read: smaller ones than DuckDB's usual 256 KiB take less time, and less
# space where tables are small. A file that exists keeps the size it was made with.
BLOCK = 65_536
SETTINGS = f"SET disabled_compression_methods = 'alprd'; SET default_block_size = {BLOCK}"
MERGED_EVERY = 8  # loads
STORAGE = f"STORAGE_VERSION 'v1.0.0', ROW_GROUP_SIZE {ROW_GROUP}, RECOVERY_MODE 'NO_WAL_WRITES'"


def compressed(con: duckdb.DuckDBPyConnection, table: str, compression: str | None) -> None:
    """Have the columns of an empty table compressed as told, where it is, whatever is written into it and whenever;
    ``dictionary`` is for its text alone, and arrays cannot be told (`SETTINGS`)."""
    if not compression:
        return
    columns = []
    for name, kind, *_ in con.execute(f"DESCRIBE {table}").fetchall():
        is_told = kind == "VARCHAR" if compression == "dictionary" else not re.search(r"\[\d+\]$", kind)
        columns.append(f"{identifier(name)} {kind}" + (f" USING COMPRESSION {compression}" if is_told else ""))
    con.execute(f"CREATE OR REPLACE TABLE {table} ({', '.join(columns)})")


def describe(con: duckdb.DuckDBPyConnection, step: SqlStep) -> None:
    """Comment on what a step made with its first comment."""
    con.execute(f"COMMENT ON {sql_kind(step.kind)} {step.name} IS {literal(step.summary)}")


def rows(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    """How many rows a relation of the pipeline has."""
    return con.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0]


def keep_gaps(con: duckdb.DuckDBPyConnection) -> None:
    """Have row groups written out with the gaps that deleted rows left, but those that hold none any more.

    To merge what is left of them into fewer takes as long as to write all that is new, and is worth it once in
    `MERGED_EVERY` loads: users whose turn it is stand together, and leave few gaps.
    """
    con.execute("SET max_vacuum_tasks = 0")
