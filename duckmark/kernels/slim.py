"""SLIM: sparse item weights B (items x items) that are never negative, with score(user) = preferences(user) @ B.

Ning & Karypis (2011), in their form with feature selection: an item's weights are sought among its nearest items only.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from duckmark.kernels.blocks import in_blocks, joined
from duckmark.kernels.checks import require_finite
from duckmark.kernels.ease import MOST_ITEMS, TooManyItems
from duckmark.kernels.gram import gram
from duckmark.kernels.item_neighbours import by_target, item_neighbours

CELLS = 1 << 22  # of the systems held by a thread: 16 MiB of float32
STILL = 1e-4  # no weight moved by more in a sweep: there is no more to come


def slim(
    preferences: sparse.csr_array,
    k: int = 100,
    l1: float = 1.0,
    l2: float = 100.0,
    dropout: float = 0.0,
    sweeps: int = 10,
    targets: np.ndarray | None = None,
) -> sparse.csr_array:
    """B of SLIM: for each item x_j (a column) the weights b >= 0 over its ``k`` nearest items by cosine that minimise

        |x_j - X b|^2 / 2 + ``l2`` |b|^2 / 2 + ``l1`` |b|_1,

    by coordinate descent (Friedman, Hastie & Tibshirani 2010), as many items at once as fit. ``dropout`` adds to the
    ``l2`` of an item as in `ease` (Steck 2020). Where ``targets`` (t,) are given, only these items get weights. The
    items x items dots of ``preferences`` (u, i) are held in float32; raises TooManyItems beyond ``MOST_ITEMS``,
    ValueError on NaN and infinite preferences.
    """
    require_finite(preferences)
    items = preferences.shape[1]
    if items > MOST_ITEMS:
        raise TooManyItems(f"{items} items, at most {MOST_ITEMS}")
    targets = np.arange(items) if targets is None else targets
    near = sparse.csr_array(item_neighbours(preferences, k).T)[targets]
    dots = gram(sparse.csr_array(preferences.T, dtype=np.float32)).square()
    ridge = (np.float32(l2) + np.float32(dropout / (1 - dropout)) * dots.diagonal()).astype(np.float32)
    widest = int(np.diff(near.indptr).max(initial=1))

    def solve(block: slice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        sources, known = _padded(near, block)
        weights = _descend(dots, targets[block], sources, known, l1, ridge, sweeps)
        row, place = np.nonzero(weights)
        return targets[block][row], sources[row, place], weights[row, place]

    return by_target(items, *joined(in_blocks(solve, len(targets), widest**2, CELLS), np.float32))


def _padded(near: sparse.csr_array, block: slice) -> tuple[np.ndarray, np.ndarray]:
    """The nearest items in each row of ``block`` (t, k), 0 where there are fewer, and which places are filled."""
    ends = near.indptr[block.start : block.stop + 1]
    lengths = np.diff(ends)
    known = np.arange(max(1, lengths.max(initial=0))) < lengths[:, None]
    sources = np.zeros(known.shape, np.intp)
    sources[known] = near.indices[ends[0] : ends[-1]]
    return sources, known


def _descend(
    dots: np.ndarray,
    targets: np.ndarray,
    sources: np.ndarray,
    known: np.ndarray,
    l1: float,
    ridge: np.ndarray,
    sweeps: int,
) -> np.ndarray:
    """The weights (t, k) of ``sources`` for ``targets``, one coordinate of all targets at a time; ``ridge`` (i,)."""
    systems = np.ascontiguousarray(dots[sources[:, :, None], sources[:, None, :]].swapaxes(0, 1))  # (k, t, k)
    wanted = np.where(known, dots[sources, targets[:, None]] - np.float32(l1), -np.inf)
    own = dots.diagonal()[sources]
    whole = own + ridge[sources]
    whole[whole == 0] = 1  # of an item that nobody has, as which a place that is not filled may count
    weights, fitted = np.zeros((2, *sources.shape), np.float32)
    for _ in range(sweeps):
        moved = 0.0
        for place in range(sources.shape[1]):
            before = weights[:, place]
            left = wanted[:, place] - fitted[:, place] + own[:, place] * before
            step = np.maximum(left, 0) / whole[:, place] - before
            fitted += systems[place] * step[:, None]
            weights[:, place] += step
            moved = max(moved, float(np.abs(step).max(initial=0)))
        if moved < STILL:
            break
    return weights
