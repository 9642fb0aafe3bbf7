"""New events into a finished file: only what they touch is computed again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from duckmark import pipeline
from duckmark.collect import Source, collect, content
from duckmark.connection import install
from duckmark.errors import EmptySourceError, MappingError
from duckmark.models import MODELS
from duckmark.plan import plan
from duckmark.publish import existing, side_file
from duckmark.restrict import restricted_query, restricted_relation, same_key
from duckmark.sources import next_source_id, record_sources, settings
from duckmark.sqlfiles import read_pipeline
from duckmark.steps import Model, SqlStep, Step

TOUCHED = {
    ("user_id",): "touched_users",
    ("product_id",): "touched_products",
    ("user_id", "product_id"): "touched_pairs",
    ("event_id",): "touched_events",
}


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

    The trained models (word vectors, idf, topics, segment cuts, weights) are kept; profiles, feedback,
    neighbours and recommendations are as a full rebuild with those models would make them. Only in a large shop
    neighbours (of more than 20,000 users) and stored recommendations (of more than 50 million pairs of users and
    products) are made anew for the touched users alone, and others keep those they have. Columns are read as
    they were at the build, ``mapping`` overriding. ``memory`` is as in `build`. Raises a DuckmarkError that says what
    to do, and then leaves the file as it was.
    """
    path = existing(path)
    own = plan(Path(sql)).steps if sql else None
    try:
        with side_file(path, memory, copied=True) as con:
            steps = own or _as_built(con)
            source = _collect_new(con, events, mapping)
            reporter.sources([source])
            install(con)
            counts = _update(con, steps, reporter)
    except (_NothingNew, EmptySourceError):
        return Refreshed(path, None)
    return Refreshed(path, source, *counts)


def _as_built(con: duckdb.DuckDBPyConnection) -> list[Step]:
    """duckmark's own steps in the order that the build found and recorded, which need not be read from SQL again."""
    made: dict[str, Step] = {name: step for step in (*read_pipeline().values(), *MODELS.values())
                             for name in step.writes}  # fmt: skip
    order = con.execute("SELECT name FROM duckmark.pipeline ORDER BY rowid").fetchall()
    return list({made[name].name: made[name] for (name,) in order if name in made}.values())


def _collect_new(con: duckdb.DuckDBPyConnection, events: Any, mapping: Mapping[str, str] | None) -> Source:
    """Make ``source_events`` of the new events, read as the first ones were, and remember their source."""
    stored = settings(con)
    as_built = json.loads(con.execute(
        "SELECT mapping FROM duckmark.sources WHERE role = 'events' ORDER BY source_id"
    ).fetchall()[0][0])  # fmt: skip
    source_id = next_source_id(con)
    given = {name: sql for name, sql in {**stored["mapping"], **(mapping or {})}.items() if _is_for_events(name)}
    try:
        mapped = {**as_built, **given}
        sources = collect(con, events=events, mapping=mapped, weights=stored["weights"], source_id=source_id)
    except MappingError:  # the new events have other columns: recognise them afresh
        sources = collect(con, events=events, mapping=given, weights=stored["weights"], source_id=source_id)
    known = "SELECT 1 FROM duckmark.sources WHERE role = 'events' AND digest = ? AND rows = ?"
    if con.execute(known, list(content(con))).fetchall():
        raise _NothingNew
    record_sources(con, sources, source_id)
    return sources[0]


def _is_for_events(target: str) -> bool:
    return target.rpartition(".")[0] in ("", "events")


def _update(con: duckdb.DuckDBPyConnection, steps: list[Step], reporter: pipeline.Reporter) -> tuple[int, int, int]:
    """Bring every step up to date; count new events, touched users and touched products."""
    options = settings(con)["options"]
    reporter.begin(steps)
    for step in steps:
        if step.name == "duckmark.raw_events":
            pipeline.execute(con, step, f"INSERT INTO {step.name} BY NAME {step.body}")
            _touch(con)
        elif isinstance(step, SqlStep):
            _update_sql(con, step)
        else:
            _update_model(con, step, options)
        if step.name == "duckmark.events":
            _touch_events(con)
        reporter.done(step)
    newest = "(SELECT max(source_id) FROM duckmark.sources) * (1::BIGINT << 40)"
    counts = f"""
        SELECT
            (SELECT count(*) FROM duckmark.events WHERE event_id >= {newest}),
            (SELECT count(*) FROM touched_users),
            (SELECT count(*) FROM touched_products)
    """
    return con.execute(counts).fetchall()[0]


def _touch(con: duckdb.DuckDBPyConnection) -> None:
    """Whom and what the newest source names. Events are cleaned per user and product, so no other pair changes."""
    of_pairs = restricted_relation("duckmark.events", "touched_pairs", ("user_id", "product_id"))
    con.execute(
        f"""
        CREATE TEMP TABLE touched_pairs AS
        SELECT DISTINCT user_id, product_id
        FROM duckmark.raw_events
        WHERE raw_id >= (SELECT max(source_id) FROM duckmark.sources) * (1::BIGINT << 40);
        CREATE TEMP TABLE touched_users AS SELECT DISTINCT user_id FROM touched_pairs;
        CREATE TEMP TABLE touched_products AS SELECT DISTINCT product_id FROM touched_pairs;
        CREATE TEMP TABLE touched_events AS
        SELECT event_id FROM {of_pairs};
        """
    )


def _touch_events(con: duckdb.DuckDBPyConnection) -> None:
    """Add the events of touched pairs as they are now to those that were."""
    events = restricted_relation("duckmark.events", "touched_pairs", ("user_id", "product_id"))
    con.execute(f"INSERT INTO touched_events SELECT event_id FROM {events} WHERE event_id NOT IN (FROM touched_events)")


def _update_sql(con: duckdb.DuckDBPyConnection, step: SqlStep) -> None:
    if step.kind != "table" or step.update == "keep":
        return
    if step.update == "whole":
        pipeline.replace(con, step)
    elif step.update == "append":
        pipeline.execute(con, step, f"INSERT INTO {step.name} BY NAME {step.body}")
    else:
        if step.name == "duckmark.products":
            _remember_texts(con)
        rows = restricted_query(step, pipeline.columns(con), TOUCHED[step.key])
        _delete_touched(con, step.name, step.key)
        pipeline.execute(con, step, f"INSERT INTO {step.name} BY NAME {rows}")
        if step.name == "duckmark.products":
            _touch_takers(con)


def _remember_texts(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "CREATE TEMP TABLE texts_before AS SELECT product_id, title, category, description "
        "FROM duckmark.products SEMI JOIN touched_products USING (product_id)"
    )


def _touch_takers(con: duckdb.DuckDBPyConnection) -> None:
    """The profile of those who took a product holds its words: where these changed, they are touched too."""
    con.execute(
        """
        INSERT INTO touched_users
        SELECT DISTINCT i.user_id
        FROM duckmark.interactions AS i
        SEMI JOIN (
            SELECT b.product_id
            FROM texts_before AS b
            ANTI JOIN duckmark.products AS p
                ON p.product_id = b.product_id
                AND p.title IS NOT DISTINCT FROM b.title
                AND p.category IS NOT DISTINCT FROM b.category
                AND p.description IS NOT DISTINCT FROM b.description
        ) AS changed
            ON changed.product_id = i.product_id
        WHERE i.user_id NOT IN (SELECT t.user_id FROM touched_users AS t WHERE t.user_id IS NOT NULL)
        """
    )


def _update_model(con: duckdb.DuckDBPyConnection, model: Model, options: Mapping[str, Any]) -> None:
    if model.update == "keep":
        return
    if model.refresh:
        pipeline.account(con, model, lambda: model.refresh(con, options))
    elif model.update == "rows":
        touched = TOUCHED[model.key]
        columns = pipeline.columns(con)
        inputs = {
            name: restricted_relation(name, touched, model.key) if set(model.key) <= columns[name] else name
            for name in model.reads
        }
        for table in model.writes:
            _delete_touched(con, table, model.key)
        pipeline.fill(con, model, inputs, options)
    else:
        for table in model.writes:
            con.execute(f"DELETE FROM {table}")
        pipeline.fill(con, model, {name: name for name in model.reads}, options)


def _delete_touched(con: duckdb.DuckDBPyConnection, table: str, key: tuple[str, ...]) -> None:
    con.execute(f"DELETE FROM {table} AS whole USING {TOUCHED[key]} AS touched WHERE {same_key(key)}")
