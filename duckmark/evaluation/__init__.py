"""How good the recommendations are, on events the models have not seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.evaluation import ratings
from duckmark.evaluation.measure import Measured, joined, measure, summary
from duckmark.evaluation.splits import splits
from duckmark.evaluation.trial import GIVEN, READS, TABLES, Trial, trial
from duckmark.kernels.features import FEATURES, TASTE
from duckmark.kernels.network import Network, linear
from duckmark.models.fusion import fusion, scale
from duckmark.steps import Inputs, Needs, Options, Rehearsal, Skipped, Step, Trained

__all__ = ["GIVEN", "READS", "REHEARSAL", "RESULTS", "evaluated"]

RESULTS = "duckmark.evaluation_results"
COLUMNS = (
    "model VARCHAR, metric VARCHAR, k BIGINT, segment VARCHAR, value DOUBLE, low DOUBLE, high DOUBLE, "
    "users BIGINT, protocol VARCHAR, split_at TIMESTAMP"
)
FEWEST_USERS = 20


def _hold_out(
    steps: list[Step],
    needs: Needs,
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
    needs: Needs,
    options: Mapping[str, Any],
    protocol: str,
    k: int,
    folds: int,
) -> Trained:
    """Every measure at ``k`` of the ranker (hybrid), the simple fusion and single features, by ``protocol``, and how
    near the expected ratings came where they were given.

    Raises Skipped where fewer than 20 users have something to find.
    """
    measured: dict[str, list[Measured]] = {}
    foretold = []
    chosen = splits(con, protocol, folds)
    for split in chosen:
        with trial(con, split, steps, needs, options) as trained:
            for name, values in measure(trained, _contenders(trained, options), k).items():
                measured.setdefault(name, []).append(values)
            foretold.append(trained.foretold)
    users = sum(len(part.segments) for part in measured["hybrid"])
    if users < FEWEST_USERS:
        raise Skipped(
            f"too few users to test on: {users} took something new after the split, at least {FEWEST_USERS} are needed"
        )
    seed = options.get("seed", 42)
    about = {"protocol": chosen[0].protocol, "split_at": chosen[0].split_at}
    whole = {name: joined(parts) for name, parts in measured.items()}
    rows = [{**about, "k": k, **row} for row in summary(whole, seed)]
    rated = pa.concat_tables(foretold)
    if pc.count_distinct(rated["user_id"]).as_py() >= FEWEST_USERS:
        rows += [{**about, **row} for row in ratings.summary(rated, seed)]
    return Trained({RESULTS: pa.Table.from_pylist(rows)}, users, {"k": k, "protocol": protocol}, {"users": users})


def _contenders(trained: Trial, options: Mapping[str, Any]) -> dict[str, Network]:
    alone = {name: linear({name: 1.0}, FEATURES) for name in (*TASTE, "popularity", "recent")}
    return {"hybrid": trained.network, "fusion": fusion(options).rescaled(scale(trained.evidence)), **alone}


REHEARSAL = Rehearsal(
    name="hold_out",
    kind="time_split",
    stage="report",
    reads=tuple(f"duckmark.{name}" for name in (*TABLES, "ranker", "recommendation_lists")),
    writes={RESULTS: COLUMNS},
    train=_hold_out,
    towards=READS,
    given=GIVEN,
)
