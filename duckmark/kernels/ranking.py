"""The best columns of each row of a score matrix."""

from __future__ import annotations

import numpy as np


def best_columns(scores: np.ndarray, k: int, above: float = -np.inf) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the ``k`` highest ``scores`` (n, m) of each row, best first, equal scores by column.

    Scores not above ``above`` are left out, so a row may give fewer than ``k``.
    """
    m = scores.shape[1]
    if m > k:
        kth = np.partition(scores, m - k, axis=1)[:, m - k]
        row, column = np.nonzero((scores >= kth[:, None]) & (scores > above))
    else:
        row, column = np.nonzero(scores > above)
    order = np.lexsort((column, -scores[row, column], row))
    row, column = row[order], column[order]
    place = np.arange(len(row)) - np.searchsorted(row, row)
    return row[place < k], column[place < k]


def block_length(columns: int, cells: int = 1 << 23) -> int:
    """How many rows of ``columns`` scores to hold at once: 64 MiB of float64 unless told."""
    return max(1, cells // max(1, columns))
