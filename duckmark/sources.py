"""What the file remembers of where it came from: its sources, and the settings that a refresh repeats."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import duckdb

from duckmark import __version__
from duckmark.collect import Source, content

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
