"""The measures of one trial for each model and segment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from duckmark.evaluation.trial import Trial
from duckmark.kernels.hybrid import recommendation_lists
from duckmark.kernels.metrics import bootstrap_interval, diversity, novelty, ranking_quality


@dataclass(frozen=True)
class Measured:
    """Values a user (``per_user``, each (n,)), each user's ``segments`` (n,), and the share of the catalogue shown."""

    per_user: Mapping[str, np.ndarray]
    segments: np.ndarray
    coverage: float


def measure(trial: Trial, weights: Mapping[str, float], k: int) -> Measured:
    """Rank the whole catalogue for every user with something to find, and see what they took."""
    relevant = np.diff(trial.truth.indptr)
    tested = np.flatnonzero(relevant)
    place_of = np.full(len(relevant), -1)
    place_of[tested] = np.arange(len(tested))
    parts = list(recommendation_lists(trial.evidence, tested, k, weights))
    user, product, place = (
        np.concatenate([np.empty(0, np.int64), *(getattr(part, name) for part in parts)])
        for name in ("user", "product", "place")
    )
    # Asked for no cells, scipy gives a sparse array where it gives numbers otherwise.
    found = np.asarray(trial.truth[user, product]).ravel() > 0 if len(user) else np.zeros(0, bool)
    hits = np.zeros((len(tested), k))
    hits[place_of[user[found]], place[found] - 1] = 1
    lists = place_of[user]
    owners = np.bincount(trial.evidence.preferences.indices, minlength=trial.truth.shape[1])
    surprise = np.bincount(lists, novelty(product, owners, len(relevant)), len(tested))
    with np.errstate(invalid="ignore"):
        surprise = surprise / np.bincount(lists, minlength=len(tested))
    variety = diversity(lists, product, trial.evidence.product_vectors, len(tested))
    per_user = {**ranking_quality(hits, relevant[tested]), "novelty": surprise, "diversity": variety}
    coverage = len(np.unique(product)) / max(1, trial.truth.shape[1])
    return Measured(per_user, trial.segments[tested], coverage)


def joined(parts: list[Measured]) -> Measured:
    """The measures of several folds as one: users of all folds, the mean coverage."""
    names = parts[0].per_user
    per_user = {name: np.concatenate([part.per_user[name] for part in parts]) for name in names}
    segments = np.concatenate([part.segments for part in parts])
    return Measured(per_user, segments, float(np.mean([part.coverage for part in parts])))


def summary(measured: Measured, seed: int) -> Iterator[dict]:
    """A row for each measure, over all users and in each segment, with its interval."""
    everyone = np.ones(len(measured.segments), bool)
    groups = {None: everyone, **{name: measured.segments == name for name in np.unique(measured.segments)}}
    for segment, members in groups.items():
        for metric, values in measured.per_user.items():
            chosen = values[members & np.isfinite(values)]
            if len(chosen):
                low, high = bootstrap_interval(chosen, seed)
                mean = float(chosen.mean())
                yield {
                    "metric": metric,
                    "segment": segment,
                    "value": mean,
                    "low": low,
                    "high": high,
                    "users": len(chosen),
                }
    yield {"metric": "coverage", "segment": None, "value": measured.coverage, "users": len(everyone)}
