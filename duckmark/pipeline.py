"""Runs the pipeline's steps in a database, and keeps account of what it ran."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import duckdb
import pyarrow as pa

from duckmark.errors import PipelineError
from duckmark.steps import Model, Skipped, SqlStep, Step, Trained

Progress = Callable[[Step], None]

CATALOGUE = """
CREATE TABLE duckmark.pipeline (
    name VARCHAR, kind VARCHAR, stage VARCHAR, file VARCHAR, summary VARCHAR, reads VARCHAR[], seconds DOUBLE
);
CREATE TABLE duckmark.model_runs (
    model VARCHAR, kind VARCHAR, status VARCHAR, reason VARCHAR, options VARCHAR, rows BIGINT, data_digest VARCHAR,
    trained_at TIMESTAMP, seconds DOUBLE, metrics VARCHAR
);
"""


def run(
    con: duckdb.DuckDBPyConnection,
    steps: list[Step],
    needs: Mapping[str, set[str]],
    options: Mapping[str, Any],
    progress: Progress = lambda step: None,
) -> None:
    """Run ``steps`` in order in the current database, whose schema ``duckmark`` holds the given tables.

    Raises PipelineError, beginning with file and line, where a step's SQL does not run.
    """
    con.execute(CATALOGUE)
    for step in steps:
        started = time.perf_counter()
        if isinstance(step, SqlStep):
            create(con, step)
        else:
            train(con, step, options)
        _record(con, step, needs, time.perf_counter() - started)
        progress(step)


def create(con: duckdb.DuckDBPyConnection, step: SqlStep) -> None:
    """Make the table, view or macro of a step, with its first comment as its description."""
    kind = "VIEW" if step.kind == "view" else "TABLE" if step.kind == "table" else "MACRO"
    execute(con, step, step.statement)
    if kind == "MACRO" and step.kind == "table macro":
        kind = "MACRO TABLE"
    con.execute(f"COMMENT ON {kind} {step.name} IS {quoted(step.summary)}")


def execute(con: duckdb.DuckDBPyConnection, step: SqlStep, statement: str) -> None:
    """Run SQL of a step. Raises PipelineError with the step's file and line where DuckDB refuses it."""
    try:
        con.execute(statement)
    except duckdb.Error as error:
        raise PipelineError(f"{step.where}: {step.name}: {error}") from error


def quoted(text: str) -> str:
    """A SQL string literal, for statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"


def train(con: duckdb.DuckDBPyConnection, model: Model, options: Mapping[str, Any]) -> None:
    """Train a model into its tables, or leave them empty and say why it was skipped."""
    for table, columns in model.writes.items():
        con.execute(f"CREATE TABLE {table} ({columns})")
    started = time.perf_counter()
    status, reason, trained = "trained", None, Trained({}, 0)
    try:
        trained = model.train(con, {name: name for name in model.reads}, options)
    except Skipped as skipped:
        status, reason = "skipped", str(skipped)
    for table, rows in trained.tables.items():
        append(con, table, rows)
    con.execute(
        "INSERT INTO duckmark.model_runs VALUES (?, ?, ?, ?, ?, ?, ?, now()::TIMESTAMP, ?, ?)",
        [
            model.name,
            model.kind,
            status,
            reason,
            json.dumps(dict(trained.options), sort_keys=True),
            trained.rows,
            digest(con, model.reads),
            time.perf_counter() - started,
            json.dumps(dict(trained.metrics), sort_keys=True),
        ],
    )


def append(con: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    """Add the rows of an Arrow table whose columns bear the names of the table's."""
    con.register("_dm_rows", rows)
    try:
        con.execute(f"INSERT INTO {table} BY NAME FROM _dm_rows")
    finally:
        con.unregister("_dm_rows")


def digest(con: duckdb.DuckDBPyConnection, relations: tuple[str, ...]) -> str:
    """A digest of what some relations hold, whatever the order of their rows."""
    sums = [
        con.execute(f"SELECT count(*), sum(md5_number_lower(r::VARCHAR)::HUGEINT) FROM {relation} AS r").fetchall()[0]
        for relation in relations
    ]
    return hashlib.md5(repr(sums).encode(), usedforsecurity=False).hexdigest()


def _record(con: duckdb.DuckDBPyConnection, step: Step, needs: Mapping[str, set[str]], seconds: float) -> None:
    for name in step.writes:
        file = f"{step.path}:{step.line}" if isinstance(step, SqlStep) else step.where
        row = [name, step.kind, step.stage, file, step.summary, sorted(needs[name]), seconds]
        con.execute("INSERT INTO duckmark.pipeline VALUES (?, ?, ?, ?, ?, ?, ?)", row)
