"""The best scores of groups of items: a few numbers by which most items need not be looked at."""

from __future__ import annotations

import math

import numpy as np

GROUP = 32  # at most so many items of which only the best is looked at first


def group_maxima(scores: np.ndarray, size: int) -> np.ndarray:
    """The highest of groups of about ``size`` rows of ``scores`` (t, q), as far apart as can be: (t / size, q)."""
    size = math.gcd(len(scores), size)
    return np.maximum.reduce(scores.reshape(size, len(scores) // size, -1), axis=0) if size > 1 else scores


def group_size(most: float) -> int:
    """The largest power of two up to ``most`` and GROUP, at least 1."""
    return 1 << max(0, int(min(most, GROUP)).bit_length() - 1)
