"""Which items may still be among the best of each query, while the items go by."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from threading import Lock

import numpy as np

from duckmark.kernels.candidates import Candidates, by_query
from duckmark.kernels.catalogue import Catalogue
from duckmark.kernels.group_maxima import group_maxima, group_size
from duckmark.kernels.scratch import scratch
from duckmark.kernels.tables import best_first, nth_of_lists, pieces, tables
from duckmark.kernels.thresholds import Wanted, opening
from duckmark.kernels.truncation import query_sides, truncated

PROBED = 64  # one of so many items shows how many bounds rule out
FEWEST = 8  # items of a group: looking at the best of less saves nothing
LOOK = 0.3  # cost of looking at the best of a group by that of looking into it, an item
LEAST_SHARE = 1e-4  # of the pairs of a tile to be expected
LATER, LATER_NEAR = 2, 4  # times as many items seen until thresholds are set anew; where near ones come first
MOST, SPARE = 2, 40  # candidates of a query for each of k, and more, until thresholds are set anew

Share = Callable[[Callable[[slice], None], Iterable[slice]], None]


def alone(work: Callable[[slice], None], tiles: Iterable[slice]) -> None:
    """``work`` on each of ``tiles``."""
    for tile in tiles:
        work(tile)


def across(vectors: np.ndarray) -> np.ndarray:
    """``vectors`` (n, d) as columns, (d, n) in one piece: what many tiles are multiplied with, BLAS reads faster so."""
    return np.ascontiguousarray(vectors.T)


class Shortlist:
    """Candidates for the ``k`` of the ``items`` in ``tiles`` with the highest inner product with each of ``queries``.

    The tiles, slices of the items, go by in their order. A float32 score is off by at most half of ``slack`` (q,), so
    an item is out once its score, or a bound of it, is that much below the k-th best one. Equal scores go by rank.
    ``k`` and the tiles are at least 1, the queries (q, d) at most 1,024, ``cells`` (q,) those that they are nearest to
    in a catalogue that has cells. A bold threshold may be higher than the k-th best score: what is out is less than
    it by exact scores but for half the slack, so a query whose k-th best does not reach that is asked again.
    """

    def __init__(
        self,
        queries: np.ndarray,
        cells: np.ndarray | None,
        items: Catalogue,
        tiles: list[slice],
        k: int,
        slack: np.ndarray,
        may_be_bold: bool = True,
    ) -> None:
        self._queries, self._cells, self._items, self._tiles, self._slack = queries, cells, items, tiles, slack
        self._across = across(queries)
        self._wanted = Wanted.among(k, items, may_be_bold)
        self._k = self._wanted.k
        levels, short = items.levels, items.short
        sides = [] if short is None else query_sides(truncated(queries, levels), levels)
        self._sides = [across(side) for side in sides]  # to be multiplied with the items' bounds, by level
        self._most_passing = [] if short is None else levels.most_passing
        self._level = len(self._sides)  # of bounds that paid last: beyond the last one there are full products
        self._least = np.full(len(queries), -np.inf, np.float32)
        self._found: list[Candidates] = []
        self._number = 0  # of the candidates found
        self._group = 1
        self._seen = self._looked = 0  # items, and how many the thresholds are of
        self._lock = Lock()  # of what is found and of what is out

    def best(self, share: Share = alone) -> tuple[np.ndarray, np.ndarray]:
        """The ranks and scores in float64 of the k best, both (q, k).

        ``share`` has tiles searched, by several threads if it likes: thresholds only rise, so one that another thread
        is about to raise lets too much through, never too little.
        """
        kth, passing, looked, scored = opening(self._across, self._cells, self._items, self._tiles, self._wanted)
        self._raise(kth)
        self._expect(passing)
        for tile, scores, heads in scored:
            self._add(*self._not_out(scores, heads), tile.start)
        self._looked, self._seen = looked, sum(one.tile.stop - one.tile.start for one in scored)
        share(self._search, self._tiles[len(scored) :])
        return self._complete(*self._settled(self._found))

    def _search(self, tile: slice) -> None:
        """Add the items of a tile that are not out, and see whether it is time to set the thresholds anew."""
        self._look_at(tile)
        with self._lock:
            self._seen += tile.stop - tile.start
            later = (LATER if self._items.short is None else LATER_NEAR) * self._looked
            if not (later <= self._seen < self._wanted.size / 2 or self._is_full(self._number)):
                return
            self._looked, found = self._seen, self._found
            self._found, self._number = [], 0
        self._tighten(found, self._looked)

    def _look_at(self, tile: slice) -> None:
        """Add the items of a tile that are not out."""
        level = self._level
        while level and self._few_pass(tile, level - 1):
            level -= 1
        by_bounds = level < len(self._sides)
        columns = self._sides[level] if by_bounds else self._across
        items = self._items.short[tile, : len(columns)] if by_bounds else self._items.vectors[tile]
        scores = scratch(len(items), len(self._queries))
        np.matmul(items, columns, out=scores)
        query, item, score = self._not_out(scores, group_maxima(scores, self._group))
        self._expect(len(query) / scores.size)
        if by_bounds:
            self._level = level + (len(query) > self._most_passing[level] * scores.size)
            self._add_passed(query, item + tile.start)
        else:
            self._add(query, item, score, tile.start)

    def _expect(self, passed: float) -> None:
        """Choose groups for tiles of which such a share of the pairs is not out."""
        size = group_size(math.sqrt(LOOK / max(passed, LEAST_SHARE)))
        self._group = size if size >= FEWEST else 1

    def _few_pass(self, tile: slice, level: int) -> bool:
        """Whether bounds of a level, by a few of them, rule out enough of a tile."""
        columns = self._sides[level]
        some = self._items.short[tile, : len(columns)][::PROBED]
        passed = np.count_nonzero(some @ columns >= self._least)
        return passed <= self._most_passing[level] * len(some) * len(self._queries)

    def _add(self, query: np.ndarray, item: np.ndarray, score: np.ndarray, start: int = 0) -> None:
        item = item + start
        with self._lock:
            self._found.append((query, item, score))
            self._number += len(query)

    def _add_passed(self, query: np.ndarray, item: np.ndarray) -> None:
        """Score those that a bound did not rule out, and add what is not out."""
        score = np.empty(len(query), np.float32)
        for part in pieces(len(query), self._queries.shape[1]):
            sides = self._items.vectors.take(item[part], axis=0), self._queries.take(query[part], axis=0)
            np.vecdot(*sides, out=score[part])
        kept = np.flatnonzero(score >= self._least.take(query))
        self._add(query.take(kept), item.take(kept), score.take(kept))

    def _raise(self, kth: np.ndarray) -> None:
        with self._lock:
            np.maximum(self._least, kth - self._slack, out=self._least)

    def _not_out(self, scores: np.ndarray, heads: np.ndarray) -> Candidates:
        """What of a tile's ``scores`` (t, q) is not out, the items counted from the tile's first."""
        asked = scores.shape[1]
        places = np.flatnonzero(heads >= self._least)
        if len(heads) < len(scores):
            places = self._members(scores, places, heads.size)
        item = places // asked
        return (places - item * asked).astype(np.uint16), item, scores.ravel().take(places)

    def _members(self, scores: np.ndarray, heads: np.ndarray, step: int) -> np.ndarray:
        """Where the items that are not out stand in a tile (t, q), of groups whose best are not: at ``heads`` and,
        time and again, ``step`` places on."""
        asked = scores.shape[1]
        query = heads - heads // asked * asked  # quicker than the remainder
        places = heads + np.arange(0, scores.size, step)[:, None]
        values = scores.ravel().take(places, mode="clip")
        return places.ravel().take(np.flatnonzero(values >= self._least.take(query)))

    def _is_full(self, number: int) -> bool:
        return number > len(self._queries) * (MOST * self._k + SPARE)

    def _tighten(self, found: list[Candidates], seen: int) -> None:
        """Raise the thresholds by what was ``found`` among ``seen`` items, and add what does not fall below them."""
        (query, item, score), offsets = by_query(found, len(self._queries))
        self._raise(nth_of_lists(score, offsets, self._wanted.rank(seen) if self._items.short is None else self._k))
        kept = np.flatnonzero(score >= self._least.take(query))
        query, item, score = query.take(kept), item.take(kept), score.take(kept)
        if self._is_full(len(kept)):  # of many that float32 cannot tell apart
            items, scores = self._settled([(query, item, score)])
            query, place = np.nonzero(np.isfinite(scores))
            query, item, score = query.astype(np.uint16), items[query, place], scores[query, place].astype(np.float32)
        self._add(query, item, score)

    def _settled(self, found: list[Candidates]) -> tuple[np.ndarray, np.ndarray]:
        """Items and scores in float64 of the k best that were ``found``, both (q, k); a score of -inf where there are
        less."""
        (query, item, score), offsets = by_query(found, len(self._queries))
        near = np.flatnonzero(score >= (nth_of_lists(score, offsets, self._k) - self._slack).take(query))
        item, lengths = item.take(near), np.bincount(query.take(near), minlength=len(self._queries))
        best = np.zeros((len(self._queries), self._k), np.int64), np.empty((len(self._queries), self._k))
        for rows, stored, part in tables(lengths, self._k):
            items = np.zeros(stored.shape, np.int64)
            items[stored] = item[part]
            scores = self._exact(self._queries[rows], items)
            scores[~stored] = -np.inf
            order, scores = best_first(scores, self._items.ranks.take(items))
            best[0][rows] = np.take_along_axis(items, order[:, : self._k], axis=1)
            best[1][rows] = scores[:, : self._k]
        return best

    def _exact(self, queries: np.ndarray, items: np.ndarray) -> np.ndarray:
        """Scores in float64 of ``items`` (q, c)."""
        queries, scores = queries.astype(np.float64), np.empty(items.shape)
        parts = list(pieces(len(items), items.shape[1] * queries.shape[1]))
        # Into the same memory again and again: to be given new pages takes longer than to fill them.
        vectors = np.empty((parts[0].stop, items.shape[1], queries.shape[1]), np.float32)
        for part in parts:
            rows = part.stop - part.start
            self._items.vectors.take(items[part], axis=0, mode="clip", out=vectors[:rows])
            np.vecdot(vectors[:rows], queries[part, None], out=scores[part])  # of one order, wherever a row stands
        return scores

    def _complete(self, items: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Ranks and scores; queries of which something better may be out are asked again without boldness."""
        ranks = self._items.ranks.take(items)
        if self._wanted.bold:
            again = np.flatnonzero(scores[:, -1] < self._least.astype(np.float64) + self._slack / 2)
            if len(again):
                cells = None if self._cells is None else self._cells[again]
                some = (self._queries[again], cells, self._items, self._tiles, self._k, self._slack[again])
                ranks[again], scores[again] = Shortlist(*some, may_be_bold=False).best()
        return ranks, scores
