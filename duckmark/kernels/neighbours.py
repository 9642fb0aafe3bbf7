"""Users alike by what they chose: exact cosine neighbours over a sparse preference matrix."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from duckmark.kernels.checks import require_finite
from duckmark.kernels.similarity import Found, Scale, lengths, most_similar, similarities

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
    return sparse.csr_array((rounded, preferences.indices, preferences.indptr), shape=preferences.shape)


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


def cosines(preferences: sparse.csr_array, rows: np.ndarray, shrinkage: float = 0.0) -> np.ndarray:
    """The cosine of each of ``rows`` (r,) with each row of ``preferences`` (n, m): (r, n)."""
    return similarities(preferences, rows, _cosine(preferences, shrinkage))


def brought_up_to_date(
    lists: Found, near: np.ndarray, touched: np.ndarray, rows: np.ndarray, k: int
) -> tuple[Found, np.ndarray]:
    """The neighbours of ``rows`` (r,), in ascending order, after others, ``touched`` (t,), have changed.

    ``lists`` are those they had, flat as from `cosine_neighbours`, with -1 for a neighbour that is gone; ``near``
    (t, n) are the cosines of those touched as they are now. Gives the new lists, and which of ``rows`` they are true of
    (r,): nobody who was not listed comes before the last of an old full list, so a new one that ends no later is right.
    """
    row, other, cosine = lists
    stays = (other >= 0) & ~np.isin(other, touched)
    whose, place = np.nonzero((near[:, rows] > 0) & (touched[:, None] != rows))
    new = (
        np.concatenate([row[stays], rows[place]]),
        np.concatenate([other[stays], touched[whose]]),
        np.concatenate([cosine[stays], near[whose, rows[place]]]),
    )
    order = np.lexsort((new[1], -new[2], new[0]))
    new = tuple(flat[order] for flat in new)
    kept = np.arange(len(order)) - np.searchsorted(new[0], new[0]) < k
    new = tuple(flat[kept] for flat in new)
    (was_full, *before), (is_full, *after) = (_last(found, rows, k) for found in (lists, new))
    ends_no_later = (after[0] > before[0]) | ((after[0] == before[0]) & (after[1] <= before[1]))
    return new, ~was_full | (is_full & ends_no_later)


def _last(lists: Found, rows: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each of ``rows``: whether there are ``k`` in its list, the cosine of the last of them, and who it is."""
    row, other, cosine = lists
    ends = np.searchsorted(row, rows, side="right")
    is_full = ends - np.searchsorted(row, rows) >= k
    last = np.where(is_full, ends - 1, 0)
    if not len(row):
        return is_full, np.zeros(len(rows)), np.zeros(len(rows), int)
    return is_full, cosine[last], other[last]


def _cosine(preferences: sparse.csr_array, shrinkage: float) -> Scale:
    length = lengths(preferences)
    return Scale(length, length, shrinkage)
