"""Which items may still be among the best of each query, while the items go by."""

from __future__ import annotations

import math

import numpy as np

GROUP = 16  # at most so many items of a tile of which only the best is looked at first
LOOK = 0.1  # cost of looking at the best of a group by that of looking into it, an item
OPENING = 4096  # items that set the first thresholds, or 4 k where that is more
CELLS = 1 << 19  # of vectors gathered at once to be scored in float64: 4 MiB


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
        return self._complete(*self._settled(), tile)

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
        order = np.argsort(query.astype(np.uint16), kind="stable")  # by its digits, the fastest there is
        query, item, score = query[order], item[order], score[order]
        stored = _stored(query, len(self._queries), self._k)
        padded = np.full(stored.shape, -np.inf, np.float32)
        padded[stored] = score
        self._raise(np.partition(padded, padded.shape[1] - self._k, axis=1)[:, padded.shape[1] - self._k])
        kept = np.flatnonzero(score >= self._least[query])
        self._keep(query[kept], item[kept], score[kept])
        if self._count > len(self._queries) * (1.5 * self._k + 4):  # many that float32 cannot tell apart
            items, scores = self._settled()
            query, place = np.nonzero(np.isfinite(scores))
            self._keep(query, items[query, place], scores[query, place].astype(np.float32))

    def _keep(self, query: np.ndarray, item: np.ndarray, score: np.ndarray) -> None:
        self._parts, self._count = [(query, item, score)], len(item)

    def _settled(self) -> tuple[np.ndarray, np.ndarray]:
        """Items and scores in float64 of the k best candidates, both (q, k); a score of -inf where there are less."""
        query, item, _ = self._parts[0]
        stored = _stored(query, len(self._queries), self._k)
        items = np.zeros(stored.shape, np.int64)
        items[stored] = item
        step = max(1, CELLS // max(1, stored.shape[1] * self._items.shape[1]))
        parts = [slice(start, start + step) for start in range(0, len(items), step)]
        best = [self._ordered(self._queries[part], items[part], stored[part]) for part in parts]
        return np.concatenate([items for items, _ in best]), np.concatenate([scores for _, scores in best])

    def _ordered(self, queries: np.ndarray, items: np.ndarray, stored: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        # Converted beforehand: when einsum converts, it sums in an order that depends on the place of the row.
        scores = np.einsum("qcd,qd->qc", self._items[items].astype(np.float64), queries.astype(np.float64))
        scores[~stored] = -np.inf
        order = np.argsort(-scores, axis=1)
        best = np.take_along_axis(scores, order, axis=1)
        tied = np.flatnonzero(((best[:, 1:] == best[:, :-1]) & np.isfinite(best[:, 1:])).any(axis=1))
        order[tied] = np.lexsort((self._ranks[items[tied]], -scores[tied]), axis=1)
        order = order[:, : self._k]
        return np.take_along_axis(items, order, axis=1), best[:, : self._k]

    def _complete(self, items: np.ndarray, scores: np.ndarray, tile: int) -> tuple[np.ndarray, np.ndarray]:
        """Ranks and scores; queries with less than k are asked again without boldness."""
        ranks, short = self._ranks[items], np.flatnonzero(scores[:, -1] == -np.inf)
        if len(short):
            again = Shortlist(self._queries[short], self._items, self._ranks, self._k, self._slack[short], False)
            ranks[short], scores[short] = again.best(tile)
        return ranks, scores


def _stored(query: np.ndarray, queries: int, least: int) -> np.ndarray:
    """Where candidates grouped by ``query`` stand in a table with a row a query and at least so many columns."""
    lengths = np.bincount(query, minlength=queries)
    return np.arange(max(least, lengths.max())) < lengths[:, None]


def _power_of_two(size: float, most: int) -> int:
    """The largest power of two up to ``size`` and ``most``, at least 1."""
    return 1 << max(0, int(min(size, most)).bit_length() - 1)
