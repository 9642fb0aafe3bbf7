"""Weights of a linear score that rank well, sought by the very measure that a ranking is judged by.

Metzler & Croft (2007), "Linear feature-based models for information retrieval": one weight is moved at a time, and a
move stands where it betters the mean over users of `aim`. Where features have long tails, the likelihood of what
was taken is decided by the bulk of products that nobody would be shown; this measure looks at the top alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from duckmark.kernels.metrics import AIMED_AT, aim

MOVES = (0.5, -0.5, 0.125, -0.125, 0.03, -0.03)  # of what the weightiest feature adds to a score, in spread
ROUNDS = 4
LEAST = 1e-3  # a smaller gain, as a share, is noise


@dataclass(frozen=True)
class Candidates:
    """Products to rank for n users, side by side: features ``x`` (f, n, c) and whether each was ``taken`` (n, c);
    ``known`` (n, c) marks the places that are filled, and ``relevant`` (n,) counts all that each user took."""

    x: np.ndarray
    taken: np.ndarray
    known: np.ndarray
    relevant: np.ndarray

    def scores(self, weights: np.ndarray) -> np.ndarray:
        """The weighted sum of features (n, c), -inf where there is no product."""
        return np.where(self.known, np.tensordot(weights.astype(np.float32), self.x, 1), np.float32(-np.inf))

    def quality(self, scores: np.ndarray) -> float:
        """The mean of `aim` over users who are shown the best by ``scores`` (n, c)."""
        best = np.argpartition(-scores, min(AIMED_AT, scores.shape[1]) - 1, axis=1)[:, :AIMED_AT]
        order = np.argsort(-np.take_along_axis(scores, best, 1), axis=1, kind="stable")
        shown = np.take_along_axis(best, order, 1)
        return float(aim(np.take_along_axis(self.taken, shown, 1), self.relevant).mean())


def padded_candidates(x: np.ndarray, taken: np.ndarray, user: np.ndarray, relevant: np.ndarray) -> Candidates:
    """Candidates of features ``x`` (m, f) and ``taken`` (m,), whose ``user`` (m,) ascends from 0 to n - 1."""
    place = np.arange(len(user)) - np.searchsorted(user, user)
    shape = len(relevant), max(AIMED_AT, int(place.max(initial=0)) + 1)
    padded = np.zeros((x.shape[1], *shape), np.float32)
    padded[:, user, place] = x.T
    found, known = np.zeros((2, *shape), bool)
    found[user, place], known[user, place] = taken, True
    return Candidates(padded, found, known, relevant)


def coordinate_ascent(candidates: Candidates, start: np.ndarray) -> np.ndarray:
    """Weights (f,) that rank ``candidates`` at least as well as ``start`` (f,) does."""
    weights, scores = start.astype(np.float64), candidates.scores(start)
    best = candidates.quality(scores)
    spreads = np.array([column[candidates.known].std() for column in candidates.x])
    size = np.abs(weights * spreads).max()
    # Less is the rounding of what is the same, or so small that its squares are 0.
    spread_out = spreads > np.finfo(np.float32).eps * np.abs(candidates.x).max(axis=(1, 2), initial=0)
    for _ in range(ROUNDS):
        before = best
        for feature in np.flatnonzero(_tells_apart(candidates) & spread_out):
            tries = [move * size / spreads[feature] for move in MOVES]
            moved = [scores + np.float32(step) * candidates.x[feature] for step in tries]
            quality = [candidates.quality(each) for each in moved]
            place = int(np.argmax(quality))
            if quality[place] > (1 + LEAST) * best:
                best, scores = quality[place], moved[place]
                weights[feature] += tries[place]
        if best == before:
            break
    return weights


def _tells_apart(candidates: Candidates) -> np.ndarray:
    """Which features differ between products of some user, (f,)."""
    low, high = (
        np.where(candidates.known, candidates.x, filler) for filler in (np.float32(np.inf), np.float32(-np.inf))
    )
    return (high.max(axis=2) > low.min(axis=2)).any(axis=1)
