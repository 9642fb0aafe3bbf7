"""`top_k` from SQL, the result fetched as an Arrow table, beside its kernel alone on the same 10,000 queries.

Both take turns in one process; the vectors were loaded beforehand. The same macro without Python is asked for few.
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
        turns = [
            (
                seconds(lambda: con.sql(ASKED + "queries").to_arrow_table(), warm=0),
                seconds(lambda: top_k(queries, items, K, cosine=True), warm=0),
            )
            for _ in range(5)
        ]
    by_sql, alone = (min(one[i][0] for one in turns) for i in (0, 1))
    return {"duckmark": by_sql, "its kernel alone": alone}


def plain(path: Path) -> float:
    import duckdb

    with duckdb.connect(path, read_only=True) as con:
        return seconds(lambda: con.sql(f"{ASKED} (FROM queries LIMIT {FEW})").to_arrow_table(), warm=0)[0]
