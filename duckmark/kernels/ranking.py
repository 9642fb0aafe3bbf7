"""The best columns of each row of a score matrix."""

from __future__ import annotations

import numpy as np


def best_columns(scores: np.ndarray, k: int, above: float = -np.inf) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the ``k`` highest ``scores`` (n, m) of each row, best first, equal scores by column.

    Scores not above ``above`` are left out, so a row may give fewer than ``k``.
    """
    n, m = scores.shape
    least = np.maximum(low(scores, k), np.nextafter(scores.dtype.type(above), scores.dtype.type(np.inf)))
    row, column = np.divmod(np.flatnonzero(scores >= least[:, None]), max(1, m))
    first = np.searchsorted(row, np.arange(n + 1))
    order = highest(scores[row, column], first, k)
    return row[order], column[order]


def low(scores: np.ndarray, k: int) -> np.ndarray:
    """A score of each row that at least ``k`` of its scores reach, and few more where the row is long: (n,).

    The columns are dealt into more than 2 k heaps, and the k-th best of the heaps' best is taken: taking maxima is
    faster than selecting.
    """
    n, m = scores.shape
    if m <= k:
        return np.full(n, -np.inf, scores.dtype)
    size = min(16, m // (2 * k))
    if size > 1:
        scores = scores[:, : m // size * size].reshape(n, size, m // size).max(axis=1)
    return np.partition(scores, scores.shape[1] - k, axis=1)[:, scores.shape[1] - k]


def highest(values: np.ndarray, offsets: np.ndarray, k: int) -> np.ndarray:
    """Places of the ``k`` highest of ``values`` (m,) within each [offsets[i], offsets[i + 1]), equal ones in order."""
    length = np.diff(offsets)
    stored = np.arange(max(length, default=0)) < length[:, None]
    padded = np.full(stored.shape, np.inf, values.dtype)
    padded[stored] = -values
    order = np.argsort(padded, axis=1, kind="stable")[:, :k]
    return (order + offsets[:-1, None])[stored[:, :k]]


def block_length(columns: int, cells: int = 1 << 23) -> int:
    """How many rows of ``columns`` scores to hold at once: 64 MiB of float64 unless told."""
    return max(1, cells // max(1, columns))
