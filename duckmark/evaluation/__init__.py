"""How good the recommendations are, on events the models have not seen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.evaluation import ratings
from duckmark.evaluation.measure import joined, measure, summary
from duckmark.evaluation.splits import splits
from duckmark.evaluation.trial import GIVEN, READS, TABLES, trial
from duckmark.kernels.hybrid import PARTS
from duckmark.models.recommendations import hybrid_weights
from duckmark.steps import Inputs, Model, Options, Skipped, Step, Trained

__all__ = ["GIVEN", "READS", "RESULTS", "evaluated", "model"]

RESULTS = "duckmark.evaluation_results"
COLUMNS = (
    "model VARCHAR, metric VARCHAR, k BIGINT, segment VARCHAR, value DOUBLE, low DOUBLE, high DOUBLE, "
    "users BIGINT, protocol VARCHAR, split_at TIMESTAMP"
)
FEWEST_USERS = 20


def model(steps: list[Step], needs: Mapping[str, Collection[str]]) -> Model:
    """The hold-out check as a step of the build, given the steps that lead to what is in READS."""
    return Model(
        name="hold_out",
        kind="time_split",
        stage="report",
        reads=tuple(f"duckmark.{name}" for name in (*TABLES, "hybrid_weights", "recommendation_lists")),
        writes={RESULTS: COLUMNS},
        train=partial(_hold_out, steps, needs),
    )


def _hold_out(
    steps: list[Step],
    needs: Mapping[str, Collection[str]],
    con: duckdb.DuckDBPyConnection,
    inputs: Inputs,
    options: Options,
) -> Trained:
    """Quality on held-out events, the whole pipeline trained without them, beside popularity."""
    if not options.get("evaluate", True):
        raise Skipped("not asked for")
    return evaluated(con, steps, needs, options, "time", k=10, folds=5)


def evaluated(
    con: duckdb.DuckDBPyConnection,
    steps: list[Step],
    needs: Mapping[str, Collection[str]],
    options: Mapping[str, Any],
    protocol: str,
    k: int,
    folds: int,
) -> Trained:
    """Every measure at ``k`` of the hybrid, its parts and popularity, by ``protocol`` (see `splits`), and how near the
    expected ratings came where they were given.

    Raises Skipped where fewer than 20 users have something to find.
    """
    alone = {name: {part: float(part == name) for part in PARTS} for name in PARTS}
    named = {"hybrid": hybrid_weights(con), **alone}
    measured: dict[str, list] = {name: [] for name in named}
    foretold = []
    chosen = splits(con, protocol, folds)
    for split in chosen:
        with trial(con, split, steps, needs, options) as trained:
            for name, mixture in named.items():
                measured[name].append(measure(trained, mixture, k))
            foretold.append(trained.foretold)
    users = sum(len(part.segments) for part in measured["hybrid"])
    if users < FEWEST_USERS:
        raise Skipped(
            f"too few users to test on: {users} took something new after the split, at least {FEWEST_USERS} are needed"
        )
    seed = options.get("seed", 42)
    about = {"protocol": chosen[0].protocol, "split_at": chosen[0].split_at}
    rows = [
        {"model": name, "k": k, **about, **row}
        for name, parts in measured.items()
        for row in summary(joined(parts), seed)
    ]
    rated = pa.concat_tables(foretold)
    if pc.count_distinct(rated["user_id"]).as_py() >= FEWEST_USERS:
        rows += [{**about, **row} for row in ratings.summary(rated, seed)]
    return Trained({RESULTS: pa.Table.from_pylist(rows)}, users, {"k": k, "protocol": protocol}, {"users": users})
