"""The best columns of each row of a score matrix."""

from __future__ import annotations

import numpy as np


def best_columns(scores: np.ndarray, k: int, above: float = -np.inf) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the ``k`` highest ``scores`` (n, m) of each row, best first, equal scores by column.

    Scores not above ``above`` are left out, so a row may give fewer than ``k``.
    """
    n, m = scores.shape
    least = np.full(n, np.nextafter(scores.dtype.type(above), scores.dtype.type(np.inf)))
    if m > k:
        least = np.maximum(np.partition(scores, m - k, axis=1)[:, m - k], least)
    row, column = np.divmod(np.flatnonzero(scores >= least[:, None]), max(1, m))
    value = scores[row, column]
    first = np.searchsorted(row, np.arange(n + 1))
    if len(row) and np.diff(first).max() > k:  # several share the k-th score: the first of them stay
        ahead = value > least[row]
        room = k - np.add.reduceat(np.append(ahead, 0), first[:-1]) * (np.diff(first) > 0)
        tied = np.cumsum(~ahead)
        stays = ahead | (tied - np.append(0, tied)[first[row]] <= room[row])
        row, column, value = row[stays], column[stays], value[stays]
        first = np.searchsorted(row, np.arange(n + 1))
    order = _descending(value, first)
    return row, column[order]


def _descending(values: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Places of ``values`` (m,), falling within each [offsets[i], offsets[i + 1]), equal ones as they stand."""
    length = np.diff(offsets)
    stored = np.arange(max(length, default=0)) < length[:, None]
    padded = np.full(stored.shape, np.inf, values.dtype)
    padded[stored] = -values
    return (np.argsort(padded, axis=1, kind="stable") + offsets[:-1, None])[stored]


def block_length(columns: int, cells: int = 1 << 23) -> int:
    """How many rows of ``columns`` scores to hold at once: 64 MiB of float64 unless told."""
    return max(1, cells // max(1, columns))
