"""Which items may still be among the best of each query, while the items go by."""

from __future__ import annotations

import math

import numpy as np

from duckmark.kernels.ranking import highest

GROUP = 16  # at most so many items of a tile of which only the best is looked at first
LOOK = 0.1  # cost of looking at the best of a group by that of looking into it, an item
OPENING = 4096  # items that set the first thresholds, or 4 k where that is more
CELLS = 1 << 18  # of vectors gathered at once to be scored in float64: 2 MiB


class Shortlist:
    """Candidates for the ``k`` of ``items`` (n, d) with the highest inner product with each of ``queries`` (q, d).

    The items come in an order of which any stretch is a fair sample, and equal scores in that of ``ranks`` (n,).
    A float32 score is off by at most half of ``slack`` (q,), so an item is out once its score is that much below
    the k-th best one. ``k`` is at least 1 and at most n.
    """

    def __init__(
        self, queries: np.ndarray, items: np.ndarray, ranks: np.ndarray, k: int, slack: np.ndarray, bold: bool = True
    ) -> None:
        self._queries, self._items, self._ranks, self._k, self._slack = queries, items, ranks, k, slack
        self._bold = bold
        self._least = np.full(len(queries), -np.inf, np.float32)
        self._parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []  # query, item and score of candidates
        self._count = 0
        self._group = 1

    def best(self, tile: int) -> tuple[np.ndarray, np.ndarray]:
        """The ranks and scores in float64 of the k best, both (q, k); ``tile`` items are scored at a time."""
        scores = np.empty((tile, len(self._queries)), np.float32)
        for start in range(self._open(), len(self._items), tile):
            self._collect(self._score(start, scores[: len(self._items) - start]), start)
            if self._count > len(self._queries) * (2 * self._k + 8):
                self._tighten()
        self._tighten()
        query, item, score = self._settled()
        return self._complete(query, self._ranks[item], score, tile)

    def _score(self, start: int, block: np.ndarray) -> np.ndarray:
        return np.matmul(self._items[start : start + len(block)], self._queries.T, out=block)

    def _open(self) -> int:
        """Score the first items and set thresholds by them; gives how many.

        The k-th best of these few is far below that of all. A bold threshold is at the rank that leaves most likely
        some more than k of all items; a query that it leaves with less is asked again.
        """
        n = len(self._items)
        rows = min(n, max(OPENING, 4 * self._k))
        scores = self._score(0, np.empty((rows, len(self._queries)), np.float32))
        share = self._k * rows / n
        rank = min(self._k, math.ceil(share + 4 * math.sqrt(share) + 2)) if self._bold else self._k
        self._group = _power_of_two(math.sqrt(LOOK * rows / rank), GROUP)
        # The best one but `rank` of more than twice as many groups' best is nearly that of all, and cheaper to find.
        size = _power_of_two(rows / (2 * rank), GROUP)
        heads = scores[: rows // size * size].reshape(size, rows // size, -1).max(axis=0).T
        self._raise(np.partition(heads, heads.shape[1] - rank, axis=1)[:, heads.shape[1] - rank])
        self._collect(scores, 0)
        return rows

    def _raise(self, kth: np.ndarray) -> None:
        np.maximum(self._least, kth - self._slack, out=self._least)

    def _collect(self, scores: np.ndarray, start: int) -> None:
        """Add the items of a tile (t, q) that are not out, the first of them being item ``start``."""
        rows, asked = scores.shape
        size = math.gcd(rows, self._group)
        heads = np.maximum.reduce(scores.reshape(size, rows // size, asked), axis=0) if size > 1 else scores
        head = np.flatnonzero(heads >= self._least)
        if not len(head):
            return
        places = (head + np.arange(0, rows * asked, rows // size * asked)[:, None]).ravel()
        values = scores.ravel().take(places, mode="clip")
        kept = np.flatnonzero(values.reshape(size, -1) >= self._least.take(head % asked))
        item, query = np.divmod(places.take(kept), asked)
        self._parts.append((query, item + start, values.take(kept)))
        self._count += len(item)

    def _tighten(self) -> None:
        """Raise the thresholds to the k-th best candidates, and drop what falls below them."""
        query, item, score = (np.concatenate(part) for part in zip(*self._parts, strict=True))
        self._raise(_kth_best(query, score, len(self._queries), self._k))
        kept = np.flatnonzero(score >= self._least[query])
        self._parts, self._count = [(query[kept], item[kept], score[kept])], len(kept)
        if self._count > len(self._queries) * (1.5 * self._k + 4):  # many that float32 cannot tell apart
            query, item, score = self._settled()
            self._parts, self._count = [(query, item, score.astype(np.float32))], len(item)

    def _settled(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The k best candidates of each query by their scores in float64: flat (query, item, score)."""
        query, item, _ = self._parts[0]
        rank = self._ranks[item]
        order = np.argsort(query * (rank.max() + 1) + rank)
        query, item = query[order], item[order]
        step = max(1, CELLS // max(1, self._items.shape[1]))
        parts = [slice(start, start + step) for start in range(0, len(item), step)]
        score = np.concatenate([_exact(self._queries[query[part]], self._items[item[part]]) for part in parts])
        chosen = highest(score, np.searchsorted(query, np.arange(len(self._queries) + 1)), self._k)
        return query[chosen], item[chosen], score[chosen]

    def _complete(
        self, query: np.ndarray, rank: np.ndarray, score: np.ndarray, tile: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """What was found as (q, k); queries with less than k are asked again without boldness."""
        found = np.bincount(query, minlength=len(self._queries)) == self._k
        ranks, scores = np.empty((len(found), self._k), np.int64), np.empty((len(found), self._k))
        ranks[found] = rank[found[query]].reshape(-1, self._k)
        scores[found] = score[found[query]].reshape(-1, self._k)
        if not found.all():
            short = ~found
            again = Shortlist(self._queries[short], self._items, self._ranks, self._k, self._slack[short], False)
            ranks[short], scores[short] = again.best(tile)
        return ranks, scores


def _power_of_two(size: float, most: int) -> int:
    """The largest power of two up to ``size`` and ``most``, at least 1."""
    return 1 << max(0, int(min(size, most)).bit_length() - 1)


def _exact(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Inner products of rows in float64."""
    # Converted beforehand: when einsum converts, it sums in an order that depends on the place of the row.
    return np.einsum("ij,ij->i", a.astype(np.float64), b.astype(np.float64))


def _kth_best(query: np.ndarray, score: np.ndarray, queries: int, k: int) -> np.ndarray:
    """The ``k``-th highest score of each query, -inf where it has fewer: (queries,)."""
    order = np.argsort(query.astype(np.uint16), kind="stable")  # sorted by digits
    query = query[order]
    offsets = np.searchsorted(query, np.arange(queries + 1))
    padded = np.full((queries, max(k, np.diff(offsets).max())), -np.inf, np.float32)
    padded[query, np.arange(len(query)) - offsets[query]] = score[order]
    return np.partition(padded, padded.shape[1] - k, axis=1)[:, padded.shape[1] - k]
