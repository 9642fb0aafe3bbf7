"""New events into a finished file: only what they touch is computed again."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from duckmark import graph, pipeline, storage
from duckmark.collect import Source, collect, content
from duckmark.errors import EmptySourceError
from duckmark.functions import functions
from duckmark.models import MODELS
from duckmark.paths import existing
from duckmark.plan import plan
from duckmark.publish import side_file
from duckmark.sources import next_source_id, record_sources, require_same_sql, settings
from duckmark.sqlfiles import read_pipeline
from duckmark.steps import Needs, Step
from duckmark.touched import NEWEST
from duckmark.updating import connections, update

# What a refresh changes besides the steps of the pipeline.
GIVEN = {"source_events", "duckmark.sources", "duckmark.model_runs"}
LOOK_UP = "recommend"


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did: the new source (None where all of it was known), how many clean events came of it, and how
    many users and products it touched."""

    path: Path
    source: Source | None
    events: int = 0
    users: int = 0
    products: int = 0


class _NothingNew(Exception):
    """The source was loaded before: leave the file as it is."""


def refresh(
    path: str | Path,
    *,
    events: Any,
    mapping: Mapping[str, str] | None = None,
    sql: str | Path | None = None,
    memory: str | None = None,
    reporter: pipeline.Reporter = pipeline.SILENT,
) -> Refreshed:
    """Take new events into a file that `build` made; the same events a second time change nothing.

    The trained models (word vectors, idf, topics, segment cuts, weights) are kept; profiles and feedback are as a
    full rebuild with those models would make them. So are the neighbours and the stored recommendations of touched
    users and, in turn, of one in 2, 4, ... 64 others, at least 250 of them; who is not among these keeps the lists
    they have. Columns are read as they were at the build, ``mapping`` overriding. ``sql`` is
    the folder that the file was built with: without it, what the analyst's own SQL made under names of its own stays as
    it is, and a file in which it replaced some of duckmark's is refused. ``memory`` is as in `build`. Raises a
    DuckmarkError that says what to do, and then leaves the file as it was.
    """
    path = existing(path)
    own = plan(Path(sql)) if sql else None
    changed = GIVEN.union(*(step.writes for step in own.steps)) if own else set(GIVEN)
    asked: set[str] = set()
    threading.Thread(target=_make_ready, daemon=True).start()
    try:
        with side_file(path, memory, copied=True, asked=asked) as con:
            require_same_sql(con, path, sql, own.own if own else {})
            steps, needs = (own.steps, own.needs) if own else _as_built(con)
            with connections(con, steps) as cursors:
                source = _collect_new(con, events, mapping)
                reporter.sources([source])
                update(con, cursors, steps, needs, changed, reporter)
            changed.update(name for name in _own(steps, needs) if changed.intersection(needs[name]))
            counts = _counts(con)
            asked |= changed if own else _to_ask(con, steps, needs, changed)
            if next_source_id(con) % storage.MERGED_EVERY:
                storage.keep_gaps(con)
    except (_NothingNew, EmptySourceError):
        return Refreshed(path, None)
    return Refreshed(path, source, *counts)


def _make_ready() -> None:
    """Read and import what is needed soon, beside DuckDB, which opens and copies files without Python. pyarrow imports
    pandas, where there is one, at its first conversion."""
    read_pipeline()
    functions()
    pa.scalar(0)


def _as_built(con: duckdb.DuckDBPyConnection) -> tuple[list[Step], Needs]:
    """duckmark's own steps in the order that the build found and recorded, and what each relation is made of: neither
    need be read from SQL again."""
    made: dict[str, Step] = {name: step for step in (*read_pipeline().values(), *MODELS.values())
                             for name in step.writes}  # fmt: skip
    needs = dict(con.execute("SELECT name, reads FROM duckmark.pipeline ORDER BY rowid").fetchall())
    return list({made[name].name: made[name] for name in needs if name in made}.values()), needs


def _collect_new(con: duckdb.DuckDBPyConnection, events: Any, mapping: Mapping[str, str] | None) -> Source:
    """Make ``source_events`` of the new events, read as the first ones were, and remember their source."""
    stored = settings(con)
    as_built = json.loads(con.execute(
        "SELECT mapping FROM duckmark.sources WHERE role = 'events' ORDER BY source_id"
    ).fetchall()[0][0])  # fmt: skip
    source_id = next_source_id(con)
    at_build, now = (_for_events(part) for part in (stored["mapping"], mapping or {}))
    sources = collect(con, events=events, mapping=now, settled={**at_build, **as_built}, source_id=source_id)
    known = "SELECT 1 FROM duckmark.sources WHERE role = 'events' AND digest = ? AND rows = ?"
    if con.execute(known, list(content(con))).fetchall():
        raise _NothingNew
    record_sources(con, sources, source_id)
    return sources[0]


def _for_events(mapping: Mapping[str, str]) -> dict[str, str]:
    """The part of a mapping that concerns events."""
    return {name: sql for name, sql in mapping.items() if name.rpartition(".")[0] in ("", "events")}


def _counts(con: duckdb.DuckDBPyConnection) -> tuple[int, int, int]:
    """New events, touched users and touched products."""
    counts = f"""
        SELECT
            (SELECT count(*) FROM duckmark.events WHERE event_id >= {NEWEST}),
            (SELECT count(*) FROM touched_users),
            (SELECT count(*) FROM touched_products)
    """
    return con.execute(counts).fetchall()[0]


def _own(steps: list[Step], needs: Needs) -> set[str]:
    """What an analyst's SQL made, which a refresh leaves as it is."""
    return needs.keys() - {name for step in steps for name in step.writes}


def _to_ask(con: duckdb.DuckDBPyConnection, steps: list[Step], needs: Needs, changed: set[str]) -> set[str]:
    """Of what has ``changed``, what may no longer answer: what is an analyst's, and what is made of tables that have
    other columns now. All else stands word for word as when it was checked, and so do the columns that it names;
    one look-up stands for it."""
    tables = "SELECT schema_name || '.' || table_name, sql FROM duckdb_tables() WHERE database_name ="
    other = con.execute(f"{tables} current_database() EXCEPT {tables} 'published'").fetchall()
    names = {name.removeprefix("main.") for name, _ in other}
    made_of = {name for name in changed if not names.isdisjoint(graph.ancestors(name, needs))} if names else set()
    return made_of | (changed & _own(steps, needs)) | {LOOK_UP}
