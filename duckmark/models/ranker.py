"""The ranker: how much each feature counts in a product's score for a user, learned from a later slice of time."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from duckmark.evaluation.splits import inner
from duckmark.evaluation.trial import TABLES, trial
from duckmark.kernels.features import FEATURES, Evidence
from duckmark.kernels.network import Network, linear
from duckmark.models.evidence import READS as EVIDENCE
from duckmark.models.evidence import evidence_of, opened
from duckmark.models.fusion import fusion, given_weights, scale
from duckmark.models.learning_to_rank import (
    ALONE,
    METHODS,
    MOST_USERS,
    OF_LATER,
    calibrated,
    compared,
    pairs_of,
    sampled,
    stayed_away,
)
from duckmark.models.some_users import Listed, at_most
from duckmark.steps import Inputs, Needs, Options, Rehearsal, Step, Trained

RANKER = "duckmark.ranker"
BEFORE = (*TABLES, "word_vectors")  # word vectors know no taste: the earlier slice may as well have the later ones
GIVEN = frozenset(f"duckmark.{name}" for name in BEFORE)
FEWEST_USERS = 50
MOST_GATHERED = 20_000  # users whose evidence is held at once


def train(
    steps: list[Step],
    needs: Needs,
    con: duckdb.DuckDBPyConnection,
    inputs: Inputs,
    options: Options,
) -> Trained:
    """How much each feature counts: the best of a fixed fusion, a linear and a neural ranker on a later slice of time.

    Everything is trained on what comes before the slice; each method learns from half of its users and is measured
    on the other half, or from nine tenths where they are few. A method that is not better than every feature alone and
    every simpler method is not taken.
    """
    asked = "fusion" if given_weights(options) else options.get("ranker", "auto")
    found = None if asked == "fusion" else _learned(con, steps, needs, options, asked)
    method, network, users, quality = found or ("fusion", fusion(options), 0, {})
    network = network.rescaled(scale(_evidence(con, inputs)))
    return Trained({RANKER: _table(method, network)}, users, {"method": method}, quality)


def _evidence(con: duckdb.DuckDBPyConnection, inputs: Inputs) -> Evidence:
    """The evidence of a shop's users; of many, that of some of them, which is as spread."""
    users = f"(SELECT user_id FROM {inputs['duckmark.users']})"
    with at_most(con, users, MOST_GATHERED) as some:
        return evidence_of(opened(con, inputs) if some == users else opened(con, inputs).of(Listed(some)))


def _learned(
    con: duckdb.DuckDBPyConnection,
    steps: list[Step],
    needs: Needs,
    options: Options,
    asked: str,
) -> tuple[str, Network, int, dict[str, float]] | None:
    """The method, its network, the users it learned from and the quality of each; None where these are too few."""
    split = inner(con, options.get("learns_from", "time"), MOST_USERS)
    with trial(con, split, steps, needs, options, given=BEFORE) as earlier:
        earlier.con.close()  # what is learned from is gathered: the rest need not stay in memory
        users = sampled(earlier, options.get("seed", 42))
        if len(users) < FEWEST_USERS:
            return None
        simple, divisor = fusion(options), scale(earlier.evidence)
        with threadpool_limits(1):  # the products of small networks: a second thread costs more than it brings
            pairs = pairs_of(earlier, users, simple, divisor)
            methods = METHODS if split.kind == "folds" else OF_LATER
            quality = compared(earlier, users, simple, divisor, pairs, methods)
            method = asked if asked != "auto" else _best(quality)
            network = METHODS[method](pairs, simple) if method in METHODS else linear({method: 1.0}, FEATURES)
            if method != "fusion":
                # Of a fold, all come who were asked for.
                away = stayed_away(earlier)[: 0 if split.kind == "folds" else None]
                network = calibrated(network, earlier, users, away, simple, divisor, pairs)
    return method, network, len(users), {name: round(float(values.mean()), 5) for name, values in quality.items()}


def _best(quality: Mapping[str, np.ndarray]) -> str:
    """The simplest way that no other surpasses: the fusion, a feature alone, or a learned method.

    To surpass is to be better for the same users by a hundredth and by a standard error (Breiman et al. 1984).
    """
    best = "fusion"
    for method in (name for name in (*ALONE, *METHODS) if name in quality):
        gain = quality[method] - quality[best]
        if gain.mean() > max(0.01 * quality[best].mean(), gain.std() / np.sqrt(len(gain))):
            best = method
    return best


def _table(method: str, network: Network) -> pa.Table:
    units = [
        {"bias": bias, "output": output, "weights": weights}
        for bias, output, weights in zip(
            network.bias.tolist(), network.output.tolist(), network.units.tolist(), strict=True
        )
    ]
    unit = pa.struct({"bias": pa.float64(), "output": pa.float64(), "weights": pa.list_(pa.float64())})
    return pa.table(
        {
            "method": [method],
            "features": [list(FEATURES)],
            "base": [float(network.base)],
            "weights": [network.weights.tolist()],
            "units": pa.array([units], pa.list_(unit)),
        }
    )


REHEARSAL = Rehearsal(
    name="ranker",
    kind="learning_to_rank",
    stage="recommend",
    reads=tuple(dict.fromkeys((*EVIDENCE, *sorted(GIVEN)))),
    writes={
        RANKER: "method VARCHAR, features VARCHAR[], base DOUBLE, weights DOUBLE[], "
        "units STRUCT(bias DOUBLE, output DOUBLE, weights DOUBLE[])[]"
    },
    train=train,
    towards=(*EVIDENCE, "duckmark.user_segments"),
    given=GIVEN,
)
