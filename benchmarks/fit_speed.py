"""Models of items, users and factors: seconds beside `implicit`, and seconds and memory as the shop grows.

Usage: python benchmarks/fit_speed.py MOVIELENS/u.data [movielens] [retail] [expanded]
       python benchmarks/fit_speed.py --quality MOVIELENS/u.data [movielens] [retail] [expanded]
       python benchmarks/fit_speed.py --growth

Each figure is the median over fresh processes of one library, which take turns; each process warms up once. Both
compute the 100 nearest exactly, or 16 sweeps of alternating least squares by 3 conjugate gradients; the seconds of the
processors, over all cores, stand in brackets. `implicit` has its own threads, one a core, and one of BLAS, as it
advises; duckmark's factors have threads of their own too, one a core. The comparisons need the group `bench`.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).parent))
from expand import expanded, movielens, retail

K = 100
PROCESSES, RUNS = 3, 2
SWEEPS = 16
SIZES = {"100k": 10**5, "1M": 10**6, "10M": 10**7}


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
        "users, cosine, 1 in 32": lambda: cosine_neighbours(on_grid(taken), np.arange(0, taken.shape[0], 32), K),
        "factors, 64": lambda: alone(lambda: ials(taken, Loss(64), SWEEPS)),
        "factors, 128": lambda: alone(lambda: ials(taken, Loss(128), SWEEPS)),
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
    from implicit.als import AlternatingLeastSquares
    from implicit.nearest_neighbours import BM25Recommender, CosineRecommender

    if task.startswith("factors"):
        model = AlternatingLeastSquares(int(task.split()[1]), iterations=SWEEPS, use_gpu=False, random_state=0)
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


def one_process(library: str, task: str, path: str, runs: int) -> None:
    taken = sparse.csr_array(sparse.load_npz(path))
    run = duckmark_task(task, taken) if library == "duckmark" else implicit_task(task, taken, library.endswith("lists"))
    wall, processor = [], []
    for _ in range(runs):
        started = time.perf_counter(), time.process_time()
        run()
        wall.append(time.perf_counter() - started[0])
        processor.append(time.process_time() - started[1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"wall": wall[1:] or wall, "processor": processor[1:] or processor, "peak": peak}))


def measured(library: str, task: str, path: str, runs: int) -> dict:
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"} if library != "duckmark" else None
    command = [sys.executable, "-W", "ignore", __file__, "one", library, task, path, str(runs)]
    output = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return json.loads(output.stdout.splitlines()[-1])


def stored(taken: sparse.csr_array, folder: str) -> str:
    path = os.path.join(folder, "taken.npz")
    sparse.save_npz(path, sparse.csr_matrix(taken), compressed=False)
    return path


MATRICES = {
    "movielens": movielens,
    "retail": lambda _: retail(),
    "expanded": lambda _: expanded(retail(), 10**6),
}
TASKS = ("items, cosine", "items, BM25", "users, cosine", "factors, 64", "factors, 128")


def compare(ratings: str, names: list[str]) -> None:
    print("| users x items (interactions) | task | duckmark | implicit fit | with lists | ratio to fit | to lists |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for name in names or MATRICES:
        taken = MATRICES[name](ratings)
        shape = f"{taken.shape[0]:,} x {taken.shape[1]:,} ({taken.nnz:,})"
        with tempfile.TemporaryDirectory() as folder:
            path = stored(taken, folder)
            for task in TASKS:
                libraries = ("duckmark", "implicit", "implicit lists")[: 2 if task.startswith("factors") else 3]
                seconds = taking_turns(libraries, task, path)
                figures = [f"{shown(wall)} ({shown(processor)})" for wall, processor in seconds]
                ratios = [f"{seconds[0][0] / wall:.2f}" for wall, _ in seconds[1:]]
                cells = [*figures, *[""] * (3 - len(figures)), *ratios, *[""] * (2 - len(ratios))]
                print(f"| {shape} | {task} | {' | '.join(cells)} |", flush=True)


def quality(ratings: str, names: list[str]) -> None:
    """NDCG@10 of both libraries' factors on a fifth of the interactions, trained on the others as they are timed."""
    from implicit.als import AlternatingLeastSquares

    from duckmark.kernels.ials import Loss, fold_in, ials

    print("| users x items (interactions) | factors | duckmark | implicit |\n|---|---:|---:|---:|")
    for name in names or MATRICES:
        taken = MATRICES[name](ratings)
        held = np.random.default_rng(0).random(taken.nnz) < 0.2
        row = np.repeat(np.arange(taken.shape[0]), np.diff(taken.indptr))
        known, hidden = (
            sparse.csr_array((np.ones(part.sum()), (row[part], taken.indices[part])), shape=taken.shape)
            for part in (~held, held)
        )
        for factors in (64, 128):
            items = ials(known, Loss(factors), SWEEPS)
            peer = AlternatingLeastSquares(factors, iterations=SWEEPS, use_gpu=False, random_state=0)
            peer.fit(sparse.csr_matrix(known, dtype=np.float32), show_progress=False)
            ours = ndcg(fold_in(known, items)[0], items, known, hidden)
            theirs = ndcg(peer.user_factors, peer.item_factors, known, hidden)
            shape = f"{taken.shape[0]:,} x {taken.shape[1]:,} ({taken.nnz:,})"
            print(f"| {shape} | {factors} | {ours:.4f} | {theirs:.4f} |", flush=True)


def ndcg(users: np.ndarray, items: np.ndarray, known: sparse.csr_array, hidden: sparse.csr_array) -> float:
    """Mean NDCG@10 of ``users`` @ ``items``.T without what is ``known``, over users with something ``hidden``."""
    gain, found = 1 / np.log2(np.arange(2, 12)), []
    for start in range(0, len(users), 1024):
        part = slice(start, start + 1024)
        scores = np.where(known[part].toarray() > 0, -np.inf, users[part] @ items.T)
        is_hit = np.take_along_axis(hidden[part].toarray(), np.argsort(-scores, axis=1)[:, :10], axis=1)
        best = np.cumsum(gain)[np.clip(np.diff(hidden[part].indptr), 1, 10) - 1]
        found.append((is_hit @ gain / best)[np.diff(hidden[part].indptr) > 0])
    return float(np.concatenate(found).mean())


def taking_turns(libraries: tuple[str, ...], task: str, path: str) -> list[tuple[float, float]]:
    """Median seconds by the wall's clock and of the processors for each library."""
    runs = {library: {"wall": [], "processor": []} for library in libraries}
    for _ in range(PROCESSES):
        for library, seconds in runs.items():
            result = measured(library, task, path, RUNS + 1)
            for clock in seconds:
                seconds[clock] += result[clock]
    return [tuple(statistics.median(seconds[clock]) for clock in ("wall", "processor")) for seconds in runs.values()]


def growth() -> None:
    print("| users x items (interactions) | task | time | peak of the process |\n|---|---|---:|---:|")
    for name, size in SIZES.items():
        taken = expanded(retail(), size)
        with tempfile.TemporaryDirectory() as folder:
            path = stored(taken, folder)
            tasks = ["items, cosine", "items, BM25", "SLIM", "users, cosine", "factors, 64", "graph filter", "EASE"]
            if size > SIZES["1M"]:  # SLIM and EASE are not made for so many products, and all users take minutes
                tasks = ["items, cosine", "items, BM25", "users, cosine, 1 in 32", "factors, 64"]
            for task in tasks:
                one = measured("duckmark", task, path, 3 if size <= SIZES["1M"] else 1)
                time_taken = f"{shown(statistics.median(one['wall']))} ({shown(statistics.median(one['processor']))})"
                shape = f"{name}: {taken.shape[0]:,} x {taken.shape[1]:,} ({taken.nnz:,})"
                print(f"| {shape} | {task} | {time_taken} | {one['peak']:,.0f} MiB |", flush=True)


def shown(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms" if seconds < 1 else f"{seconds:,.1f} s"


def machine() -> None:
    versions = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy"))
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {versions}\n")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["one", library, task, path, runs]:
            one_process(library, task, path, int(runs))
        case ["--growth"]:
            machine()
            growth()
        case ["--quality", ratings, *names]:
            quality(ratings, names)
        case [ratings, *names] if not ratings.startswith("-"):
            machine()
            compare(ratings, names)
        case _:
            sys.exit(__doc__)
