"""The measures of one trial for each model and segment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from duckmark.evaluation.trial import Trial
from duckmark.kernels.features import Evidence
from duckmark.kernels.hybrid import recommendation_lists
from duckmark.kernels.metrics import bootstrap_intervals, by_user, diversity, novelty, ranking_quality
from duckmark.kernels.network import Network

MOST_PAIRS = 1 << 25
FEWEST_TESTED = 500


@dataclass(frozen=True)
class Measured:
    """Values a user and fold (``per_user``, each (n,)), whose they are (``users``, ``segments``, each (n,)), and the
    share of the catalogue shown."""

    per_user: Mapping[str, np.ndarray]
    segments: np.ndarray
    users: np.ndarray
    coverage: float


def measure(trial: Trial, networks: Mapping[str, Network], k: int) -> dict[str, Measured]:
    """Rank the whole catalogue by each network for every user with something to find, and see what they took.

    Where these users and the catalogue make more than 32 million pairs, for as many of them as make so many, and 500
    at least.
    """
    tested = np.flatnonzero(np.diff(trial.truth.indptr))
    most = max(FEWEST_TESTED, MOST_PAIRS // max(1, trial.truth.shape[1]))
    if len(tested) > most:
        tested = np.sort(np.random.default_rng(len(tested)).choice(tested, most, replace=False))
    return {
        name: _measured(trial, tested, lists, k) for name, lists in ranked(trial.evidence, tested, networks, k).items()
    }


def ranked(
    evidence: Evidence, users: np.ndarray, networks: Mapping[str, Network], k: int
) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The ``k`` best products of ``users`` by each network: rows of user, product and place from 1."""
    blocks = list(recommendation_lists(evidence, users, k, networks))
    return {
        name: tuple(
            np.concatenate([np.empty(0, np.int64), *(getattr(block[name], column) for block in blocks)])
            for column in ("user", "product", "place")
        )
        for name in networks
    }


def hits(trial: Trial, users: np.ndarray, lists: tuple[np.ndarray, np.ndarray, np.ndarray], k: int) -> np.ndarray:
    """Which of the ``k`` best products for each of ``users``, in ascending order, they took: 1 at those places, (n, k).

    ``lists`` are as from `ranked`.
    """
    user, product, place = lists
    # Asked for no cells, scipy gives a sparse array where it gives numbers otherwise.
    taken = np.asarray(trial.truth[user, product]).ravel() > 0 if len(user) else np.zeros(0, bool)
    found = np.zeros((len(users), k))
    found[np.searchsorted(users, user[taken]), place[taken] - 1] = 1
    return found


def _measured(trial: Trial, tested: np.ndarray, lists: tuple[np.ndarray, np.ndarray, np.ndarray], k: int) -> Measured:
    user, product, _ = lists
    whose = np.searchsorted(tested, user)
    owners = np.bincount(trial.evidence.preferences.indices, minlength=trial.truth.shape[1])
    surprise = np.bincount(whose, novelty(product, owners, trial.truth.shape[0]), len(tested))
    with np.errstate(invalid="ignore"):
        surprise = surprise / np.bincount(whose, minlength=len(tested))
    variety = diversity(whose, product, trial.evidence.product_vectors, len(tested))
    quality = ranking_quality(hits(trial, tested, lists, k), np.diff(trial.truth.indptr)[tested])
    coverage = len(np.unique(product)) / max(1, trial.truth.shape[1])
    values = {**quality, "novelty": surprise, "diversity": variety}
    return Measured(values, trial.segments[tested], trial.users[tested], coverage)


def joined(parts: list[Measured]) -> Measured:
    """The measures of several folds as one: users of all folds, the mean coverage."""
    names = parts[0].per_user
    per_user = {name: np.concatenate([part.per_user[name] for part in parts]) for name in names}
    segments, users = (np.concatenate([getattr(part, name) for part in parts]) for name in ("segments", "users"))
    return Measured(per_user, segments, users, float(np.mean([part.coverage for part in parts])))


def summary(measured: Mapping[str, Measured], seed: int) -> Iterator[dict]:
    """A row for each model and measure, over all users and in each segment, with its interval.

    The intervals draw users with replacement, each with all of their folds, as one person's are alike.
    """
    first = next(iter(measured.values()))
    segments, (users, user) = first.segments, np.unique(first.users.astype(str), return_inverse=True)
    everyone = np.ones(len(segments), bool)
    columns = [(model, metric) for model, found in measured.items() for metric in found.per_user]
    values = np.column_stack([measured[model].per_user[metric] for model, metric in columns])
    for segment, members in {None: everyone, **{name: segments == name for name in np.unique(segments)}}.items():
        sums, counts = by_user(values[members], user[members])
        low, high = bootstrap_intervals(sums, seed, counts=counts)
        for place, (model, metric) in enumerate(columns):
            known = values[members, place][np.isfinite(values[members, place])]
            if len(known):
                had = np.count_nonzero(counts[:, place])
                interval = {"low": float(low[place]), "high": float(high[place]), "users": had}
                yield {"model": model, "metric": metric, "segment": segment, "value": float(known.mean()), **interval}
    for model, found in measured.items():
        yield {"model": model, "metric": "coverage", "segment": None, "value": found.coverage, "users": len(users)}
