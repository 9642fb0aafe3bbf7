"""Upper bounds of inner products from a few numbers a vector: leading principal components, and how long the rest is.

The inner product of what is left of two vectors is at most that of its lengths (Cauchy-Schwarz), so with this length
as a last component a shorter matrix product gives bounds. After Li et al., FEXIPRO (SIGMOD 2017). Bounds are of several
levels: the farther two vectors are from each other, the fewer numbers tell.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from duckmark.kernels.tables import nth_highest, pieces

SHARES = (1 / 4, 1 / 2, 3 / 4)  # of the dimensions: so many numbers make the bounds of a level
LEAST = 16_000  # items below which it does not pay
ITEMS, QUERIES, K = 4096, 256, 10  # a sample to try them on, of each of which so many of all items are looked for
PAIR, PASSED = 20, 50  # measured costs: of a pair besides its product, of a pair that passes, a dimension each
MARGIN = 2  # of the measured costs, for those of looking through the groups of a tile
WORTH = 0.9  # of the cost of full products, at most


class Levels(NamedTuple):
    """How vectors are truncated: their components on orthonormal ``axes`` (d, c), and so many numbers, ``widths`` in
    ascending order, for the bounds of each level.

    A row holds components, and behind those of each level the length of the rest beyond them:

        c c c R | c c c c R | c c c c R
                ^ widths[0]           ^ widths[2]

    The bounds of a level are made of all that stands before its end but the lengths of lower levels.
    """

    axes: np.ndarray
    widths: tuple[int, ...]

    @classmethod
    def along(cls, axes: np.ndarray) -> Levels:
        """Those that the dimensions of ``axes`` (d, d) allow, of which there may be none."""
        widths: list[int] = []
        for width in (round(share * len(axes)) for share in SHARES):
            if (widths[-1] + 1 if widths else 1) < width < len(axes):  # with more components than the level before
                widths.append(width)
        return cls(np.ascontiguousarray(axes[:, : widths[-1] - len(widths) if widths else 0]), tuple(widths))

    @property
    def kept(self) -> list[int]:
        """The components of each level."""
        return [width - 1 - level for level, width in enumerate(self.widths)]

    @property
    def most_passing(self) -> list[float]:
        """The share of pairs up to which the bounds of each level pay, rather than those of the next one or, for the
        last, full products."""
        saved = np.diff([*self.widths, len(self.axes)]) / len(self.axes)
        return (saved / (MARGIN * PASSED)).tolist()


def truncated(vectors: np.ndarray, levels: Levels) -> np.ndarray:
    """Components of ``vectors`` (n, d), and behind those of each level the length of the rest: float32 (n, widths[-1]).

    Of two vectors x and y, the inner product is at most that of these rows, one of them as in `query_sides`, and what
    rounding adds: 4 x 2**-24 |x| |y|, unless numbers are next to the smallest.
    """
    short = np.empty((len(vectors), levels.widths[-1]), np.float32)
    for part in pieces(len(vectors), len(levels.axes) // 8):
        rest, before = vectors[part].astype(np.float64), 0
        for level, width in enumerate(levels.widths):
            axes = levels.axes[:, before - level : width - 1 - level]
            components = np.matmul(rest, axes, out=short[part, before : width - 1], casting="same_kind")
            rest -= components.astype(np.float64) @ axes.T
            length = np.sqrt(np.einsum("ij,ij->i", rest, rest)).astype(np.float32)
            short[part, width - 1] = np.nextafter(length, np.float32(np.inf))
            before = width
    return short


def query_sides(short: np.ndarray, levels: Levels) -> list[np.ndarray]:
    """Queries, ``short`` by `truncated`, to be multiplied with as many of the first numbers of items: of each level
    (q, width). The lengths of lower levels count nothing."""
    found = []
    for level, width in enumerate(levels.widths):
        found.append(short[:, :width].copy())
        found[-1][:, [lower - 1 for lower in levels.widths[:level]]] = 0
    return found


def worthwhile(vectors: np.ndarray, n: int) -> Levels | None:
    """The levels by which to truncate ``vectors`` (m, d), a fair sample of n, or None where no level pays."""
    d = vectors.shape[1]
    if n < LEAST:
        return None
    _, axes = np.linalg.eigh(vectors.astype(np.float64).T @ vectors)  # not centred: what is bounded is a product
    levels = Levels.along(axes[:, ::-1])
    items, queries = np.split((vectors[: ITEMS + QUERIES] @ axes[:, ::-1]).astype(np.float32), [ITEMS])
    least = nth_highest(queries @ items.T, max(1, round(K * ITEMS / n)))
    each = zip(levels.kept, levels.widths, strict=True)
    cost = min((_cost(items, queries, least, *level) for level in each), default=np.inf)
    return levels if cost < WORTH * (PAIR + d) else None


def _cost(items: np.ndarray, queries: np.ndarray, least: np.ndarray, kept: int, width: int) -> float:
    """Of a pair, by bounds of ``width`` numbers: of rotated ``items`` and ``queries`` all but ``kept`` components are
    cut off."""
    rest = np.multiply.outer(*(np.linalg.norm(side[:, kept:], axis=1) for side in (queries, items)))
    passed = np.mean(queries[:, :kept] @ items[:, :kept].T + rest >= least[:, None])
    return PAIR + width + PASSED * items.shape[1] * passed
