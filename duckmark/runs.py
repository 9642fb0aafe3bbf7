"""What a file says of how it was made: its steps in `duckmark.pipeline`, its models in `duckmark.model_runs`."""

from __future__ import annotations

import json
from collections.abc import Mapping

import duckdb

from duckmark.steps import Model, Step, Trained

TABLES = """
CREATE TABLE duckmark.pipeline (
    name VARCHAR, kind VARCHAR, stage VARCHAR, file VARCHAR, summary VARCHAR, reads VARCHAR[], seconds DOUBLE
);
CREATE TABLE duckmark.model_runs (
    model VARCHAR, kind VARCHAR, status VARCHAR, reason VARCHAR, options VARCHAR, rows BIGINT, data_digest VARCHAR,
    trained_at TIMESTAMP, seconds DOUBLE, metrics VARCHAR
);
"""


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables."""
    con.execute(TABLES)


def copy_model(con: duckdb.DuckDBPyConnection, database: str, name: str) -> None:
    """Say of a model what another database says of it."""
    con.execute(f"INSERT INTO duckmark.model_runs FROM {database}.duckmark.model_runs WHERE model = ?", [name])


def confirm(con: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Say in `models` that what a model left behind is true of the data as they are now."""
    con.execute("UPDATE duckmark.model_runs SET data_digest = ? WHERE model = ?", [_data_digest(con), model.name])


def record_model(
    con: duckdb.DuckDBPyConnection,
    name: str,
    kind: str,
    status: str,
    reason: str | None,
    trained: Trained,
    seconds: float,
) -> None:
    """Say in `models` what came of a model, in place of what was said before."""
    options, metrics = (json.dumps(dict(part), sort_keys=True) for part in (trained.options, trained.metrics))
    row = [name, kind, status, reason, options, trained.rows, _data_digest(con), seconds, metrics]
    con.execute("DELETE FROM duckmark.model_runs WHERE model = ?", [name])
    con.execute("INSERT INTO duckmark.model_runs VALUES (?, ?, ?, ?, ?, ?, ?, now()::TIMESTAMP, ?, ?)", row)


def _data_digest(con: duckdb.DuckDBPyConnection) -> str | None:
    """What tells one state of the shop's data from another: the digests of all events loaded so far."""
    query = "SELECT md5(string_agg(digest, ' ' ORDER BY source_id)) FROM duckmark.sources WHERE role = 'events'"
    return con.execute(query).fetchall()[0][0]


def record_step(con: duckdb.DuckDBPyConnection, step: Step, needs: Mapping[str, set[str]], seconds: float) -> None:
    """Say what a step made, and what that is made of."""
    for name in step.writes:
        row = [name, step.kind, step.stage, step.where, step.summary, sorted(needs[name]), seconds / len(step.writes)]
        con.execute("INSERT INTO duckmark.pipeline VALUES (?, ?, ?, ?, ?, ?, ?)", row)
