"""Rows that occur more than once, searched once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

CELLS = 1 << 20  # hashed or compared at once: 8 MiB of 64-bit words


class Groups(NamedTuple):
    """Rows that are alike, the groups in the order in which each occurs first.

    Group i is ``rows[offsets[i] : offsets[i + 1]]``, ascending; ``rows`` (n,), ``offsets`` (groups + 1,).
    """

    rows: np.ndarray
    offsets: np.ndarray

    @property
    def first(self) -> np.ndarray:
        """The first row of each group: (groups,), ascending."""
        return self.rows[self.offsets[:-1]]


def identical(vectors: np.ndarray) -> Groups:
    """Groups of ``vectors`` (n, d), float32 and contiguous, that are the same to the last bit."""
    n = len(vectors)
    codes = _codes(vectors)
    order = np.argsort(codes, kind="stable")
    codes = codes[order]
    starts = np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1]))[:n])
    if len(starts) == n or not _same(vectors, order, starts):
        return Groups(np.arange(n), np.arange(n + 1))
    by_first = np.argsort(order[starts])
    starts, lengths = starts[by_first], np.diff(np.append(starts, n))[by_first]
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    return Groups(order[np.arange(n) + np.repeat(starts - offsets[:-1], lengths)], offsets)


def _codes(vectors: np.ndarray) -> np.ndarray:
    """A hash of the bits of each row, (n,) uint64: equal rows have equal ones."""
    words = vectors.view(np.uint32)
    odd = np.random.default_rng(words.shape[1]).integers(0, 1 << 63, words.shape[1], np.uint64) * 2 + 1
    step = max(1, CELLS // max(1, words.shape[1]))
    blocks = [words[start : start + step].astype(np.uint64) @ odd for start in range(0, len(words), step)]
    return np.concatenate([np.empty(0, np.uint64), *blocks])


def _same(vectors: np.ndarray, order: np.ndarray, starts: np.ndarray) -> bool:
    """Whether rows of one hash are indeed equal."""
    first = np.repeat(order[starts], np.diff(np.append(starts, len(order))))
    others = np.flatnonzero(first != order)
    step = max(1, CELLS // max(1, vectors.shape[1]))
    return all(
        np.array_equal(vectors[first[part]], vectors[order[part]])
        for part in (others[start : start + step] for start in range(0, len(others), step))
    )


def best_rows(groups: Groups, found: np.ndarray, scores: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The ``k`` best rows of each query, from its best groups: ``found`` and their ``scores`` (q, j), best first.

    Gives rows and scores, both (q, k), equal scores in the order of the rows. Of j = k groups none is missed.
    """
    if len(groups.offsets) > len(groups.rows):  # every row is the only one of its group
        return found, scores
    starts = groups.offsets.take(found)
    lengths = np.minimum(groups.offsets.take(found + 1) - starts, k)
    several = np.flatnonzero((lengths > 1).any(axis=1))
    if len(several) == len(found):
        return _spelt_out(groups.rows, starts, lengths, scores, k)
    rows, scores = groups.rows.take(starts), scores.copy()
    if len(several):
        rows[several], scores[several] = _spelt_out(groups.rows, starts[several], lengths[several], scores[several], k)
    return rows, scores


def _spelt_out(
    rows: np.ndarray, starts: np.ndarray, lengths: np.ndarray, scores: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """The ``k`` best rows and scores of each query; its groups are of so many rows from ``starts`` on: (q, j)."""
    enough = ((np.cumsum(lengths, axis=1) - lengths) < k).sum(axis=1, keepdims=True)
    lengths[scores < np.take_along_axis(scores, enough - 1, axis=1)] = 0  # those that tie with the last are all needed
    flat, totals = lengths.ravel(), lengths.sum(axis=1)
    ends = np.cumsum(flat)
    row = rows.take(np.arange(ends[-1]) + np.repeat(starts.ravel() - ends + flat, flat))
    score = np.repeat(scores.ravel(), flat)
    tied = (scores[:, 1:] == scores[:, :-1]).any(axis=1)
    if tied.any():
        places = np.flatnonzero(np.repeat(tied, totals))
        query = np.repeat(np.arange(len(tied))[tied], totals[tied])
        row[places] = row[places[np.lexsort((row[places], -score[places], query))]]
    chosen = (np.cumsum(totals) - totals)[:, None] + np.arange(k)
    return row.take(chosen), score.take(chosen)
