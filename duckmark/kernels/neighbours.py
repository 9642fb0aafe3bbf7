"""Users alike by what they chose: exact cosine neighbours over a sparse preference matrix."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from duckmark.kernels.checks import require_finite
from duckmark.kernels.pattern import with_data
from duckmark.kernels.similarity import Scale, lengths, most_similar

GRID = 2.0**-17  # 8e-6 stars; the products of ratings on this grid are multiples of 2^-34, so 50 bits hold their sums


def on_grid(preferences: sparse.csr_array) -> sparse.csr_array:
    """``preferences`` (u, i) rounded to ``GRID``: float64, or float32 where that holds their dots exactly too.

    Their dots are then exact in whatever order they are summed (as long as they stay below 2^19: 20,000 products
    both gave five stars), so that a user's list is the same whoever else is asked for, and alike users tie.
    Raises ValueError on NaN and infinite preferences.
    """
    require_finite(preferences)
    rounded = np.rint(preferences.data / GRID) * GRID
    rounded = rounded.astype(np.float32 if _is_coarse(preferences, rounded) else np.float64, copy=False)
    return with_data(preferences, rounded)


def _is_coarse(preferences: sparse.csr_array, rounded: np.ndarray) -> bool:
    """Whether all are multiples of half a star, and few enough a user for their dots to have 24 bits."""
    largest = np.diff(preferences.indptr).max(initial=0) * (2 * np.abs(rounded).max(initial=0)) ** 2
    return bool(largest < 2**24 and np.array_equal(2 * rounded, np.rint(2 * rounded)))


def cosine_neighbours(
    preferences: sparse.csr_array, rows: np.ndarray, k: int, shrinkage: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The ``k`` rows of ``preferences`` (n, m) most similar to each of ``rows``, those of positive cosine only.

    The cosine is dot(u, v) / (|u| |v| + ``shrinkage``). Gives flat arrays (row, neighbour, cosine), best first
    within a row, equal cosines by neighbour. No user is their own neighbour. A few blocks of rows x n are held.
    """
    return most_similar(preferences, rows, k, _cosine(preferences, shrinkage), np.float64)


def _cosine(preferences: sparse.csr_array, shrinkage: float) -> Scale:
    length = lengths(preferences)
    return Scale(length, length, shrinkage)
