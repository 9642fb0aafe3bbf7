"""Quality of duckmark's recommendations beside other libraries': same split, same catalogue, same tuning budget.

Prints markdown tables; all figures go into recommenders.duckdb in the work folder as well.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

from benchmarks.processes import ONE_THREAD

ROOT = Path(__file__).parents[2]


def main() -> None:
    arguments = parsed()
    # Before numpy is imported, which counts its threads then; the processes of the pool inherit it.
    os.environ.update(ONE_THREAD)
    from benchmarks.recommenders import report
    from benchmarks.recommenders.run import run
    from benchmarks.recommenders.shops import SETS

    names = [name for name in SETS if not arguments.sets or any(word in name for word in arguments.sets)]
    arguments.work.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    # Their standard output is ours no more: DuckDB draws progress bars there.
    apart = {"mp_context": get_context("spawn"), "initializer": os.dup2, "initargs": (2, 1), "max_tasks_per_child": 1}
    with ProcessPoolExecutor(arguments.jobs, **apart) as pool:
        shared = (arguments.data, arguments.work, arguments.trials, arguments.only)
        # The large set comes last in SETS, and takes longest.
        runs = {name: pool.submit(run, name, *shared) for name in reversed(names)}
        outcomes = [runs[name].result() for name in names]
    report.stored(outcomes, arguments.work / "recommenders.duckdb")
    versions = ", ".join(f"{name} {version(name)}" for name in ("duckmark", "implicit", "lenskit", "numpy", "scipy"))
    print(
        f"{arguments.trials} options tried for each recommender, {arguments.jobs} sets at a time, one thread each; "
        f"Python {platform.python_version()}, {versions}; {(time.perf_counter() - started) / 60:.0f} minutes in all\n"
    )
    print("".join(report.summary(outcomes)))
    print("".join(line for outcome in outcomes for line in report.set_tables(outcome)))


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recommenders", description=__doc__)
    shared = ROOT.parent / "shared" / "data"
    parser.add_argument("data", nargs="?", type=Path, default=shared, help="folder of the public data sets")
    parser.add_argument("--work", type=Path, default=ROOT / "benchmarks" / "work", help="folder for built files")
    parser.add_argument("--trials", type=int, default=12, help="options tried for each recommender")
    parser.add_argument("--jobs", type=int, default=1, help="sets at a time")
    parser.add_argument("--sets", nargs="+", default=[], help="only sets whose name holds one of these words")
    parser.add_argument("--only", nargs="+", default=[], help="only recommenders whose name begins with one of these")
    return parser.parse_args()


if __name__ == "__main__":
    main()
