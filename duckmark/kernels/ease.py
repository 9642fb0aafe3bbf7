"""EASE and EDLAE: dense item weights in closed form, B (items x items) with score(user) = preferences(user) @ B."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from duckmark.kernels.blocks import in_blocks, joined
from duckmark.kernels.checks import require_finite
from duckmark.kernels.gram import gram
from duckmark.kernels.item_neighbours import by_target
from duckmark.kernels.ranking import best_columns, block_length

FEW_ITEMS = 5_000
MOST_ITEMS = 20_000  # the dense inverse of EASE holds items^2 float32 once, here 1.6 GB, and takes items^3 steps


class TooManyItems(ValueError):
    """More items than a dense items x items inverse is made for: use `item_neighbours` or `graph_filter`."""


def ease(
    preferences: sparse.csr_array, regularisation: float, dropout: float = 0.0, dtype: type = np.float32
) -> np.ndarray:
    """Dense B (i, i) of EASE^R (Steck 2019), or of EDLAE (Steck 2020) where ``dropout`` is not zero.

    B minimises |X - X B|^2 + ``regularisation`` |B|^2 with a zero diagonal; EDLAE leaves out a share ``dropout`` of
    each user's items and predicts them from the rest, which adds dropout / (1 - dropout) x the item's sum of squares
    to its regularisation. Closed form: with P the inverse of X'X + ridge, B_ij = -P_ij / P_jj.
    One items x items array of ``dtype`` is held; raises TooManyItems beyond ``MOST_ITEMS``, ValueError on NaN and
    infinite preferences.
    """
    require_finite(preferences)
    items = preferences.shape[1]
    if items > MOST_ITEMS:
        raise TooManyItems(f"{items} items, at most {MOST_ITEMS}")
    system = gram(sparse.csr_array(preferences.T, dtype=dtype)).square()
    diagonal = system.diagonal().copy()
    np.fill_diagonal(system, diagonal + regularisation + dropout / (1 - dropout) * diagonal)
    # A second thread of BLAS saves a small matrix little, and on a busy machine costs it seconds of waiting.
    with threadpool_limits(1 if items < FEW_ITEMS else None, "blas"):
        inverse = _inverse(system)
    weights = inverse
    weights /= -inverse.diagonal().copy()
    np.fill_diagonal(weights, 0)
    return weights


def largest(weights: np.ndarray, k: int) -> sparse.csr_array:
    """``weights`` (i, i) with only the ``k`` of largest size in each column, which is one item's explanation."""
    transposed = weights.T

    def best(targets: slice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        block = np.ascontiguousarray(transposed[targets])
        row, source = best_columns(np.abs(block), k, above=0.0)
        return row + targets.start, source, block[row, source]

    parts = in_blocks(best, len(weights), len(weights))
    return by_target(len(weights), *joined(parts, weights.dtype))


def _inverse(positive: np.ndarray) -> np.ndarray:
    """The inverse of a positive definite matrix, in its own memory, by Cholesky."""
    from scipy.linalg import lapack  # which only training needs

    potrf, potri = lapack.get_lapack_funcs(("potrf", "potri"), (positive,))
    factor, failed = potrf(positive.T, overwrite_a=True, clean=False)  # .T: LAPACK's order without a copy
    if not failed:
        inverse, failed = potri(factor, overwrite_c=True)
    if failed:
        raise np.linalg.LinAlgError("not positive definite: raise the regularisation, or use float64")
    step = block_length(len(inverse))
    for start in range(0, len(inverse), step):  # LAPACK leaves the lower triangle as it was
        end = start + step
        inverse[start:end, :start] = inverse[:start, start:end].T
        square = inverse[start:end, start:end]
        square[:] = np.triu(square) + np.triu(square, 1).T
    return inverse
