"""How good the recommendations are, on events the models have not seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.evaluation import beside, ratings
from duckmark.evaluation.measure import Measured, joined, measure, summary
from duckmark.evaluation.splits import FOLDS, Split, splits
from duckmark.evaluation.trial import GIVEN, READS, TABLES, Trial, trained, trial
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
PROTOCOL, K = "time", 10  # of a build

Tried = tuple[dict[str, Measured], pa.Table]


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
    return evaluated(con, steps, needs, options, PROTOCOL, K, FOLDS)


@contextmanager
def _beside(
    steps: list[Step], needs: Needs, con: duckdb.DuckDBPyConnection, options: Options
) -> Iterator[Callable[[], Trained] | None]:
    """The same, in a process of its own while the build goes on; None where that is not worth it."""
    if not options.get("evaluate", True) or not beside.is_worth_it(con):
        yield None
        return
    split = splits(con, PROTOCOL, FOLDS)[0]
    with beside.begun(con, split, partial(_tried, steps, needs, options, split.kind)) as answer:
        yield lambda: summarised([answer()], split, options, PROTOCOL, K)


def _tried(
    steps: list[Step], needs: Needs, options: Options, kind: str, con: duckdb.DuckDBPyConnection, later: pa.Table
) -> Tried:
    return tried(trained(con, later, steps, needs, options, kind), options, K)


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
    chosen = splits(con, protocol, folds)
    parts = []
    for split in chosen:
        with trial(con, split, steps, needs, options) as shop:
            parts.append(tried(shop, options, k))
    return summarised(parts, chosen[0], options, protocol, k)


def tried(shop: Trial, options: Mapping[str, Any], k: int) -> Tried:
    """What a trial shows: each contender's measures at ``k``, and held-out ratings beside those expected."""
    return measure(shop, _contenders(shop, options), k), shop.predicted


def summarised(parts: list[Tried], split: Split, options: Mapping[str, Any], protocol: str, k: int) -> Trained:
    """The results of the trials of one protocol, of which ``split`` is one. Raises Skipped as `evaluated`."""
    measured = {name: joined([values[name] for values, _ in parts]) for name in parts[0][0]}
    users = len(np.unique(measured["hybrid"].users.astype(str)))
    if users < FEWEST_USERS:
        raise Skipped(
            f"too few users to test on: {users} took something new after the split, at least {FEWEST_USERS} are needed"
        )
    seed = options.get("seed", 42)
    about = {"protocol": split.protocol, "split_at": split.split_at}
    rows = [{**about, "k": k, **row} for row in summary(measured, seed)]
    rated = pa.concat_tables([rated for _, rated in parts])
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
    beside=_beside,
)
