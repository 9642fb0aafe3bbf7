"""Which weights of the hybrid score do best, chosen without looking at the events the hold-out check tests on.

Usage: python benchmarks/hybrid_weights.py FILE.duckdb ...

The events before each file's own split (its first 80 percent) are split again in the same way; everything is trained
on the first part and every mixture of a grid is measured on the second. The best on average over all files, each
relative to its own best, are printed first.
"""

from __future__ import annotations

import itertools
import sys

import duckdb

from duckmark.evaluation import GIVEN, READS
from duckmark.evaluation.measure import measure
from duckmark.evaluation.splits import splits
from duckmark.evaluation.trial import TABLES, trial
from duckmark.kernels.hybrid import PARTS
from duckmark.models.recommendations import WEIGHTS
from duckmark.plan import plan

GRID = {
    "content": (0, 0.02, 0.05, 0.1, 0.2),
    "collaborative": (0, 0.05, 0.15, 0.3),
    "items": (0, 0.7),
    "popularity": (0, 0.05, 0.1, 0.15),
}


def before_split(path: str) -> duckdb.DuckDBPyConnection:
    """The file's tables without the events its hold-out check tests on."""
    con = duckdb.connect()
    con.execute("CREATE SCHEMA duckmark")
    with duckdb.connect(path, read_only=True) as built:
        split_at = splits(built, "time", 5)[0].split_at
        for name in TABLES:
            earlier = (
                "WHERE happened_at < $split_at" if name in ("events", "reviews") else "WHERE $split_at IS NOT NULL"
            )
            rows = built.sql(f"FROM duckmark.{name} {earlier}", params={"split_at": split_at}).to_arrow_table()
            con.register("_part", rows)
            con.execute(f"CREATE TABLE duckmark.{name} AS FROM _part")
            con.unregister("_part")
    return con


def validated(path: str) -> dict[tuple[float, ...], float]:
    """NDCG@10 of every mixture of the grid on the later slice of the training events."""
    steps = plan()
    with before_split(path) as con:
        split = splits(con, "time", 5)[0]
        with trial(con, split, steps.towards(READS, GIVEN), steps.needs, {}) as trained:
            mixtures = {*itertools.product(*(GRID[part] for part in PARTS)), tuple(WEIGHTS.values())}
            return {
                mixture: float(measure(trained, dict(zip(PARTS, mixture, strict=True)), 10).per_user["ndcg"].mean())
                for mixture in sorted(mixtures)
                if any(mixture)
            }


def main(paths: list[str]) -> None:
    quality = [validated(path) for path in paths]
    best = [max(values.values()) for values in quality]
    relative = {
        mixture: sum(values[mixture] / top for values, top in zip(quality, best, strict=True)) / len(paths)
        for mixture in quality[0]
    }
    print("| " + " | ".join([*PARTS, *paths, "of the best"]) + " |\n|" + "---:|" * (len(PARTS) + len(paths) + 1))
    shown = sorted(relative, key=relative.get, reverse=True)[:8]
    for mixture in dict.fromkeys([*shown, tuple(WEIGHTS.values())]):
        figures = [f"{values[mixture]:.4f}" for values in quality]
        print("| " + " | ".join([*map(str, mixture), *figures, f"{relative[mixture]:.3f}"]) + " |")


if __name__ == "__main__":
    main(sys.argv[1:])
