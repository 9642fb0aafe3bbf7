"""Weightings of a preference matrix by how telling each preference is. For users, weigh the transposed matrix."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from scipy import sparse

from duckmark.kernels.checks import require_finite


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
    return _with_data(preferences, values * _rarity(preferences))


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
    return _with_data(preferences, values * _rarity(preferences))


WEIGHTINGS: Mapping[str, Callable[[sparse.csr_array], sparse.csr_array]] = {
    "none": unweighted,
    "tf_idf": tf_idf,
    "bm25": bm25,
}


def _rarity(preferences: sparse.csr_array) -> np.ndarray:
    """log(items / (1 + items of the user)) of each stored preference, at least 0."""
    taken = np.diff(preferences.indptr)
    return np.repeat(np.maximum(np.log(max(1, preferences.shape[1]) / (1 + taken)), 0), taken)


def _with_data(matrix: sparse.csr_array, data: np.ndarray) -> sparse.csr_array:
    return sparse.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)
