"""Exact nearest rows by inner product: of unit rows, by cosine.

Scores are made in tiles that stay in a core's cache. Of a tile only the maxima of groups of items are looked at, and
only groups that reach what a query's k-th best item so far scores are looked into: after the first tiles these are
few. The candidates that are left are scored again in float64.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from duckmark.kernels.blocks import WORKERS, cut, side_by_side
from duckmark.kernels.distinct import Groups, best_rows, identical
from duckmark.kernels.shortlist import GROUP, Shortlist
from duckmark.kernels.tables import best_first

QUERIES = 640  # of a block
FEW = 256  # queries a thread below which the threads share out the items, not the queries
TILE = 2048  # items, 5 MiB of scores with a block: smaller ones leave threads waiting for the interpreter
MOST_ITEMS = 1 << 14  # of a tile where queries are few
FEWEST_ITEMS = 1 << 13  # of a thread
UNIT = 2.0**-24  # relative error of a float32 operation


class Catalogue(NamedTuple):
    """Items made ready to be searched.

    ``vectors`` (m, d): the distinct ones of n items, in an order of which any stretch is a fair sample; ``ranks`` (m,):
    the place of each in the order in which they occur first; ``groups``: the items that have the vector of a rank;
    ``longest``: the length of the longest.
    """

    vectors: np.ndarray
    ranks: np.ndarray
    groups: Groups
    longest: float


def catalogue(items: np.ndarray) -> Catalogue:
    """``items`` (n, d), as float32, made ready. Raises ValueError on NaN and infinite values."""
    items = _finite(items, "items")
    groups = identical(items)
    ranks = _spread(len(groups.offsets) - 1)
    return Catalogue(items[groups.first[ranks]], ranks, groups, float(_lengths(items).max(initial=0)))


def _spread(count: int) -> np.ndarray:
    """The numbers below ``count`` in steps of the golden section: any stretch of them is spread out evenly."""
    step = next(step for step in range(int(count * 0.618) + 1, 2 * count + 2) if math.gcd(step, count) == 1)
    return np.arange(count) * step % max(1, count)


def top_k(queries: np.ndarray, items: np.ndarray | Catalogue, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The ``k`` rows of ``items`` (n, d) with the highest inner product with each of ``queries`` (q, d).

    Gives rows and scores, both (q, min(k, n)), best first, equal scores in the order of the rows. Vectors count as
    float32; scores are summed in float64, so that nothing depends on how the work was cut. Memory beyond what is given
    and returned is bounded. Raises ValueError on NaN and infinite values, and on scores beyond the range of float32.
    """
    items = items if isinstance(items, Catalogue) else catalogue(items)
    queries = _finite(queries, "queries")
    slack = _slack(queries, items)
    k = max(0, min(k, len(items.groups.rows)))
    asked = np.flatnonzero(queries.any(axis=1)) if k else ()  # a query of zeros scores 0 with every item
    if len(asked) == len(queries) > 0:
        return _best(queries, items, k, slack)
    rows, scores = np.tile(np.arange(k), (len(queries), 1)), np.zeros((len(queries), k))
    if len(asked):
        rows[asked], scores[asked] = _best(queries[asked], items, k, slack[asked])
    return rows, scores


def _best(queries: np.ndarray, items: Catalogue, k: int, slack: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    blocks, shards = _cuts(len(queries), len(items.vectors))
    rows, scores = np.empty((len(queries), k), np.int64), np.empty((len(queries), k))

    def search(part: tuple[slice, slice]) -> tuple[np.ndarray, np.ndarray]:
        block, shard = part
        asked, vectors = queries[block], items.vectors[shard]
        found = Shortlist(asked, vectors, items.ranks[shard], min(k, len(vectors)), slack[block])
        return found.best(_tile(len(asked)))

    def search_all(block: slice) -> None:
        rows[block], scores[block] = best_rows(items.groups, *search((block, shards[0])), k)

    if len(shards) == 1:
        side_by_side(search_all, blocks)
        return rows, scores
    found = side_by_side(search, [(block, shard) for block in blocks for shard in shards])
    for place, block in enumerate(blocks):
        merged = _merged(found[place * len(shards) : (place + 1) * len(shards)], k)
        rows[block], scores[block] = best_rows(items.groups, *merged, k)
    return rows, scores


def _cuts(queries: int, items: int) -> tuple[list[slice], list[slice]]:
    """Blocks of queries and shards of items, such that every thread has as much to do."""
    if queries < FEW * WORKERS:
        return cut(queries, -(-queries // QUERIES)), cut(items, max(1, min(WORKERS, items // FEWEST_ITEMS)))
    rounds = -(-queries // (QUERIES * WORKERS))
    return cut(queries, rounds * WORKERS), [slice(0, items)]


def _tile(queries: int) -> int:
    """How many items to score at a time."""
    return min(MOST_ITEMS, max(TILE, QUERIES * TILE // queries // GROUP * GROUP))


def _merged(shards: list[tuple[np.ndarray, np.ndarray]], k: int) -> tuple[np.ndarray, np.ndarray]:
    """The ``k`` best ranks of what was found in each shard."""
    ranks, scores = (np.concatenate(part, axis=1) for part in zip(*shards, strict=True))
    order, best = best_first(scores, ranks)
    return np.take_along_axis(ranks, order[:, :k], axis=1), best[:, :k]


def _finite(vectors: np.ndarray, what: str) -> np.ndarray:
    vectors = np.ascontiguousarray(vectors, np.float32)
    if not np.isfinite(vectors).all():
        raise ValueError(f"{what} hold NaN or infinite values")
    return vectors


def _lengths(vectors: np.ndarray) -> np.ndarray:
    return np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))


def _slack(queries: np.ndarray, items: Catalogue) -> np.ndarray:
    """How far the float32 scores of two items of equal rank can lie apart: (q,).

    Each is off by at most d u |x| |y| (Higham, Accuracy and Stability of Numerical Algorithms, 3.1).
    """
    largest = _lengths(queries) * items.longest
    if not (largest < np.finfo(np.float32).max / 4).all():
        raise ValueError("vectors are too long: their inner products leave the range of float32")
    return np.nextafter((2 * UNIT * (queries.shape[1] + 8) * largest).astype(np.float32), np.float32(np.inf))
