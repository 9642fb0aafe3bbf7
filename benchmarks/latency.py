"""How long a finished file takes to answer a plain client, by macro, size of the shop and version of DuckDB.

The file is read through beforehand, so that the operating system holds it: what is measured is not the disk. Cold is to
open the file and call a macro once. The next calls, each with other arguments, fill DuckDB's buffers with what they
read; warm are as many more after them, with others again.
Answers are fetched whole. DuckDB's command line, where it is installed, is an older engine: it prints its times in
milliseconds, without that of opening.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import duckdb

from benchmarks.context import Context
from benchmarks.results import Row
from benchmarks.serving_file import fill
from duckmark.sqltext import literal

SIZES = (10_000, 1_000_000)  # users, and as many products
SMOKE = 500
ASKED = 40
QUERIES = {
    "recommend": "FROM recommend({user}, k := 10)",
    "recommend, a stranger": "FROM recommend('nobody', k := 10)",
    "recommend_for": "FROM recommend_for([{product}, {other}], k := 10)",
    "similar_products": "FROM similar_products({product}, k := 10)",
    "similar_users": "FROM similar_users({user}, k := 10)",
    "explain": "FROM explain({user}, {product})",
    "search_products": "FROM search_products({title}, k := 10)",
    "audience": "FROM audience({product}, k := 100)",
    "scores": "SELECT * FROM scores({user}) WHERE price < 5 ORDER BY score DESC LIMIT 10",
}
SOME = """
SELECT
    (SELECT list(user_id) FROM (SELECT user_id FROM duckmark.users USING SAMPLE {0} (reservoir, 1))),
    list(product_id),
    list(title)
FROM (SELECT product_id, coalesce(title, 'red') AS title FROM duckmark.products USING SAMPLE {0} (reservoir, 1))
"""


def rows(context: Context) -> Iterator[Row]:
    real = context.work / ("latency_smoke.duckdb" if context.smoke else "latency_real.duckdb")
    context.call(build, real, context.smoke)
    for size in [SMOKE] if context.smoke else context.sizes(SIZES):
        path = context.work / f"latency_{size}.duckdb"
        if context.smoke or not path.exists():
            context.call(fill, path, real, size, size)
        shutil.copyfile(path, os.devnull)  # so that the system holds it
        number = 2 if context.smoke else ASKED
        for name, times in context.call(ask, path, number).items():
            yield from _summary(name, size, "duckmark", times)
        client = shutil.which("duckdb", path=str(Path(sys.executable).parent))
        if client:
            for name, times in ask_client(client, path, number).items():
                yield from _summary(name, size, "duckmark in an older client", times)


def build(path: Path, smoke: bool) -> None:
    """The real shop's file."""
    import duckmark

    if smoke or not path.exists():
        with as_file(files("duckmark") / "data/online_retail.parquet") as source:
            events = f"FROM {literal(str(source))} LIMIT 5_000" if smoke else str(source)
            duckmark.build(path, events=events, options={"evaluate": False})


def ask(path: Path, number: int) -> dict[str, list[float]]:
    """Milliseconds of the first call, of ``number`` that fill the buffers and of as many warm ones of each macro."""
    with duckdb.connect(str(path), read_only=True) as con:
        asked = questions(con, number)
    return {name: _milliseconds(path, queries) for name, queries in asked.items()}


def ask_client(client: str, path: Path, number: int) -> dict[str, list[float]]:
    """The same by DuckDB's command line, a process a macro."""
    with duckdb.connect(str(path), read_only=True) as con:
        asked = questions(con, number)
    found = {}
    for name, queries in asked.items():
        script = ".timer on\n" + "".join(f"{query};\n" for query in queries)
        done = subprocess.run(
            [client, "-readonly", "-bail", path], input=script, capture_output=True, text=True, check=True
        )
        found[name] = [1000 * float(real) for real in re.findall(r"Run Time \(s\): real (\S+)", done.stdout)]
        assert len(found[name]) == len(queries), done.stderr
    return found


def questions(con: duckdb.DuckDBPyConnection, number: int) -> dict[str, list[str]]:
    """2 x ``number`` + 1 queries of each macro."""
    columns = con.execute(SOME.format(2 * number + 1)).fetchall()[0]
    given = [
        {"user": literal(user), "product": literal(product), "other": literal(columns[1][0]), "title": literal(title)}
        for user, product, title in zip(*columns, strict=True)
    ]
    return {name: [query.format(**values) for values in given] for name, query in QUERIES.items()}


def _milliseconds(path: Path, queries: list[str]) -> list[float]:
    """Of each query in turn; the first opens the file."""
    found = []
    started = time.perf_counter()
    with duckdb.connect(str(path), read_only=True) as con:
        for query in queries:
            assert con.execute(query).fetchall(), f"{query} says nothing"
            found.append((time.perf_counter() - started) * 1000)
            started = time.perf_counter()
    return found


def _summary(name: str, size: int, contender: str, times: list[float]) -> Iterator[Row]:
    first, *later = times
    filling, warm = (sorted(half) for half in (later[: len(later) // 2], later[len(later) // 2 :]))
    yield Row(name, size, contender, "cold ms", first)
    yield Row(name, size, contender, "filling p95 ms", filling[int(len(filling) * 0.95)])
    yield Row(name, size, contender, "p50 ms", warm[len(warm) // 2])
    yield Row(name, size, contender, "p95 ms", warm[int(len(warm) * 0.95)])
