"""Items made ready to be searched by inner product."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from duckmark.kernels.distinct import Groups, identical
from duckmark.kernels.truncation import Levels, truncated, worthwhile

CELL = 512  # rows that are neighbours in space
SAMPLE = 1 << 14  # rows by which axes are found
FEW = 1000  # rows of a part by which it is told where to halve it


class Catalogue(NamedTuple):
    """Items made ready to be searched.

    ``vectors`` (m, d): the distinct ones of n items; ``ranks`` (m,): the place of each in the order in which they occur
    first; ``groups``: the items that have the vector of a rank; ``longest``: the length of the longest.
    ``levels`` and ``short`` (m, width): the vectors truncated, where that pays: then vectors that are near in
    space stand together, and ``centres`` (m / CELL, d) are the directions of their cells. Elsewhere the vectors are in
    an order of which any stretch is a fair sample.
    """

    vectors: np.ndarray
    ranks: np.ndarray
    groups: Groups
    longest: float
    levels: Levels | None = None
    short: np.ndarray | None = None
    centres: np.ndarray | None = None


def catalogue(items: np.ndarray) -> Catalogue:
    """``items`` (n, d), as float32, made ready. Raises ValueError on NaN and infinite values."""
    items, norms = finite(items, "items")
    groups = identical(items)
    ranks = _spread(len(groups.offsets) - 1)
    longest = float(norms.max(initial=0))
    levels = worthwhile(items[groups.first[ranks[:SAMPLE]]], len(ranks)) if longest < 1e18 else None
    if levels is None:
        return Catalogue(items[groups.first[ranks]], ranks, groups, longest)
    short = truncated(items[groups.first], levels)
    ranks = _by_cells(short)
    vectors = items[groups.first[ranks]]
    sums = np.add.reduceat(vectors, np.arange(0, len(vectors), CELL), axis=0)
    centres = sums / np.maximum(lengths(sums), np.finfo(np.float32).tiny)[:, None]
    return Catalogue(vectors, ranks, groups, longest, levels, short[ranks], centres.astype(np.float32))


def _spread(count: int) -> np.ndarray:
    """The numbers below ``count`` in steps of the golden section: any stretch of them is spread out evenly."""
    step = next(step for step in range(int(count * 0.618) + 1, 2 * count + 2) if math.gcd(step, count) == 1)
    return np.arange(count) * step % max(1, count)


def _by_cells(points: np.ndarray) -> np.ndarray:
    """An order of ``points`` (n, p) in cells of CELL, halved time and again across where they are widest: a k-d tree
    (Friedman, Bentley and Finkel 1977)."""
    order, parts = np.arange(len(points)), [(0, len(points))]
    while parts:
        start, end = parts.pop()
        cells = -(-(end - start) // CELL)
        if cells < 2:
            continue
        rows, half = order[start:end], cells // 2 * CELL
        widest = points[rows[:: max(1, len(rows) // FEW)]].var(axis=0).argmax()
        order[start:end] = rows[np.argpartition(points[rows, widest], half)]
        parts += [(start, start + half), (start + half, end)]
    return order


def finite(vectors: np.ndarray, what: str) -> tuple[np.ndarray, np.ndarray]:
    """``vectors`` (n, d) as contiguous float32, and their lengths. Raises ValueError on NaN and infinite values."""
    vectors = np.ascontiguousarray(vectors, np.float32)
    norms = lengths(vectors)
    if not np.isfinite(norms).all():  # squares of float32 stay in the range of float64
        raise ValueError(f"{what} hold NaN or infinite values")
    return vectors, norms


def lengths(vectors: np.ndarray) -> np.ndarray:
    """The Euclidean length of each of ``vectors`` (n, d), in float64."""
    return np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
