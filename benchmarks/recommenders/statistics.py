"""Comparisons of recommenders over the same users, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.recommenders.contenders import Result
from duckmark.kernels.metrics import RESAMPLES, bootstrap_intervals

METRICS = ("NDCG@10", "recall@20")
SEED = 42


@dataclass(frozen=True)
class Estimate:
    """A mean over users with its 95 percent bootstrap interval."""

    value: float
    low: float
    high: float


def mean(result: Result, metric: str) -> Estimate:
    """The mean over users."""
    return _estimate(result.per_user[metric])


def difference(result: Result, other: Result, metric: str) -> Estimate:
    """How much better ``result`` is than ``other``, the same users drawn for both."""
    return _estimate(result.per_user[metric] - other.per_user[metric])


def _estimate(values: np.ndarray) -> Estimate:
    low, high = bootstrap_intervals(values[:, None], SEED)
    return Estimate(float(values.mean()), float(low[0]), float(high[0]))


def best(results: Sequence[Result], *kinds: str) -> Result | None:
    """The one of ``kinds`` that was best on the slice for tuning, so that the test does not choose."""
    return max((each for each in results if each.kind in kinds), key=lambda each: each.validation, default=None)


def best_on_test(results: Sequence[Result], kind: str, metric: str) -> Result:
    """The one of ``kind`` that turned out best on the test: a harder mark than `best`, as luck has a part in it."""
    return max((each for each in results if each.kind == kind), key=lambda each: each.per_user[metric].mean())


def mean_gain(pairs: Sequence[tuple[Result, Result, float]], metric: str) -> Estimate:
    """Relative gain of the first of each pair over the second, the weighted mean over sets; users are resampled
    within each set. ``pairs`` are (result, other, weight of the set)."""
    generator = np.random.default_rng(SEED)
    weights = np.array([weight for *_, weight in pairs])
    gains = np.empty((RESAMPLES + 1, len(pairs)))
    for column, (result, other, _) in enumerate(pairs):
        ours, theirs = result.per_user[metric], other.per_user[metric]
        gains[0, column] = ours.mean() / theirs.mean() - 1
        for row in range(1, RESAMPLES + 1):
            chosen = generator.integers(0, len(ours), len(ours))
            gains[row, column] = ours[chosen].mean() / theirs[chosen].mean() - 1
    means = gains @ weights / weights.sum()
    return Estimate(float(means[0]), *(float(bound) for bound in np.quantile(means[1:], [0.025, 0.975])))
