"""The first thresholds of a search: scores that more than the wanted number of items reach, but not many more.

Where any stretch of the items is a fair sample of them, the first to be scored anyway tell the score. Where near items
stand together, those near a query do, unless many are wanted, most of which are not near: then a few of each cell.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from duckmark.kernels.catalogue import CELL, Catalogue
from duckmark.kernels.group_maxima import group_maxima, group_size
from duckmark.kernels.scratch import scratch
from duckmark.kernels.tables import nth_highest

OPENING = 4096  # items that set thresholds, or 8 k where that is more
NEAR = 1024  # items near a query that set its threshold, or 4 k where that is more
MOST_NEAR = 32  # best ones of a query that are looked for near it
MORE = 4  # times as many groups at least, of whose best one is the threshold
SMALL = 8  # items of a group that will be looked into, of a few that set thresholds: as many of them reach those
EXCESS = 3  # times as many reach the k-th best score of a few items aside as reach that of all


class Wanted(NamedTuple):
    """``k`` of ``size`` items. A ``bold`` search risks thresholds that, once in a while, less than k reach."""

    k: int
    size: int
    bold: bool

    @classmethod
    def among(cls, k: int, items: Catalogue, may_be_bold: bool) -> Wanted:
        """``k`` of ``items``. Bold wherever a fair sample sets the thresholds."""
        return cls(k, len(items.vectors), may_be_bold and (items.short is None or k > MOST_NEAR))

    def rank(self, seen: int) -> int:
        """Of a score among a fair sample of ``seen`` items that some more than k of all items reach: most likely, if
        bold. The k-th best of a few items is far below that of all."""
        part = seen / self.size
        share = self.k * part
        return min(self.k, math.ceil(share + 4 * math.sqrt(share * (1 - part)) + 2)) if self.bold else self.k


class Scored(NamedTuple):
    """A tile of items, its scores (t, q) and their group maxima (groups, q)."""

    tile: slice
    scores: np.ndarray
    heads: np.ndarray


class Opening(NamedTuple):
    """Before the search: a score ``kth`` (q,) of each query that more than k items reach (if bold, most likely), the
    ``share`` of all pairs that do, as many items as one must have ``looked`` at to know it, and the tiles ``scored``
    for it."""

    kth: np.ndarray
    share: float
    looked: int
    scored: list[Scored]


def opening(
    across: np.ndarray, cells: np.ndarray | None, items: Catalogue, tiles: list[slice], wanted: Wanted
) -> Opening:
    """Of queries ``across`` (d, q), nearest to ``cells`` (q,) where items have cells, before ``tiles`` are searched."""
    if items.short is None:
        return _of_first_tiles(across, items, tiles, wanted)
    if wanted.bold:
        kth, looked = _of_every_cell(across, items, wanted), wanted.size
    else:
        kth, looked = _of_near_cells(across, cells, items, wanted.k), tiles[0].stop - tiles[0].start
    return Opening(kth, EXCESS * wanted.k / wanted.size, looked, [])


def _of_first_tiles(across: np.ndarray, items: Catalogue, tiles: list[slice], wanted: Wanted) -> Opening:
    """By the first of ``tiles``, which are a fair sample. What is scored lives in the thread's scratch memory."""
    ends = np.cumsum([tile.stop - tile.start for tile in tiles]).tolist()
    opened = 1 + sum(end < max(OPENING, 8 * wanted.k) for end in ends[:-1])
    rows, rank = ends[opened - 1], wanted.rank(ends[opened - 1])
    scores = scratch(rows, across.shape[1])
    # The best one but `rank` of so many times as many groups' best is nearly that of all, and cheaper to find.
    size = group_size(rows / (MORE * rank))
    small = min(size, SMALL)
    scored, heads = [], []
    for tile, end in zip(tiles[:opened], ends, strict=False):
        part = scores[end - tile.stop + tile.start : end]
        np.matmul(items.vectors[tile], across, out=part)
        scored.append(Scored(tile, part, group_maxima(part, small)))
        heads.append(group_maxima(scored[-1].heads, size // small))
    kth = nth_highest(np.concatenate(heads).T, rank)
    return Opening(kth, rank / rows, rows, scored)


def _of_every_cell(across: np.ndarray, items: Catalogue, wanted: Wanted) -> np.ndarray:
    """The score at the rank of what is wanted, among a few items of each cell: (q,)."""
    some = items.vectors[:: max(1, len(items.vectors) // max(OPENING, 8 * wanted.k))]
    rank = wanted.rank(len(some))
    size = group_size(len(some) / (MORE * rank))
    scores = some[: len(some) // size * size] @ across
    return nth_highest(group_maxima(scores, size).T, rank)


def _of_near_cells(across: np.ndarray, cells: np.ndarray, items: Catalogue, k: int) -> np.ndarray:
    """The score that ``k`` of the items around the cell of each query reach: (q,). ``cells``: (q,)."""
    rows = min(len(items.vectors), max(NEAR, 4 * k))
    size = group_size(rows / (MORE * k))
    together = max(1, rows // CELL)  # cells whose queries look at the same items
    places = cells // together
    order = np.argsort(places, kind="stable")
    kth = np.empty(len(cells), np.float32)
    for some in np.split(order, np.flatnonzero(np.diff(places[order])) + 1):
        start = min(places[some[0]] * together * CELL, len(items.vectors) - rows)
        scores = items.vectors[start : start + rows] @ across[:, some]
        kth[some] = nth_highest(group_maxima(scores, size).T, k)
    return kth
