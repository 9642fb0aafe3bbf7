"""From raw behaviour to a finished file."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from duckmark import lexicons, pipeline, tuning
from duckmark.collect import Source, collect
from duckmark.collect.prices import advice_on_prices
from duckmark.config import checked_options
from duckmark.connection import install
from duckmark.errors import NameTakenError, SourceError
from duckmark.paths import existing
from duckmark.plan import Plan, plan
from duckmark.publish import side_file
from duckmark.sources import change_settings, record_settings, record_sources
from duckmark.sqltext import identifier
from duckmark.steps import STAGES, Skipped, sql_kind

CLEANED = ("duckmark.events", "data_quality")


@dataclass(frozen=True)
class Built:
    """What a build did: its sources with their mappings, and the seconds each stage took."""

    path: Path
    sources: list[Source]
    seconds: Mapping[str, float] = field(default_factory=dict)


def build(
    path: str | Path,
    *,
    events: Any,
    products: Any = None,
    users: Any = None,
    mapping: Mapping[str, str] | None = None,
    weights: Mapping[str, float] | None = None,
    sql: str | Path | None = None,
    options: Mapping[str, Any] | None = None,
    keep_models: bool = False,
    tune: float | None = None,
    memory: str | None = None,
    reporter: pipeline.Reporter = pipeline.SILENT,
) -> Built:
    """Build the file ``path`` from a shop's events, and its products and users where it has them.

    Each source is a path or glob (CSV, JSON, NDJSON, Parquet), a table or view of the file, a SELECT, an Arrow
    table or a data frame. ``mapping`` says which column is what where that is not plain from its name
    (``{"rating": "stars", "products.title": "name"}``, any SQL expression), ``weights`` what an event kind is
    worth on the five-star scale, ``sql`` names a folder of SQL that replaces or joins duckmark's own, and
    ``options`` are those of the models. ``keep_models`` takes the trained models from the file instead of
    training them anew; ``tune`` searches their options for so many seconds, on events that the hold-out check does not
    test on, and stores what it chose and tried. ``memory`` (``"8GB"``) bounds what the build takes, by default to three
    quarters of the machine's; beyond it spills to disk beside the file.

    The old file serves until the new one is finished and checked. The analyst's own tables are kept. Raises
    a DuckmarkError that says what to do, and then leaves the old file as it was.
    """
    path = existing(path) if keep_models else Path(path)
    steps, options = plan(Path(sql) if sql else None), checked_options(options or {})
    configured = options.pop("memory", None)  # of the machine, so that the file does not keep it
    started = time.perf_counter()
    with side_file(path, memory or configured) as con:
        own_objects(con, steps)
        con.execute("CREATE SCHEMA duckmark")
        record_settings(con, mapping=mapping or {}, weights=weights or {}, options=options, sql=steps.own)
        sources = collect(con, events=events, products=products, users=users, mapping=mapping, weights=weights)
        record_sources(con, sources, source_id=0)
        reporter.sources(sources)
        _give(con, options)
        install(con)
        seconds = {"read": time.perf_counter() - started}
        _run(con, steps, sources, options, tune, "published" if keep_models else None, reporter)
        taken = dict(con.execute("SELECT stage, sum(seconds) FROM duckmark.pipeline GROUP BY stage").fetchall())
        seconds |= {stage: taken[stage] for stage in STAGES if stage in taken}
        started = time.perf_counter()
    return Built(path, sources, seconds | {"publish": time.perf_counter() - started})


def _run(
    con: duckdb.DuckDBPyConnection,
    steps: Plan,
    sources: list[Source],
    options: Mapping[str, Any],
    tune: float | None,
    kept: str | None,
    reporter: pipeline.Reporter,
) -> None:
    """Run all steps: first those that say whether there is anything to build from; where options are searched for, then
    those that the search needs."""
    pipeline.begin(con, steps.steps, reporter)
    done = steps.towards(CLEANED)
    pipeline.proceed(con, done, steps.needs, options, reporter, kept)
    _require_events(con, sources)
    if tune:
        needed = [step for step in steps.towards(tuning.GIVEN) if step not in done]
        pipeline.proceed(con, needed, steps.needs, options, reporter, kept)
        done += needed
        options = _tuned(con, steps, options, tune)
    rest = [step for step in steps.steps if step not in done]
    pipeline.proceed(con, rest, steps.needs, options, reporter, kept)


def _tuned(con: duckdb.DuckDBPyConnection, steps: Plan, options: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """The options found by a search, which are stored with what was tried; those given where there is too little."""
    try:
        found, tried = tuning.tune(con, steps.towards(tuning.READS, tuning.GIVEN), steps.needs, options, seconds)
    except Skipped:
        return dict(options)
    pipeline.store(con, tuning.TABLE, tried)
    change_settings(con, options=found)
    return found


def _require_events(con: duckdb.DuckDBPyConnection, sources: list[Source]) -> None:
    """Raise SourceError where no event is left to build from: a mistaken column would replace a good file by an empty
    one."""
    if con.execute("SELECT 1 FROM duckmark.events LIMIT 1").fetchall():
        return
    dropped = con.execute("SELECT rule, rows FROM data_quality WHERE action = 'dropped' ORDER BY rows DESC").fetchall()
    (events,) = (source for source in sources if source.role == "events")
    advice = "Check which column is what, and name the right ones: --map TARGET=COLUMN."
    raise SourceError(
        f"events: of the {events.rows:,} rows of {events.description} none can be used "
        f"({', '.join(f'{rule}: {rows:,}' for rule, rows in dropped)}). "
        + " ".join(filter(None, (advice, advice_on_prices(con, events.mapping.get("events.price")))))
    )


def _give(con: duckdb.DuckDBPyConnection, options: Mapping[str, Any]) -> None:
    """Put in place the word lists that the pipeline finds there; emoji count only where the option says so."""
    for name in lexicons.LISTS:
        table = getattr(lexicons, name)()
        if name == "emoji" and not options.get("emoji", False):
            table = table.slice(0, 0)
        pipeline.store(con, f"duckmark.{name}", table.sort_by([(column, "ascending") for column in table.column_names]))


def own_objects(con: duckdb.DuckDBPyConnection, steps: Plan) -> None:
    """Carry the analyst's own tables, views and macros over from the published file.

    Raises NameTakenError where one of them has a name that duckmark publishes.
    """
    if not _attached(con, "published"):
        return
    ours = _published_by_us(con)
    own = [(kind, name) for kind, name in _objects(con, "published") if (kind, name) not in ours]
    taken = sorted(name for _, name in own if name.lower() in steps.published)
    if taken:
        raise NameTakenError(
            f"the file holds objects of yours under names that duckmark publishes: {', '.join(taken)}; "
            "rename them, or build into another file"
        )
    if not own:
        return
    database = con.execute("SELECT current_database()").fetchall()[0][0]
    con.execute(f"COPY FROM DATABASE published TO {identifier(database)}")
    for kind, name in _objects(con, database):
        if (kind, name) in ours:
            con.execute(f"DROP {kind} IF EXISTS {identifier(name)}")
    con.execute("DROP SCHEMA IF EXISTS duckmark CASCADE")


def _attached(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    return bool(con.execute("SELECT 1 FROM duckdb_databases() WHERE database_name = ?", [name]).fetchall())


def _published_by_us(con: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """(kind for DROP, name) of what an earlier build made; under such a name the analyst may have put another kind."""
    built = (
        "SELECT 1 FROM duckdb_tables() "
        "WHERE database_name = 'published' AND schema_name = 'duckmark' AND table_name = 'pipeline'"
    )
    if not con.execute(built).fetchall():
        return set()
    rows = con.execute("SELECT kind, name FROM published.duckmark.pipeline WHERE NOT contains(name, '.')").fetchall()
    return {(sql_kind(kind), name) for kind, name in rows}


def _objects(con: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, str]]:
    """(kind for DROP, name) of what stands in the schemas of a database other than duckmark's."""
    return con.execute(
        """
        SELECT 'VIEW', view_name FROM duckdb_views()
        WHERE database_name = $database AND NOT internal AND schema_name <> 'duckmark'
        UNION ALL
        SELECT 'TABLE', table_name FROM duckdb_tables()
        WHERE database_name = $database AND NOT internal AND schema_name <> 'duckmark'
        UNION ALL
        SELECT DISTINCT CASE function_type WHEN 'table_macro' THEN 'MACRO TABLE' ELSE 'MACRO' END, function_name
        FROM duckdb_functions()
        WHERE database_name = $database AND NOT internal AND schema_name <> 'duckmark'
        """,
        {"database": database},
    ).fetchall()
