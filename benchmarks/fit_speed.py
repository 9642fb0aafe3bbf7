"""Models of items, users and factors: seconds beside `implicit`, how good its factors are, and growth with the shop.

Figures are of fresh processes of one library, which take turns; each warms up once, but at ten million interactions.
Both libraries compute the 100 nearest exactly, or 16 sweeps of alternating least squares. `implicit` has its own
threads, one a core, and one of BLAS, as it advises; duckmark has threads of its own too, one a core.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from benchmarks.blas import WIDE
from benchmarks.context import Context
from benchmarks.expand import expanded, movielens, retail
from benchmarks.processes import call, peak_mib, turns
from benchmarks.results import Row

PACKAGES = ("implicit", "scipy")
K = 100
SWEEPS = 16
MILLIONS = 5 * 10**6
SIZES = (10**5, 10**6, 10**7)
EXPANSION = "expansion of Online Retail"
CONTENDERS = {"duckmark": "duckmark", "implicit": "implicit", "implicit, lists sorted": "implicit"}
TASKS = ("items, cosine", "items, BM25", "users, cosine", "factors, 64", "factors, 128")
ALONE = ("SLIM", "EASE", "graph filter")
GROWTH = ("items, cosine", "items, BM25", "users, cosine", "factors, 64")
SOME = "users, cosine, 1 in 32"  # as a refresh asks; all would take minutes in the largest shop
FACTORS = (64, 128)
# One loss for both (Hu et al. 2008): what is stored weighs 4 where all else weighs 1, and everyone's ridge is 30. In
# duckmark's form what is stored counts among all pairs too, so its own weight is 3, its target 4/3; divided by both:
CONFIDENCE, RIDGE = 4.0, 30.0
SAME_LOSS = {"unobserved": 1 / (CONFIDENCE - 1), "regularisation": RIDGE / CONFIDENCE, "exponent": 0.0}


def rows(context: Context) -> Iterator[Row]:
    if context.smoke:
        compare(context)
    for name, taken in matrices(context):
        path = context.work / "fit_speed.npz"
        sparse.save_npz(path, sparse.csr_matrix(taken), compressed=False)
        for task in tasks(context, name, taken.nnz):
            yield from _timed(context, name, taken.nnz, task, path)
    if not context.smoke and "implicit" in context.installed(CONTENDERS):
        yield from quality(context)


def tasks(context: Context, name: str, size: int) -> tuple[str, ...]:
    """What is measured of a shop: of those that grow, what can be compared at all sizes."""
    if context.smoke:
        return TASKS
    if name != EXPANSION:
        return (*TASKS, *ALONE)
    return (*(task for task in GROWTH if size < MILLIONS or task != "users, cosine"), SOME)


def matrices(context: Context) -> Iterator[tuple[str, sparse.csr_array]]:
    """The shops, by the name that cases bear: real ones, and expansions of one to each size."""
    if context.smoke:
        yield "a corner of Online Retail", expanded(retail(), 3_000)
        return
    if context.data:
        yield "MovieLens-100K", movielens(str(context.source("movielens-100k/u.data")))
    yield "Online Retail", retail()
    for size in context.sizes(SIZES):
        yield EXPANSION, expanded(retail(), size)


def _timed(context: Context, name: str, size: int, task: str, path: Path) -> Iterator[Row]:
    is_large = size > MILLIONS
    calls = {
        contender: partial(
            context.call,
            measured,
            contender,
            task,
            path,
            0 if is_large else 1,
            environment=WIDE if contender == "duckmark" else {**WIDE, "OPENBLAS_NUM_THREADS": "1"},
        )
        for contender in contenders(context, name, size, task)
    }
    for run, contender, found in turns(calls, 1 if is_large or context.smoke else context.runs):
        for measure, value in found.items():
            yield Row(f"{task}: {name}", size, contender, measure, value, run)


def contenders(context: Context, name: str, size: int, task: str) -> list[str]:
    """duckmark and who has the same task; lists are sorted for the real shops only."""
    if task not in TASKS or size > MILLIONS:
        return ["duckmark"]
    has_lists = name != EXPANSION and not task.startswith("factors")
    return [one for one in context.installed(CONTENDERS) if has_lists or not one.endswith("sorted")]


def measured(contender: str, task: str, path: Path, warm: int) -> dict[str, float]:
    """Seconds of the clock and of the processors after ``warm`` calls, and the peak of the process with the matrix."""
    taken = sparse.csr_array(sparse.load_npz(path))
    if contender == "duckmark":
        run = duckmark_task(task, taken)
    else:
        run = implicit_task(task, taken, contender.endswith("sorted"))
    for _ in range(warm):
        run()
    clock, processors = time.perf_counter(), time.process_time()
    run()
    seconds = {"seconds": time.perf_counter() - clock, "processor seconds": time.process_time() - processors}
    return {**seconds, "MiB": peak_mib()}


def compare(context: Context) -> None:
    """Raises AssertionError where lists of neighbours are not those of all cosines."""
    taken = expanded(retail(), 3_000)
    unit = taken.toarray() / np.sqrt(taken.power(2).sum(axis=0))
    cosines = unit.T @ unit
    np.fill_diagonal(cosines, 0)
    expected = -np.sort(-cosines, axis=1)[:, :K]
    found = duckmark_task("items, cosine", taken)()
    assert np.allclose(_largest(sparse.csr_array(found.T)), expected, atol=1e-5), "items, cosine: duckmark"
    if "implicit" in context.installed(CONTENDERS):
        from implicit.nearest_neighbours import CosineRecommender

        model = CosineRecommender(K=K + 1)
        model.fit(sparse.csr_matrix(taken), show_progress=False)
        lists = [model.similar_items(item, N=K + 1)[1] for item in range(taken.shape[1])]
        scores = np.array([np.pad(one[1:], (0, K + 1 - len(one))) for one in lists])
        assert np.allclose(scores, expected, atol=1e-5), "items, cosine: implicit"


def _largest(lists: sparse.csr_array) -> np.ndarray:
    """The K largest values of each row, best first."""
    return -np.sort(-lists.toarray(), axis=1)[:, :K]


def duckmark_task(task: str, taken: sparse.csr_array) -> Callable[[], object]:
    """What duckmark runs: preferences to lists of neighbours."""
    from duckmark.kernels.ease import ease, largest
    from duckmark.kernels.graph_filter import graph_filter
    from duckmark.kernels.ials import Loss, ials
    from duckmark.kernels.item_neighbours import item_neighbours
    from duckmark.kernels.neighbours import cosine_neighbours, on_grid
    from duckmark.kernels.slim import slim
    from duckmark.kernels.weighting import bm25

    return {
        "items, cosine": lambda: item_neighbours(taken, K),
        "items, BM25": lambda: item_neighbours(bm25(taken, 1.2, 0.75), K, unit=False),
        "users, cosine": lambda: cosine_neighbours(on_grid(taken), np.arange(taken.shape[0]), K),
        SOME: lambda: cosine_neighbours(on_grid(taken), np.arange(0, taken.shape[0], 32), K),
        "factors, 64": lambda: alone(lambda: ials(taken, Loss(64, **SAME_LOSS), SWEEPS)),
        "factors, 128": lambda: alone(lambda: ials(taken, Loss(128, **SAME_LOSS), SWEEPS)),
        "SLIM": lambda: slim(taken),
        "EASE": lambda: largest(ease(taken, 300.0), K),
        "graph filter": lambda: graph_filter(taken, K),
    }[task]


def alone(run: Callable[[], object]) -> object:
    """As `duckmark.models.factors` trains: small products wait for a second thread longer than it helps."""
    with threadpool_limits(1):
        return run()


def implicit_task(task: str, taken: sparse.csr_array, lists: bool) -> Callable[[], object]:
    """What implicit runs: `fit`, and where ``lists`` are asked for `similar_items` of all, as only these are sorted."""
    from implicit.nearest_neighbours import BM25Recommender, CosineRecommender

    if task.startswith("factors"):
        model = implicit_factors(int(task.split()[1]))
        matrix = sparse.csr_matrix(taken, dtype=np.float32)
        return lambda: model.fit(matrix, show_progress=False)
    rows = sparse.csr_matrix(taken.T if task.startswith("users") else taken)
    kind, given = (BM25Recommender, {"K1": 1.2, "B": 0.75}) if "BM25" in task else (CosineRecommender, {})

    def run() -> None:
        model = kind(K=K + 1, **given)  # an item is its own nearest
        model.fit(rows, show_progress=False)
        if lists:
            model.similar_items(np.arange(rows.shape[1]), N=K + 1)

    return run


def implicit_factors(factors: int) -> object:
    """implicit's model of the loss that both have."""
    from implicit.als import AlternatingLeastSquares

    given = {"regularization": RIDGE, "alpha": CONFIDENCE, "iterations": SWEEPS}
    return AlternatingLeastSquares(factors, **given, use_gpu=False, random_state=0)


def quality(context: Context) -> Iterator[Row]:
    """NDCG@10 of both libraries' factors on a fifth of the interactions, trained on the others as they are timed."""
    for name, taken in matrices(context):
        if taken.nnz > MILLIONS:
            continue
        held = np.random.default_rng(0).random(taken.nnz) < 0.2
        row = np.repeat(np.arange(taken.shape[0]), np.diff(taken.indptr))
        known, hidden = (
            sparse.csr_array((np.ones(part.sum()), (row[part], taken.indices[part])), shape=taken.shape)
            for part in (~held, held)
        )
        for factors in FACTORS if name != EXPANSION else FACTORS[:1]:
            for contender in ("duckmark", "implicit"):
                users, items = call(fitted, contender, factors, known)
                found = ndcg(users, items, known, hidden)
                yield Row(f"{factors} factors of four fifths of {name}", taken.nnz, contender, "NDCG@10", found)


def fitted(contender: str, factors: int, known: sparse.csr_array) -> tuple[np.ndarray, np.ndarray]:
    """Factors of users and items."""
    if contender == "duckmark":
        from duckmark.kernels.ials import Loss, fold_in, ials

        items = ials(known, Loss(factors, **SAME_LOSS), SWEEPS)
        return fold_in(known, items)[0], items
    model = implicit_factors(factors)
    model.fit(sparse.csr_matrix(known, dtype=np.float32), show_progress=False)
    return model.user_factors, model.item_factors


def ndcg(users: np.ndarray, items: np.ndarray, known: sparse.csr_array, hidden: sparse.csr_array) -> float:
    """Mean NDCG@10 of ``users`` @ ``items``.T without what is ``known``, over users with something ``hidden``."""
    gain, found = 1 / np.log2(np.arange(2, 12)), []
    for start in range(0, len(users), 1024):
        part = slice(start, start + 1024)
        scores = np.where(known[part].toarray() > 0, -np.inf, users[part] @ items.T).astype(np.float32)
        ten = np.argpartition(-scores, 10, axis=1)[:, :10]
        order = np.argsort(-np.take_along_axis(scores, ten, axis=1), axis=1)
        is_hit = np.take_along_axis(hidden[part].toarray(), np.take_along_axis(ten, order, axis=1), axis=1)
        best = np.cumsum(gain)[np.clip(np.diff(hidden[part].indptr), 1, 10) - 1]
        found.append((is_hit @ gain / best)[np.diff(hidden[part].indptr) > 0])
    return float(np.concatenate(found).mean())
