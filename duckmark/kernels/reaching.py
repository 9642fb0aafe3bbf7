"""Which of many scores reach a threshold, where few do."""

from __future__ import annotations

import numpy as np

WORD = 8  # bytes: of so many comparisons at once one sees that all are false


def reaching(scores: np.ndarray, least: np.ndarray | float) -> np.ndarray:
    """Where ``scores`` (contiguous) are at least ``least``, which is broadcast: ascending places in what is flat."""
    reached = np.empty(-(-scores.size // WORD) * WORD, bool)
    reached[scores.size :] = False
    np.greater_equal(scores, least, out=reached[: scores.size].reshape(scores.shape))
    words = reached.view(np.uint64)
    some = np.flatnonzero(words != 0)
    inside = np.flatnonzero(words.take(some).view(bool))
    return some.take(inside // WORD) * WORD + inside % WORD
