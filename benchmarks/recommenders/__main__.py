"""Quality of duckmark's recommendations beside other libraries': same split, same catalogue, same tuning budget.

Writes recommenders.duckdb into the work folder; with --report, what that file holds into benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import UTC, datetime
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
    from benchmarks.report import README, placed

    path = arguments.work / "recommenders.duckdb"
    if not arguments.report:
        for outcomes, told in contest(arguments):
            report.stored(outcomes, told, path)
    written = report.generated(*report.read(path))
    if arguments.report:
        README.write_text(placed(README.read_text(encoding="utf-8"), "recommenders", written), encoding="utf-8")
    else:
        print(written)


def contest(arguments: argparse.Namespace) -> Iterator[tuple[list, str]]:
    """The outcomes of the sets asked for, as far as they are there, and what is to be told of the run: again whenever
    one more has come."""
    from benchmarks.recommenders.run import run
    from benchmarks.recommenders.shops import SETS
    from benchmarks.results import commit

    versions = ", ".join(f"{name} {version(name)}" for name in ("duckmark", "implicit", "lenskit", "numpy", "scipy"))
    told = (
        f"One run of {datetime.now(UTC):%Y-%m-%d} at commit {commit() or 'unknown'}, at most {arguments.trials} "
        f"options tried for each recommender; Python {platform.python_version()}, {versions}."
    )
    names = [name for name in SETS if not arguments.sets or any(word in name for word in arguments.sets)]
    arguments.work.mkdir(parents=True, exist_ok=True)
    # Their standard output is ours no more: DuckDB draws progress bars there.
    apart = {"mp_context": get_context("spawn"), "initializer": os.dup2, "initargs": (2, 1), "max_tasks_per_child": 1}
    with ProcessPoolExecutor(arguments.jobs, **apart) as pool:
        shared = (arguments.data, arguments.work, arguments.trials, arguments.only)
        # The large set comes last in SETS, and takes longest.
        runs = {name: pool.submit(run, name, *shared) for name in reversed(names)}
        for _ in as_completed(runs.values()):
            yield [runs[name].result() for name in names if runs[name].done()], told


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recommenders", description=__doc__)
    shared = ROOT.parent / "shared" / "data"
    parser.add_argument("data", nargs="?", type=Path, default=shared, help="folder of the public data sets")
    parser.add_argument("--work", type=Path, default=ROOT / "benchmarks" / "work", help="folder for built files")
    parser.add_argument("--trials", type=int, default=12, help="options tried for each recommender")
    parser.add_argument("--jobs", type=int, default=1, help="sets at a time")
    parser.add_argument("--sets", nargs="+", default=[], help="only sets whose name holds one of these words")
    parser.add_argument("--report", action="store_true", help="run nothing, write the last results into the README")
    parser.add_argument("--only", nargs="+", default=[], help="only recommenders whose name begins with one of these")
    return parser.parse_args()


if __name__ == "__main__":
    main()
