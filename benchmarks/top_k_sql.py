"""`top_k` from SQL, the result fetched as an Arrow table, beside its kernel alone on the same 10,000 queries.

DuckDB calls `top_k` for 2,048 queries at a time, and `top_k_each` once for a list of all. They and the kernel take
turns in one process; the vectors were loaded beforehand. The same macro without Python is asked for few.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa

from benchmarks.blas import WIDE
from benchmarks.context import Context
from benchmarks.processes import seconds
from benchmarks.results import Row
from benchmarks.vectors import vectors

QUERIES, PRODUCTS, K, DIMENSIONS = 10_000, (10_000, 30_000, 100_000), 10, 64
FEW = 10  # queries for the macro in plain SQL
ASKED = f"SELECT top_k(vector, 'products', {K}) AS best FROM "
IN_ONE_LIST = f"SELECT unnest(top_k_each(list(vector), 'products', {K})) AS best FROM queries"


def rows(context: Context) -> Iterator[Row]:
    for products in (500,) if context.smoke else PRODUCTS:
        items = vectors(context, "texts", DIMENSIONS, products)
        queries = vectors(context, "texts", DIMENSIONS, 2_500 if context.smoke else QUERIES, seed=1)
        with TemporaryDirectory(dir=context.work) as folder:
            path = Path(folder) / "vectors.duckdb"
            context.call(prepare, path, items, queries)
            for run in range(1 if context.smoke else context.runs):
                for contender, taken in context.call(measured, path, environment=WIDE).items():
                    yield Row(f"{len(queries):,} queries", products, contender, "milliseconds", 1_000 * taken, run)
                if products > PRODUCTS[0]:
                    continue
                taken = context.call(plain, path)
                yield Row(f"{FEW} queries, plain SQL", products, "duckmark", "milliseconds", 1_000 * taken, run)


def prepare(path: Path, items: np.ndarray, queries: np.ndarray) -> None:
    import duckdb

    from duckmark.arrow import to_lists
    from duckmark.connection import sql_form

    with duckdb.connect(path) as con:
        con.register("given", pa.table({"id": [f"P{i:07}" for i in range(len(items))], "vector": to_lists(items)}))
        con.register("asked", pa.table({"vector": to_lists(queries)}))
        con.execute("CREATE SCHEMA duckmark; CREATE TABLE queries AS FROM asked")
        con.execute("CREATE TABLE duckmark.vector_spaces AS SELECT 'products' AS space, id, vector FROM given")
        con.execute(sql_form("top_k"))


def measured(path: Path) -> dict[str, float]:
    """The least of some turns each, in seconds, after both were found to give the same."""
    import duckmark
    from duckmark.arrow import to_matrix
    from duckmark.kernels.catalogue import catalogue
    from duckmark.kernels.nearest import top_k
    from duckmark.kernels.profiles import unit_rows

    with duckmark.connect(path, read_only=True) as con:
        stored = con.sql("SELECT id, vector FROM duckmark.vector_spaces ORDER BY id").to_arrow_table()
        items = catalogue(unit_rows(to_matrix(stored["vector"])))
        queries = to_matrix(con.sql("SELECT vector FROM queries").to_arrow_table()["vector"])
        found = con.sql(ASKED + "queries").to_arrow_table()["best"].combine_chunks()
        ids = stored["id"].combine_chunks().take(pa.array(top_k(queries, items, K, cosine=True)[0].ravel()))
        assert found.flatten().field("id").cast(ids.type).equals(ids)
        assert con.sql(IN_ONE_LIST).to_arrow_table()["best"].combine_chunks().equals(found)
        contenders = {
            "duckmark": lambda: con.sql(ASKED + "queries").to_arrow_table(),
            "duckmark, in one list": lambda: con.sql(IN_ONE_LIST).to_arrow_table(),
            "its kernel alone": lambda: top_k(queries, items, K, cosine=True),
        }
        rounds = [[seconds(search, warm=0)[0] for search in contenders.values()] for _ in range(5)]
    return dict(zip(contenders, map(min, zip(*rounds, strict=True)), strict=True))


def plain(path: Path) -> float:
    import duckdb

    with duckdb.connect(path, read_only=True) as con:
        return seconds(lambda: con.sql(f"{ASKED} (FROM queries LIMIT {FEW})").to_arrow_table(), warm=0)[0]
