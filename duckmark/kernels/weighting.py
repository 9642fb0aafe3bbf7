"""Weightings of a preference matrix by how telling each preference is. For users, weigh the transposed matrix."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from scipy import sparse

from duckmark.kernels.checks import require_finite
from duckmark.kernels.pattern import with_data


def unweighted(preferences: sparse.csr_array) -> sparse.csr_array:
    """The preferences as they are."""
    require_finite(preferences)
    return preferences


def tf_idf(preferences: sparse.csr_array) -> sparse.csr_array:
    """sqrt(preference) x log(items / (1 + items of the user)): what a user of few items chose says more.

    ``preferences`` (u, i), float64. The form of `implicit`'s TF-IDF recommender; the sign of a dislike is kept.
    Raises ValueError on NaN and infinite preferences.
    """
    require_finite(preferences)
    values = np.sign(preferences.data) * np.sqrt(np.abs(preferences.data))
    return with_data(preferences, values * _rarity(preferences))


def bm25(preferences: sparse.csr_array, k1: float = 100.0, b: float = 0.2) -> sparse.csr_array:
    """Okapi BM25 (Robertson & Walker 1994) of items as documents and users as words: popular items saturate.

    ``preferences`` (u, i), float64; ``k1``: how slowly a high preference saturates; ``b``: how much an item's
    popularity counts against it. The sign of a dislike is kept. Raises ValueError on NaN and infinite preferences.
    """
    require_finite(preferences)
    size = np.abs(preferences.data)
    totals = np.bincount(preferences.indices, size, preferences.shape[1])
    norm = 1 - b + b * totals / max(totals.mean() if len(totals) else 0.0, np.finfo(float).tiny)
    values = preferences.data * (k1 + 1) / (k1 * norm[preferences.indices] + size)
    return with_data(preferences, values * _rarity(preferences))


def by_activity(preferences: sparse.csr_array, discount: float) -> sparse.csr_array:
    """Each user's preferences x (their number / the mean number)^-``discount``.

    A regression on the result weighs the errors of a user of n items by n^(-2 x discount): as they come at 0, and in
    all as much for everyone at 1/2 (the user-adaptive normalisation of Park et al. 2025, "Why is normalization
    necessary for linear recommenders?"). ``preferences`` (u, i); raises ValueError on NaN and infinite ones.
    """
    require_finite(preferences)
    number = np.diff(preferences.indptr)
    scale = (np.maximum(number, 1) / max(float(number.mean()) if len(number) else 0.0, 1.0)) ** -discount
    return with_data(preferences, preferences.data * np.repeat(scale, number))


def by_popularity(weights: sparse.csr_array, preferences: sparse.csr_array, discount: float) -> sparse.csr_array:
    """Item weights B (i, i) with those for an item (a column) x (its preferences / the mean item's)^-``discount``.

    What many chose is then recommended less, what few chose more; the item side of the same normalisation.
    ``preferences`` (u, i), not negative.
    """
    totals = np.asarray(preferences.sum(axis=0)).ravel()
    mean = totals.mean() if totals.any() else 1.0
    scale = np.where(totals > 0, totals / mean, 1.0) ** -discount
    return with_data(weights, weights.data * scale[weights.indices])


WEIGHTINGS: Mapping[str, Callable[[sparse.csr_array], sparse.csr_array]] = {
    "none": unweighted,
    "tf_idf": tf_idf,
    "bm25": bm25,
}


def _rarity(preferences: sparse.csr_array) -> np.ndarray:
    """log(items / (1 + items of the user)) of each stored preference, at least 0."""
    taken = np.diff(preferences.indptr)
    return np.repeat(np.maximum(np.log(max(1, preferences.shape[1]) / (1 + taken)), 0), taken)
