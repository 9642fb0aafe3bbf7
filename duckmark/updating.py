"""Brings the steps of a finished file up to date with new events: of each, the rows that these touch."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import duckdb

from duckmark import graph, pipeline, runs
from duckmark.connection import install, share
from duckmark.memory import events_at_once
from duckmark.restrict import named_in, narrowed_query, same_key
from duckmark.schedule import Milestone, Work, run_ready
from duckmark.sources import settings
from duckmark.sqltext import identifier
from duckmark.steps import Model, Needs, SqlStep, Step
from duckmark.touched import DUE, SETTLED, Key, Touched, show

LOADED = "duckmark.raw_events"
SOURCES = {"source_events"}  # of a refresh
KEYS = ("duckmark.products", "duckmark.users")
KNOWN = Milestone("known")  # once KEYS are made it is known whom and what new events touch
PLANNING = 0.02  # seconds of each step, whatever it touches
Connections = Callable[[], list[duckdb.DuckDBPyConnection]]
MOST_AT_A_TIME = 4  # steps; more are seldom ready


@contextmanager
def connections(con: duckdb.DuckDBPyConnection, steps: Collection[Step]) -> Iterator[Connections]:
    """Cursors of ``con`` to do ``steps`` in, with the functions in place: one alone where all events are too many to be
    held at once. They are made ready beside what is done in ``con``; what is given waits for that."""
    threads, number, database = con.execute(
        "SELECT current_setting('threads'), (SELECT count(*) FROM duckmark.events), current_database()"
    ).fetchall()[0]
    number = min(threads, MOST_AT_A_TIME) if number <= events_at_once(con) else 1
    with ExitStack() as opened:
        cursors = [opened.enter_context(con.cursor()) for _ in range(number)]
        beside = opened.enter_context(ThreadPoolExecutor(1))
        yield beside.submit(_made_ready, cursors, database, steps).result


def _made_ready(
    cursors: list[duckdb.DuckDBPyConnection], database: str, steps: Collection[Step]
) -> list[duckdb.DuckDBPyConnection]:
    for cursor in cursors:
        cursor.execute(f"USE {identifier(database)}")
    first, *others = cursors
    install(first)
    for cursor in others:
        share(first, cursor)
    for step in steps:
        if isinstance(step, SqlStep) and step.update == "rows":
            named_in(first, step.body)
    return cursors


def update(
    con: duckdb.DuckDBPyConnection,
    cursors: Connections,
    steps: list[Step],
    needs: Needs,
    changed: set[str],
    reporter: pipeline.Reporter,
) -> None:
    """Bring up to date every step made of something that has ``changed``, and add to this what changes with it."""
    reporter.begin(steps)
    before, after = _phases(steps, needs)
    state = _Update(needs, changed, settings(con)["options"], pipeline.columns(con), reporter)
    for step in before:
        work = partial(_append, step=step) if step.name == LOADED else state.work(step)
        state.note(step, work(con) if work else None)
    state.touched = Touched(con)
    waits = _waits(after, needs, state.touched.has_feedback)
    seconds = _seconds(con, after, state.touched.shares())
    for cursor in cursors():
        show(cursor)
    run_ready([*after, KNOWN], waits, cursors(), state.work, state.note, seconds)


def _phases(steps: list[Step], needs: Needs) -> tuple[list[Step], list[Step]]:
    """The steps that new events go through before it is known what they touch, and the rest, each in order."""
    before = {LOADED, *graph.ancestors(LOADED, needs)}
    parts = ([], [])
    for step in steps:
        parts[before.isdisjoint(step.writes)].append(step)
    return parts


def _waits(steps: list[Step], needs: Needs, has_feedback: bool) -> dict[str, Collection[str]]:
    """What each step waits for: all that it is made of and, if it goes by keys that `KNOWN` adds to, this. What is made
    of feedback waits for nothing where there is none, and keeps nobody waiting."""
    waits: dict[str, Collection[str]] = dict(graph.waits(steps, needs))
    before = set(KEYS).union(*(graph.ancestors(name, needs) for name in KEYS))
    for step in steps:
        if step.feedback and not has_feedback:
            waits[step.name] = ()
        elif step.update in ("rows", "own") and step.key not in SETTLED and before.isdisjoint(step.writes):
            waits[step.name] = {*waits[step.name], KNOWN.name}
    waits[KNOWN.name] = KEYS
    return waits


def _seconds(con: duckdb.DuckDBPyConnection, steps: Collection[Step], shares: Mapping[Key, float]) -> dict[str, float]:
    """About how long each step that a refresh does not leave as it is takes: to be planned, and of what it took when
    the file was built the part that is touched."""
    took = dict(con.execute("SELECT name, seconds FROM duckmark.pipeline").fetchall())
    part = {s.name: 1.0 if s.update == "whole" else shares.get(s.key, shares[DUE]) for s in steps if s.update != "keep"}
    return {
        s.name: PLANNING + part[s.name] * sum(took.get(name, 0.0) for name in s.writes) for s in steps if s.name in part
    }


@dataclass
class _Update:
    """What a refresh goes by, and what has changed so far; ``touched`` is known once the new events are loaded."""

    needs: Needs
    changed: set[str]
    options: Mapping[str, Any]
    columns: Mapping[str, set[str]]
    reporter: pipeline.Reporter
    touched: Touched | None = None

    def work(self, step: Step | Milestone) -> Work[Collection[str]] | None:
        """What brings a step up to date, and then gives what of it has changed; None where there is nothing to do."""
        if step is KNOWN:
            return self.touched.after_keys
        inputs = self.changed.intersection(*(self.needs[name] for name in step.writes))
        if step.feedback and not self.touched.has_feedback:
            inputs = set()
        if step.update == "append":  # what the load brings, whatever else it is made of has changed
            inputs &= SOURCES
        if inputs and step.update != "keep":
            return partial(self._updated, step=step, inputs=inputs)
        return partial(_confirmed, step=step) if isinstance(step, Model) and step.update != "keep" else None

    def note(self, step: Step | Milestone, changed: Collection[str] | None) -> None:
        """A step is up to date."""
        self.changed.update(changed or ())
        if step is not KNOWN:
            self.reporter.done(step)

    def _updated(self, con: duckdb.DuckDBPyConnection, step: Step, inputs: set[str]) -> Collection[str]:
        """Bring a step up to date of whose ``inputs`` these have changed; what it writes, if that has changed then."""
        if step.update == "rows":
            table = self.touched.table(step, inputs)
            deleted = sum(_delete(con, written, table, step.key) for written in step.writes)
            return step.writes if self._insert(con, step, table) or deleted else ()
        if isinstance(step, Model):
            return () if self._again(con, step) is None else step.writes
        if step.update == "append":
            return _append(con, step)
        if step.kind == "table" or step.settled:
            pipeline.replace(con, step)
        return step.writes

    def _insert(self, con: duckdb.DuckDBPyConnection, step: Step, table: str) -> int:
        """Make the rows of the keys in ``table`` anew; how many there are."""
        part = partial(self.touched.part, table=table, key=step.key)
        if isinstance(step, SqlStep):
            rows = narrowed_query(con, step, self.columns, part)
            return pipeline.execute(con, step, f"INSERT INTO {step.name} BY NAME {rows}").fetchall()[0][0]
        inputs = {name: part(name) if set(step.key) <= self.columns[name] else name for name in step.reads}
        return pipeline.fill(con, step, inputs, self.options) or 0

    def _again(self, con: duckdb.DuckDBPyConnection, model: Model) -> int | None:
        """Run a model on all of its inputs as they are now, or in its own way; None where it was skipped."""
        if model.refresh:
            return pipeline.account(con, model, lambda: model.refresh(con, self.options))
        for table in model.writes:
            con.execute(f"DELETE FROM {table}")
        return pipeline.fill(con, model, {name: name for name in model.reads}, self.options)


def _append(con: duckdb.DuckDBPyConnection, step: SqlStep) -> Collection[str]:
    pipeline.execute(con, step, f"INSERT INTO {step.name} BY NAME {step.body}")
    return step.writes


def _confirmed(con: duckdb.DuckDBPyConnection, step: Model) -> Collection[str]:
    """Say of a model that what it left behind holds."""
    runs.confirm(con, step)
    return ()


def _delete(con: duckdb.DuckDBPyConnection, table: str, touched: str, key: tuple[str, ...]) -> int:
    """Take the rows of touched keys out of a table; how many there were."""
    statement = f"DELETE FROM {table} AS whole USING {touched} AS touched WHERE {same_key(key)}"
    return con.execute(statement).fetchall()[0][0]
