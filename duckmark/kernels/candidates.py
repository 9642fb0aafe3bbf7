"""Pairs of a query and an item that may be among its best."""

from __future__ import annotations

import numpy as np

PLACES = 1 << 21  # of candidates that a 64-bit number holds beside one of 1,024 queries and a score

Candidates = tuple[np.ndarray, np.ndarray, np.ndarray]  # query, item and score


def sorted_order(query: np.ndarray, score: np.ndarray) -> np.ndarray:
    """The order by query, of one from the highest float32 score on."""
    bits = (-score).view(np.int32)
    bits ^= bits >> 31 & 0x7FFFFFFF  # whole numbers in the order of what they were as floats
    keys = (query.astype(np.int64) << 32) + bits
    if len(keys) > PLACES:
        return np.argsort(keys)
    # Whole numbers are sorted several times as fast if nothing has to move along with them.
    keys *= PLACES
    keys += np.arange(len(keys))
    keys.sort()
    return keys & PLACES - 1


def nth_score(scores: np.ndarray, offsets: np.ndarray, rank: int) -> np.ndarray:
    """The score at ``rank``, counted from 1, of each query's sorted ``scores``; -inf where there are less."""
    enough = np.diff(offsets) >= rank
    nth = np.full(len(enough), -np.inf, np.float32)
    nth[enough] = scores[offsets[:-1][enough] + rank - 1]
    return nth
