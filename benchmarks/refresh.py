"""A refresh with one day of new events, as a share of building the whole file anew.

The file is built without the last day of the shop's events, then that day is taken in: Online Retail, which comes with
the package, and a generated year of ten million events (shop.py). Each is a fresh process, in which pyarrow does
without pandas, as in one of the command line.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import duckdb

from benchmarks.context import Context
from benchmarks.results import Row
from benchmarks.scale import MEMORY, made, processor_seconds
from duckmark.arrow import spare_pandas
from duckmark.sqltext import literal

PACKAGES = ("gensim", "scipy", "scikit-learn")
SIZES = (10**6, 10**7)
SMOKE = 5_000


def rows(context: Context) -> Iterator[Row]:
    with as_file(files("duckmark") / "data/online_retail.parquet") as source:
        if not context.smoke:
            yield from shop_rows(context, "Online Retail", {"events": str(source)}, "InvoiceDate")
    for size in [SMOKE] if context.smoke else context.sizes(SIZES):
        folder = made(context.work, size)
        sources = {role: str(folder / f"{role}.parquet") for role in ("events", "products", "users")}
        yield from shop_rows(context, "generated shop", sources, "happened_at")


def shop_rows(context: Context, case: str, sources: dict[str, str], time_column: str) -> Iterator[Row]:
    """Build without the last day and take it in; the ratio is of seconds."""
    before, day, total, new = split(sources["events"], time_column)
    path = context.work / "refresh.duckdb"
    for run in range(1 if context.smoke else context.runs):
        build = context.call(timed_build, path, {**sources, "events": before})
        refresh = context.call(timed_refresh, path, day)
        for what, (seconds, processor) in {"build": build, "refresh with one day": refresh}.items():
            yield Row(f"{case}: {what}", total, "duckmark", "seconds", seconds, run)
            yield Row(f"{case}: {what}", total, "duckmark", "processor seconds", processor, run)
        yield Row(f"{case}: refresh", total, "duckmark", "percent of a build", 100 * refresh[0] / build[0], run)
    yield Row(f"{case}: the day", total, "duckmark", "percent of events", 100 * new / total)
    path.unlink()


def split(events: str, time_column: str) -> tuple[str, str, int, int]:
    """Queries of all events before the last day with any and of that day, and how many events there are of each."""
    relation = f"read_parquet({literal(events)})"
    last = f"(SELECT max(CAST({time_column} AS DATE)) FROM {relation})"
    before, day = (f"SELECT * FROM {relation} WHERE CAST({time_column} AS DATE) {sign} {last}" for sign in "<=")
    with duckdb.connect() as con:
        old, new = (con.execute(f"SELECT count(*) FROM ({query})").fetchall()[0][0] for query in (before, day))
    return before, day, old + new, new


def timed_build(path: Path, sources: dict[str, str]) -> tuple[float, float]:
    """Seconds and processor seconds of a build."""
    import duckmark

    spare_pandas()
    started = time.perf_counter()
    duckmark.build(path, **sources, memory=MEMORY)
    return time.perf_counter() - started, processor_seconds()


def timed_refresh(path: Path, day: str) -> tuple[float, float]:
    """Seconds and processor seconds of a refresh; it must have taken something in."""
    import duckmark

    spare_pandas()
    started = time.perf_counter()
    done = duckmark.refresh(path, events=day, memory=MEMORY)
    assert done.events > 0
    return time.perf_counter() - started, processor_seconds()
