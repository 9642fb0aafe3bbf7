"""The exact top-k kernel beside faiss, usearch, scikit-learn, implicit, numpy and DuckDB's own SQL.

Each library runs in a process of its own on all cores, with the same kind of BLAS kernels for all; an index is made
beforehand. faiss is made to use BLAS for any number of queries, which its default does not. The slowest are asked only
where there are few pairs. Ids are compared by their scores in float64, so that only ties may differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from benchmarks.blas import WIDE
from benchmarks.context import Context
from benchmarks.processes import seconds, turns
from benchmarks.results import Row
from benchmarks.vectors import vectors

PACKAGES = ("faiss-cpu", "usearch", "scikit-learn", "implicit")


class Shape(NamedTuple):
    kind: str
    queries: int
    items: int
    dimensions: int
    k: int

    def of_items(self) -> tuple[str, int, int]:
        return self.kind, self.items, self.dimensions

    def __str__(self) -> str:
        sizes = f"{self.queries:,} x {self.items:,} {self.kind}"
        return f"{sizes}, {self.dimensions} dimensions, k = {self.k:,}"


SHAPES = (
    Shape("texts", 1_000, 10_000, 64, 10),
    Shape("texts", 2_000, 20_000, 64, 10),
    *(Shape("texts", 10_000, 100_000, dimensions, 10) for dimensions in (64, 128)),
    *(Shape("words", 10_000, 30_000, dimensions, 10) for dimensions in (64, 128)),
    *(Shape("texts", 2_000, 100_000, 64, k) for k in (100, 1_000)),
    *(Shape("normal", 2_000, 100_000, dimensions, 10) for dimensions in (32, 256, 512, 1_024)),
    Shape("normal", 2_000, 100_000, 256, 100),
    *(Shape("texts", queries, 1_000_000, 64, 10) for queries in (1, 10, 100, 1_000)),
)
SMOKE = (Shape("normal", 7, 900, 16, 5), Shape("normal", 70, 300, 8, 20))


def rows(context: Context) -> Iterator[Row]:
    for (kind, items, dimensions), shapes in groupby(SMOKE if context.smoke else SHAPES, Shape.of_items):
        with TemporaryDirectory(dir=context.work) as folder:
            np.save(f"{folder}/items.npy", vectors(context, kind, dimensions, items))
            for shape in shapes:
                np.save(f"{folder}/queries.npy", vectors(context, kind, dimensions, shape.queries, seed=1))
                yield from _compared(context, shape, Path(folder))


def _compared(context: Context, shape: Shape, folder: Path) -> Iterator[Row]:
    known = context.installed({name: module for name, (module, _, _) in CONTENDERS.items()})
    calls = {
        name: partial(context.call, measured, name, folder, shape.k, environment=WIDE)
        for name in known
        if shape.queries * shape.items <= CONTENDERS[name][1]
    }
    for run, name, taken in turns(calls, 1 if context.smoke else context.runs):
        yield Row(str(shape), None, name, "milliseconds", 1_000 * taken, run)


def measured(library: str, folder: Path, k: int) -> float:
    """The least of some searches, in seconds, of which the first one's ids are then found to be right."""
    items, queries = np.load(folder / "items.npy"), np.load(folder / "queries.npy")
    search = CONTENDERS[library][2](items, k)
    found = search(queries)
    taken = min(seconds(lambda: search(queries), times=3, warm=0))
    check(queries, items, found, k, library, folder)  # afterwards, as BLAS keeps a core busy for a while after it
    return taken


def check(queries: np.ndarray, items: np.ndarray, found: np.ndarray, k: int, library: str, folder: Path) -> None:
    """Raises AssertionError where ids do not have the scores of those that duckmark finds, or in a small case numpy."""
    path, few = folder / "expected.npy", slice(0, 200)
    found = np.asarray(found)[few].astype(np.int64)
    if library == "duckmark":
        np.save(path, naive(items, k)(queries[few]) if items.size < 1 << 20 else found)
    expected = np.load(path)
    scores = [
        np.einsum("qd,qkd->qk", queries[few].astype(np.float64), items[ids].astype(np.float64))
        for ids in (found, expected)
    ]
    assert found.shape == expected.shape, f"{library} gives {found.shape}"
    assert np.allclose(*(np.sort(one, axis=1) for one in scores), atol=1e-5), f"{library} finds others"


Search = Callable[[np.ndarray], np.ndarray]


def duckmark(items: np.ndarray, k: int) -> Search:
    from duckmark.kernels.catalogue import catalogue
    from duckmark.kernels.nearest import top_k

    ready = catalogue(items)
    return lambda queries: top_k(queries, ready, k)[0]


def faiss(items: np.ndarray, k: int) -> Search:
    import faiss

    faiss.cvar.distance_compute_blas_threshold = 1
    index = faiss.IndexFlatIP(items.shape[1])
    index.add(items)
    return lambda queries: index.search(queries, k)[1]


def usearch(items: np.ndarray, k: int) -> Search:
    from usearch.index import search

    return lambda queries: search(items, queries, k, "ip", exact=True).keys.reshape(len(queries), -1)


def sklearn(items: np.ndarray, k: int) -> Search:
    from sklearn.neighbors import NearestNeighbors

    # Of unit vectors the nearest are those of the highest cosine, and only distances have a compiled search.
    index = NearestNeighbors(n_neighbors=k, algorithm="brute", metric="euclidean").fit(items)
    return lambda queries: index.kneighbors(queries, return_distance=False)


def implicit(items: np.ndarray, k: int) -> Search:
    from implicit.cpu.topk import topk

    return lambda queries: topk(items, queries, k)[0]


def naive(items: np.ndarray, k: int) -> Search:
    def search(queries: np.ndarray) -> np.ndarray:
        scores = queries @ items.T
        best = np.argpartition(-scores, k - 1, axis=1)[:, :k]
        order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1, kind="stable")
        return np.take_along_axis(best, order, axis=1)

    return search


def duckdb(items: np.ndarray, k: int) -> Search:
    import duckdb
    import pyarrow as pa

    con = duckdb.connect()

    def load(name: str, rows: np.ndarray) -> None:
        lists = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), rows.shape[1])
        con.register("given", pa.table({"id": np.arange(len(rows)), "vector": lists}))
        con.execute(f"CREATE OR REPLACE TABLE {name} AS FROM given")

    def search(queries: np.ndarray) -> np.ndarray:
        load("queries", queries)
        score = "array_cosine_similarity(queries.vector, items.vector)"
        query = f"SELECT arg_max(items.id, {score}, {k}) FROM queries, items GROUP BY queries.id ORDER BY queries.id"
        return np.array([row[0] for row in con.sql(query).fetchall()])

    load("items", items)
    return search


# The module that each needs, and how many pairs it is asked for at most.
CONTENDERS: dict[str, tuple[str, int, Callable[[np.ndarray, int], Search]]] = {
    "duckmark": ("numpy", 10**12, duckmark),
    "faiss-cpu": ("faiss", 10**12, faiss),
    "implicit": ("implicit", 5 * 10**7, implicit),
    "scikit-learn": ("sklearn", 5 * 10**7, sklearn),
    "numpy": ("numpy", 5 * 10**7, naive),
    "usearch exact": ("usearch", 10**7, usearch),
    "DuckDB": ("duckdb", 10**7, duckdb),
}
