"""Upper bounds of inner products from a few numbers a vector: leading principal components, and how long the rest is.

The inner product of what is left of two vectors is at most that of its lengths (Cauchy-Schwarz), so with this length
as a last component a shorter matrix product gives bounds. After Li et al., FEXIPRO (SIGMOD 2017).
"""

from __future__ import annotations

import numpy as np

from duckmark.kernels.tables import nth_highest, pieces

SHARES = (1 / 4, 3 / 8, 1 / 2, 5 / 8, 3 / 4)  # of the dimensions that may be kept
LEAST = 24_000  # items below which it does not pay
ITEMS, QUERIES, K = 4096, 256, 10  # a sample to try them on, of each of which so many of all items are looked for
PAIR, PASSED = 20, 50  # measured costs: of a pair besides its product, of a pair that passes, a dimension each
MARGIN = 2  # of the measured costs, for those of looking through the groups of a tile
WORTH = 0.9  # of the cost of full products, at most


def truncated(vectors: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Components of ``vectors`` (n, d) on orthonormal ``axes`` (d, p), and the length of the rest: float32 (n, p + 1).

    Of two vectors x and y, the inner product is at most that of these rows and 4 x 2**-24 |x| |y|, which rounding adds.
    """
    short = np.empty((len(vectors), axes.shape[1] + 1), np.float32)
    for part in pieces(len(vectors), len(axes) // 8):
        exact = vectors[part].astype(np.float64)
        short[part, :-1] = exact @ axes
        exact -= short[part, :-1].astype(np.float64) @ axes.T
        short[part, -1] = np.nextafter(
            np.sqrt(np.einsum("ij,ij->i", exact, exact)).astype(np.float32), np.float32(np.inf)
        )
    return short


def worthwhile_axes(vectors: np.ndarray, n: int) -> np.ndarray | None:
    """The axes (d, p) by which to truncate ``vectors`` (m, d), a fair sample of n, or None where it does not pay."""
    d = vectors.shape[1]
    if n < LEAST:
        return None
    _, axes = np.linalg.eigh(vectors.astype(np.float64).T @ vectors)  # not centred: what is bounded is a product
    axes = axes[:, ::-1]
    items, queries = np.split((vectors[: ITEMS + QUERIES] @ axes).astype(np.float32), [ITEMS])
    least = nth_highest(queries @ items.T, max(1, round(K * ITEMS / n)))
    sizes = {round(share * d) for share in SHARES if share * d >= 2}
    cost, kept = min(((_cost(items, queries, least, size), size) for size in sizes), default=(np.inf, 0))
    return np.ascontiguousarray(axes[:, : kept - 1]) if cost < WORTH * (PAIR + d) else None


def _cost(items: np.ndarray, queries: np.ndarray, least: np.ndarray, kept: int) -> float:
    """Of a pair, if all but ``kept`` - 1 of the components of rotated ``items`` and ``queries`` are cut off."""
    cut = kept - 1
    rest = np.multiply.outer(*(np.linalg.norm(side[:, cut:], axis=1) for side in (queries, items)))
    passed = np.mean(queries[:, :cut] @ items[:, :cut].T + rest >= least[:, None])
    return PAIR + kept + PASSED * items.shape[1] * passed


def most_that_may_pass(dimensions: int, kept: int) -> float:
    """The share of pairs up to which bounds of ``kept`` numbers pay."""
    return (dimensions - kept) / (MARGIN * PASSED * dimensions)
