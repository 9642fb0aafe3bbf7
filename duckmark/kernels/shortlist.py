"""Which items may still be among the best of each query, while the items go by."""

from __future__ import annotations

import math

import numpy as np

from duckmark.kernels.tables import best_first, nth_highest, pieces, tables

GROUP = 16  # at most so many items of a tile of which only the best is looked at first
FEWEST = 8  # items of a group: looking at the best of less saves nothing
LOOK = 0.3  # cost of looking at the best of a group by that of looking into it, an item
OPENING = 4096  # items that set the first thresholds, or 8 k where that is more
LATER = 4  # times as many items seen until thresholds are set anew
MOST, SPARE = 2, 40  # candidates of a query for each of k, and more, until thresholds are set anew
PLACES = 1 << 21  # of candidates that a 64-bit number holds beside one of 1,024 queries and a score

Candidates = tuple[np.ndarray, np.ndarray, np.ndarray]  # query, item and score


class Shortlist:
    """Candidates for the ``k`` of ``items`` (n, d) with the highest inner product with each of ``queries`` (q, d).

    The items come in an order of which any stretch is a fair sample, and equal scores in that of ``ranks`` (n,).
    A float32 score is off by at most half of ``slack`` (q,), so an item is out once its score is that much below
    the k-th best one. ``k`` is at least 1 and at most n, q at most 1,024.
    """

    def __init__(
        self, queries: np.ndarray, items: np.ndarray, ranks: np.ndarray, k: int, slack: np.ndarray, bold: bool = True
    ) -> None:
        self._queries, self._items, self._ranks, self._k, self._slack = queries, items, ranks, k, slack
        self._bold = bold
        self._least = np.full(len(queries), -np.inf, np.float32)
        self._found: list[Candidates] = []
        self._group = 1

    def best(self, tile: int) -> tuple[np.ndarray, np.ndarray]:
        """The ranks and scores in float64 of the k best, both (q, k); ``tile`` items are scored at a time."""
        seen = looked = self._open()
        scores = np.empty((tile, len(self._queries)), np.float32)
        while seen < len(self._items):
            block = scores[: len(self._items) - seen]
            self._score(seen, block)
            self._collect(block, self._heads(block, self._group), seen)
            seen += len(block)
            if LATER * looked <= seen < len(self._items) / 2 or self._is_full():
                self._tighten(seen)
                looked = seen
        return self._complete(*self._settled(), tile)

    def _rank(self, seen: int) -> int:
        """Of a score among the first ``seen`` items that, most likely, some more than k of all items reach.

        The k-th best of a few items is far below that of all; a query that is left with less than k by such a bold
        threshold is asked again.
        """
        share = self._k * seen / len(self._items)
        return min(self._k, math.ceil(share + 4 * math.sqrt(share) + 2)) if self._bold else self._k

    def _open(self) -> int:
        """Score the first items and set thresholds by them; gives how many."""
        rows = min(len(self._items), max(OPENING, 8 * self._k))
        rank = self._rank(rows)
        scores = np.empty((rows, len(self._queries)), np.float32)
        self._score(0, scores)
        # The best one but `rank` of more than twice as many groups' best is nearly that of all, and cheaper to find.
        heads = self._heads(scores, _power_of_two(rows / (2 * rank), GROUP))
        self._raise(nth_highest(heads.T, rank))
        self._collect(scores, heads, 0)
        group = _power_of_two(math.sqrt(LOOK * rows / rank), GROUP)
        self._group = group if group >= FEWEST else 1
        return rows

    def _score(self, start: int, scores: np.ndarray) -> None:
        """Fill ``scores`` (t, q) of the items from ``start`` on."""
        np.matmul(self._items[start : start + len(scores)], self._queries.T, out=scores)

    def _heads(self, scores: np.ndarray, size: int) -> np.ndarray:
        """The best scores of groups of about ``size`` items, as far apart as can be: (t / size, q)."""
        size = math.gcd(len(scores), size)
        return np.maximum.reduce(scores.reshape(size, len(scores) // size, -1), axis=0) if size > 1 else scores

    def _raise(self, kth: np.ndarray) -> None:
        np.maximum(self._least, kth - self._slack, out=self._least)

    def _collect(self, scores: np.ndarray, heads: np.ndarray, start: int) -> None:
        """Add the items of a tile (t, q) that are not out, the first of them being item ``start``."""
        asked = scores.shape[1]
        places = np.flatnonzero(heads >= self._least)
        if len(heads) < len(scores):
            places = self._members(scores, places, heads.size)
        item = places // asked
        self._found.append(((places - item * asked).astype(np.uint16), item + start, scores.ravel().take(places)))

    def _members(self, scores: np.ndarray, heads: np.ndarray, step: int) -> np.ndarray:
        """Where the items that are not out stand in a tile (t, q), of groups whose best are not: at ``heads`` and,
        time and again, ``step`` places on."""
        asked = scores.shape[1]
        query = heads - heads // asked * asked  # quicker than the remainder
        places = heads + np.arange(0, scores.size, step)[:, None]
        values = scores.ravel().take(places, mode="clip")
        return places.ravel().take(np.flatnonzero(values >= self._least.take(query)))

    def _is_full(self) -> bool:
        return sum(len(query) for query, _, _ in self._found) > len(self._queries) * (MOST * self._k + SPARE)

    def _tighten(self, seen: int) -> None:
        """Raise the thresholds by the candidates among the first ``seen`` items, and drop what falls below them."""
        (query, item, score), offsets = self._sorted(self._found)
        self._raise(_nth(score, offsets, self._rank(seen)))
        kept = np.flatnonzero(score >= self._least.take(query))
        self._found = [(query.take(kept), item.take(kept), score.take(kept))]
        if self._is_full():  # of many that float32 cannot tell apart
            items, scores = self._settled()
            query, place = np.nonzero(np.isfinite(scores))
            self._found = [(query.astype(np.uint16), items[query, place], scores[query, place].astype(np.float32))]

    def _sorted(self, parts: list[Candidates]) -> tuple[Candidates, np.ndarray]:
        """All of ``parts`` by query and from the highest score on, and where each query's begin and end."""
        query, item, score = (np.concatenate(part) for part in zip(*parts, strict=True))
        order = _order(query, score)
        lengths = np.bincount(query, minlength=len(self._queries))
        return (query.take(order), item.take(order), score.take(order)), np.concatenate(([0], np.cumsum(lengths)))

    def _settled(self) -> tuple[np.ndarray, np.ndarray]:
        """Items and scores in float64 of the k best candidates, both (q, k); a score of -inf where there are less."""
        (query, item, score), offsets = self._sorted(self._found)
        near = np.flatnonzero(score >= (_nth(score, offsets, self._k) - self._slack).take(query))
        item, lengths = item.take(near), np.bincount(query.take(near), minlength=len(self._queries))
        found = np.zeros((len(self._queries), self._k), np.int64), np.empty((len(self._queries), self._k))
        for rows, stored, part in tables(lengths, self._k):
            items = np.zeros(stored.shape, np.int64)
            items[stored] = item[part]
            scores = self._exact(self._queries[rows], items)
            scores[~stored] = -np.inf
            order, best = best_first(scores, self._ranks.take(items))
            found[0][rows] = np.take_along_axis(items, order[:, : self._k], axis=1)
            found[1][rows] = best[:, : self._k]
        return found

    def _exact(self, queries: np.ndarray, items: np.ndarray) -> np.ndarray:
        """Scores in float64 of ``items`` (q, c)."""
        queries, scores = queries.astype(np.float64), np.empty(items.shape)
        parts = list(pieces(len(items), items.shape[1] * queries.shape[1]))
        # Into the same memory again and again: to be given new pages takes longer than to fill them. And converted
        # beforehand: when einsum converts, it sums in an order that depends on the place of the row.
        vectors = np.empty((parts[0].stop, items.shape[1], queries.shape[1]), np.float32)
        exact = np.empty(vectors.shape)
        for part in parts:
            rows = part.stop - part.start
            self._items.take(items[part], axis=0, mode="clip", out=vectors[:rows])
            np.copyto(exact[:rows], vectors[:rows])
            np.einsum("qcd,qd->qc", exact[:rows], queries[part], out=scores[part])
        return scores

    def _complete(self, items: np.ndarray, scores: np.ndarray, tile: int) -> tuple[np.ndarray, np.ndarray]:
        """Ranks and scores; queries with less than k are asked again without boldness."""
        ranks, short = self._ranks.take(items), np.flatnonzero(scores[:, -1] == -np.inf)
        if len(short):
            again = Shortlist(self._queries[short], self._items, self._ranks, self._k, self._slack[short], bold=False)
            ranks[short], scores[short] = again.best(tile)
        return ranks, scores


def _order(query: np.ndarray, score: np.ndarray) -> np.ndarray:
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


def _nth(scores: np.ndarray, offsets: np.ndarray, rank: int) -> np.ndarray:
    """The score at ``rank``, counted from 1, of each query's sorted ``scores``; -inf where there are less."""
    nth = scores.take(offsets[:-1] + rank - 1, mode="clip")
    return np.where(np.diff(offsets) >= rank, nth, np.float32(-np.inf))


def _power_of_two(size: float, most: int) -> int:
    """The largest power of two up to ``size`` and ``most``, at least 1."""
    return 1 << max(0, int(min(size, most)).bit_length() - 1)
