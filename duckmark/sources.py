"""What the file remembers of where it came from: its sources, and the settings that a refresh repeats."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from duckmark import __version__
from duckmark.collect import Source, content
from duckmark.errors import DatabaseError
from duckmark.sqlfiles import read_pipeline

TABLES = """
CREATE TABLE duckmark.sources (
    source_id BIGINT, role VARCHAR, description VARCHAR, layout VARCHAR, mapping VARCHAR, rows BIGINT,
    digest VARCHAR, loaded_at TIMESTAMP
);
CREATE TABLE duckmark.settings (name VARCHAR, value VARCHAR);
"""


def record_settings(con: duckdb.DuckDBPyConnection, **values: Mapping[str, Any]) -> None:
    """Make the tables of this module and store the settings of a build."""
    con.execute(TABLES)
    rows = [[name, json.dumps(value, sort_keys=True)] for name, value in {"version": __version__, **values}.items()]
    con.executemany("INSERT INTO duckmark.settings VALUES (?, ?)", rows)


def change_settings(con: duckdb.DuckDBPyConnection, **values: Mapping[str, Any]) -> None:
    """Store other values of settings."""
    for name, value in values.items():
        con.execute("UPDATE duckmark.settings SET value = ? WHERE name = ?", [json.dumps(value, sort_keys=True), name])


def settings(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The stored settings by name."""
    return {name: json.loads(value) for name, value in con.execute("FROM duckmark.settings").fetchall()}


def require_same_sql(
    con: duckdb.DuckDBPyConnection, path: Path, folder: str | Path | None, own: Mapping[str, str]
) -> None:
    """Raise DatabaseError where the analyst's SQL, of which ``own`` are the digests, is another than the file ``path``
    was built with: half of a table would come of the one, half of the other. Without a ``folder`` it is, where
    duckmark's own would take its place; what has names of its own is left alone."""
    at_build = settings(con).get("sql")
    if at_build is None:  # the build did not say
        return
    if folder:
        if other := {name for name, _ in at_build.items() ^ own.items()}:
            raise DatabaseError(
                f"{path}: built with other SQL than {folder} holds: {', '.join(sorted(other))}; give what it was "
                "built with, or build the file anew with this folder"
            )
    elif replaced := sorted(at_build.keys() & read_pipeline().keys()):
        raise DatabaseError(
            f"{path}: built with SQL in place of duckmark's own ({', '.join(replaced)}); give the folder again: "
            "--sql FOLDER, or sql= in Python"
        )


def record_sources(con: duckdb.DuckDBPyConnection, sources: list[Source], source_id: int) -> None:
    """Remember what was loaded; the digest is that of the events."""
    digest, _ = content(con)
    for source in sources:
        row = [
            source_id,
            source.role,
            source.description,
            source.layout,
            json.dumps(source.mapping, sort_keys=True),
            source.rows,
            digest if source.role == "events" else None,
        ]
        con.execute("INSERT INTO duckmark.sources VALUES (?, ?, ?, ?, ?, ?, ?, now()::TIMESTAMP)", row)


def next_source_id(con: duckdb.DuckDBPyConnection) -> int:
    """The number of the next load: its rows are numbered after those of every load before."""
    return con.execute("SELECT coalesce(max(source_id) + 1, 0) FROM duckmark.sources").fetchall()[0][0]
