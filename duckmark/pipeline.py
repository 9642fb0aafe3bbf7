"""Runs the pipeline's steps in a database."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import duckdb
import pyarrow as pa

from duckmark import runs, storage
from duckmark.collect import Source
from duckmark.errors import PipelineError
from duckmark.memory import events_at_once
from duckmark.models.some_users import user_ranges
from duckmark.restrict import narrowed_query
from duckmark.sqltext import identifier, literal
from duckmark.steps import Model, Skipped, SqlStep, Step, Trained, sql_kind


class Reporter:
    """Hears how a build or refresh goes; this one keeps silent."""

    def sources(self, sources: list[Source]) -> None:
        """The sources were read, and this is how."""

    def begin(self, steps: list[Step]) -> None:
        """These steps will be run."""

    def done(self, step: Step) -> None:
        """A step was run."""


SILENT = Reporter()


def run(
    con: duckdb.DuckDBPyConnection,
    steps: list[Step],
    needs: Mapping[str, set[str]],
    options: Mapping[str, Any],
    reporter: Reporter = SILENT,
    kept: str | None = None,
) -> None:
    """Run ``steps`` in order in the current database, whose schema ``duckmark`` holds the given tables.

    Trained models are taken from the attached database ``kept``, where one is named that holds them.
    Raises PipelineError, beginning with file and line, where a step's SQL does not run.
    """
    begin(con, steps, reporter)
    proceed(con, steps, needs, options, reporter, kept)


def begin(con: duckdb.DuckDBPyConnection, steps: list[Step], reporter: Reporter = SILENT) -> None:
    """Make ready for ``steps``, which `proceed` then runs in one go or more."""
    runs.create(con)
    reporter.begin(steps)


def proceed(
    con: duckdb.DuckDBPyConnection,
    steps: list[Step],
    needs: Mapping[str, set[str]],
    options: Mapping[str, Any],
    reporter: Reporter = SILENT,
    kept: str | None = None,
) -> None:
    """Run ``steps`` in order, as `run` does, of those that were begun."""
    with ExitStack() as running:
        begun: dict[str, Callable[[], Trained] | None] = {}
        starts = _starts(steps)
        for place, step in enumerate(steps):
            for model in starts.get(place, ()):
                if not _is_kept(con, kept, model):
                    begun[model.name] = running.enter_context(model.beside(con, options))
            started = time.perf_counter()
            if _is_kept(con, kept, step):
                keep(con, step, kept)
            elif isinstance(step, SqlStep):
                create(con, step)
            else:
                train(con, step, options, begun.get(step.name))
            runs.record_step(con, step, needs, time.perf_counter() - started)
            reporter.done(step)


def _starts(steps: list[Step]) -> dict[int, list[Model]]:
    """Before which step, by its place, models begin that are trained beside others: once what they need is made."""
    starts: dict[int, list[Model]] = {}
    for model in steps:
        if isinstance(model, Model) and model.beside:
            made = [place for place, step in enumerate(steps) if model.given.intersection(step.writes)]
            starts.setdefault(max(made, default=-1) + 1, []).append(model)
    return starts


def keep(con: duckdb.DuckDBPyConnection, step: Step, kept: str) -> None:
    """Copy the tables of a trained model, and the account of its training, from another database."""
    for table in step.writes:
        con.execute(f"CREATE TABLE {table} AS FROM {kept}.{table} WITH NO DATA")
        storage.compressed(con, table, step.compression)
        con.execute(f"INSERT INTO {table} FROM {kept}.{table}")
    if isinstance(step, SqlStep):
        index(con, step)
    runs.copy_model(con, kept, step.model if isinstance(step, SqlStep) else step.name)


def _is_kept(con: duckdb.DuckDBPyConnection, kept: str | None, step: Step) -> bool:
    """Whether a step is part of a trained model that the database ``kept`` holds."""
    query = "SELECT count(*) FROM duckdb_tables() WHERE database_name = ? AND schema_name || '.' || table_name = ?"
    return (
        bool(kept)
        and step.update == "keep"
        and all(con.execute(query, [kept, table]).fetchall()[0][0] for table in step.writes)
    )


def create(con: duckdb.DuckDBPyConnection, step: SqlStep) -> None:
    """Make the table, view or macro of a step, with its first comment as its description."""
    started = time.perf_counter()
    if step.kind == "table" and (step.compression or _is_in_parts(con, step)):
        execute(con, step, f"{step.statement}\nWITH NO DATA")
        storage.compressed(con, step.name, step.compression)
        for query in queries(con, step):
            execute(con, step, f"INSERT INTO {step.name} {query}")
    else:
        execute(con, step, statement(con, step))
    index(con, step)
    storage.describe(con, step)
    if step.model:
        rows = storage.rows(con, step.name)
        status, reason = ("trained", None) if rows else ("skipped", "its table has no rows: nothing to learn from")
        runs.record_model(con, step.model, "sql", status, reason, Trained({}, rows), time.perf_counter() - started)


def index(con: duckdb.DuckDBPyConnection, step: SqlStep) -> None:
    """Have the rows of a step's table found by its primary key, where it has one.

    Of an index made by CREATE INDEX, DuckDB 1.1 would read no file that was renamed.
    """
    if not step.primary_key:
        return
    try:
        con.execute(f"ALTER TABLE {step.name} ADD PRIMARY KEY ({identifier(step.primary_key)})")
    except duckdb.Error as error:
        told = isinstance(error, duckdb.ConstraintException) and _no_key(con, step.name, step.primary_key)
        raise PipelineError(f"{step.where}: {step.name}: {told or error}") from error


def _no_key(con: duckdb.DuckDBPyConnection, table: str, column: str) -> str:
    """Why a column cannot be the primary key of a table, of which DuckDB names neither column nor row."""
    key = identifier(column)
    query = f"""
        SELECT count(*) FILTER (rows > 1 AND value IS NOT NULL), min(value) FILTER (rows > 1)::VARCHAR,
            coalesce(sum(rows) FILTER (value IS NULL), 0)
        FROM (SELECT {key} AS value, count(*) AS rows FROM {table} GROUP BY ALL)
    """
    values, example, without = con.execute(query).fetchall()[0]
    told = [f"{values:,} values of {column} stand more than once, such as {example}"] if values else []
    told += [f"{without:,} rows have no {column}"] if without else []
    return ", and ".join(told) + "; it is to have one row for each" if told else ""


def statement(con: duckdb.DuckDBPyConnection, step: SqlStep) -> str:
    """What makes a step in one go: its own statement, or with what a settled macro or the length of arrays comes to."""
    if step.settled:
        return step.statement.removesuffix(step.body) + value(con, step)
    if step.length:
        return step.statement.replace("FLOAT[1]", f"FLOAT[{length(con, step.length)}]")
    return step.statement


def queries(con: duckdb.DuckDBPyConnection, step: SqlStep) -> Iterator[str]:
    """What gives the rows of a table: its own query, or one for each range of users where they are too many at once."""
    if not _is_in_parts(con, step):
        yield step.body
        return
    known = columns(con)
    for some in user_ranges(con, "duckmark.events", events_at_once(con)):
        yield narrowed_query(con, step, known, some.of)


def _is_in_parts(con: duckdb.DuckDBPyConnection, step: SqlStep) -> bool:
    return step.parts and storage.rows(con, "duckmark.events") > events_at_once(con)


def value(con: duckdb.DuckDBPyConnection, step: SqlStep) -> str:
    """What the expression of a settled macro comes to now, as a constant of its type; it must not be NULL."""
    query = f"SELECT CAST(x AS VARCHAR), typeof(x) FROM (SELECT {step.body}\nAS x)"
    answer, kind = execute(con, step, query).fetchall()[0]
    return f"CAST({literal(answer)} AS {kind})"


def length(con: duckdb.DuckDBPyConnection, column: str) -> int:
    """How long the lists of a table's column are, such as duckmark.terms.vector; 1 where there are none."""
    table, _, name = column.rpartition(".")
    found = con.execute(f"SELECT len({name}) FROM {table} WHERE {name} IS NOT NULL LIMIT 1").fetchall()
    return found[0][0] if found else 1


def columns(con: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """The columns of every relation in the current database, those of schema main by their bare names."""
    rows = con.execute(
        "SELECT schema_name || '.' || table_name, list(column_name) FROM duckdb_columns() "
        "WHERE database_name = current_database() GROUP BY ALL"
    ).fetchall()
    return {name.removeprefix("main."): set(names) for name, names in rows}


def execute(con: duckdb.DuckDBPyConnection, step: SqlStep, statement: str) -> duckdb.DuckDBPyConnection:
    """Run SQL of a step. Raises PipelineError with the step's file and line where DuckDB refuses it."""
    try:
        return con.execute(statement)
    except duckdb.Error as error:
        raise PipelineError(f"{step.where}: {step.name}: {error}") from error


def replace(con: duckdb.DuckDBPyConnection, step: SqlStep) -> None:
    """Make the table or macro of a step anew."""
    con.execute(f"DROP {sql_kind(step.kind)} {step.name}")
    create(con, step)


def train(
    con: duckdb.DuckDBPyConnection,
    model: Model,
    options: Mapping[str, Any],
    begun: Callable[[], Trained] | None = None,
) -> None:
    """Train a model into its tables, or leave them empty and say why it was skipped; where it was ``begun`` already,
    wait for it."""
    for table, columns in model.writes.items():
        con.execute(f"CREATE TABLE {table} ({columns})")
        storage.compressed(con, table, model.compression)
    if begun:
        account(con, model, begun)
    else:
        fill(con, model, {name: name for name in model.reads}, options)


def fill(
    con: duckdb.DuckDBPyConnection, model: Model, inputs: Mapping[str, str], options: Mapping[str, Any]
) -> int | None:
    """Run a model over ``inputs`` as `account` does."""
    return account(con, model, lambda: model.train(con, inputs, options))


def account(con: duckdb.DuckDBPyConnection, model: Model, run: Callable[[], Trained]) -> int | None:
    """Run a model, add its rows to its tables, and say in `models` what came of it.

    Gives how many rows were added; None where the model was skipped.
    """
    started = time.perf_counter()
    status, reason, trained, added = "trained", None, Trained({}, 0), None
    try:
        trained = run()
        added = 0
        for tables in itertools.chain([trained.tables], trained.blocks):
            for table, rows in tables.items():
                append(con, table, rows)
                added += rows.num_rows
        reason = trained.note
    except Skipped as skipped:
        status, reason = "skipped", str(skipped)
    runs.record_model(con, model.name, model.kind, status, reason, trained, time.perf_counter() - started)
    return added


def append(con: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    """Add the rows of an Arrow table whose columns bear the names of the table's."""
    _with_rows(con, rows, f"INSERT INTO {table} BY NAME FROM _dm_rows")


def store(con: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    """Make a table of an Arrow table."""
    _with_rows(con, rows, f"CREATE TABLE {table} AS FROM _dm_rows")


def _with_rows(con: duckdb.DuckDBPyConnection, rows: pa.Table, statement: str) -> None:
    con.register("_dm_rows", rows)
    try:
        con.execute(statement)
    finally:
        con.unregister("_dm_rows")
