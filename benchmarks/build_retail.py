"""Online Retail from raw lines to a published file: seconds of each stage, peak memory, and warm queries of it.

No other library builds such a file; the peer of the whole job is in whole_job.py. Each run is a fresh process.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import duckdb

from benchmarks.context import Context
from benchmarks.processes import TreePeak
from benchmarks.results import Row
from duckmark.sqltext import literal

PACKAGES = ("gensim", "scipy", "scikit-learn")
QUERIES = {
    "recommend(user, 10)": "FROM recommend($user, 10)",
    "recommend_for([product], 10)": "FROM recommend_for([$product], 10)",
    "similar_users(user, 10)": "FROM similar_users($user, 10)",
    "explain(user, product)": "FROM explain($user, $product)",
    "similar_products(product, 10)": "FROM similar_products($product, 10)",
    "audience(product, 10)": "FROM audience($product, 10)",
    "search_products(words, 10)": "FROM search_products($words, 10)",
}
ASKED = 50
SOME = "SELECT {0}_id FROM duckmark.{0}s USING SAMPLE {1} (reservoir, 1)"
WORDS = ("red retrospot", "cake stand", "heart")


def rows(context: Context) -> Iterator[Row]:
    path = context.work / "build_retail.duckdb"
    with as_file(files("duckmark") / "data/online_retail.parquet") as source:
        given = {"events": str(source)}
        if context.smoke:
            given = {"events": f"FROM {literal(str(source))} LIMIT 5_000", "options": {"evaluate": False}}
        for run in range(1 if context.smoke else context.runs):
            for stage, seconds in context.call(build, path, given).items():
                yield Row(stage, None, "duckmark", "MiB" if stage == "peak memory" else "seconds", seconds, run)
    yield Row("published file", None, "duckmark", "MiB", path.stat().st_size / 2**20)
    for name, times in context.call(ask, path, 3 if context.smoke else ASKED).items():
        yield Row(f"`{name}`", None, "duckmark", "p50 ms", statistics.median(times))
        yield Row(f"`{name}`", None, "duckmark", "p95 ms", sorted(times)[int(len(times) * 0.95)])


def build(path: Path, given: dict[str, object]) -> dict[str, float]:
    """Seconds by stage and in all, and the most MiB that this process and those it started held at once."""
    import duckmark

    started = time.perf_counter()
    with TreePeak() as memory:
        built = duckmark.build(path, **given)
        return {**built.seconds, "whole build": time.perf_counter() - started, "peak memory": memory.taken()}


def ask(path: Path, number: int) -> dict[str, list[float]]:
    """Milliseconds of ``number`` warm calls each, from a plain DuckDB connection, answers fetched whole."""
    with duckdb.connect(str(path), read_only=True) as con:
        users, products = (
            [row[0] for row in con.execute(SOME.format(what, number)).fetchall()] for what in ("user", "product")
        )
        given = [
            {"user": user, "product": product, "words": WORDS[place % len(WORDS)]}
            for place, (user, product) in enumerate(zip(users, products, strict=True))
        ]
        return {name: list(_milliseconds(con, query, given)) for name, query in QUERIES.items()}


def _milliseconds(con: duckdb.DuckDBPyConnection, query: str, given: list[dict[str, str]]) -> Iterator[float]:
    for place, values in enumerate([given[0], *given]):
        bound = {name: value for name, value in values.items() if f"${name}" in query}
        started = time.perf_counter()
        answer = con.execute(query, bound).fetchall()
        assert answer, f"{query} says nothing of {bound}"
        if place:  # the first warms up
            yield (time.perf_counter() - started) * 1000
