"""Dot products of the rows of a sparse matrix with each other, a block of rows at a time.

A column that c of n rows share costs a sparse product c^2 steps and a dense one n^2, but each of these is some
hundred times faster. So the few columns shared by many rows are multiplied densely and all others sparsely, which
is faster than either alone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import sparse

from duckmark.kernels.blocks import cut, in_blocks
from duckmark.kernels.sparse_product import add_product

HEAVY = 0.06  # share of the rows beyond which a column is cheaper densely; measured on float32 and two cores
DENSE_CELLS = 1 << 24  # held densely at most: 64 MiB of float32
SLICES = 8  # of the columns, for blocks that need no more: to cut them anew for each block takes as long as a product
FEW = 0.25  # products per dot below which most dots are zero and are better never made


class Gram(NamedTuple):
    """The rows of a matrix (n, m): ``heavy`` columns dense (n, h), ``light`` ones sparse, and these ``transposed``."""

    heavy: np.ndarray
    light: sparse.csr_array
    transposed: sparse.csr_array
    is_thin: bool  # most dots are zero, so that `stored` is better asked than `dots`; no column is heavy then

    def dots(self, rows: slice | np.ndarray) -> np.ndarray:
        """Dots of ``rows`` (b,) with all rows: (b, n)."""
        block = self.heavy[rows] @ self.heavy.T
        add_product(block, self.light[rows], self.transposed)
        return block

    def stored(self, rows: slice | np.ndarray) -> sparse.csr_array:
        """The same as a sparse array; of a matrix that `is_thin` only."""
        return self.light[rows] @ self.transposed

    def between(self, rows: slice, columns: slice) -> Callable[[slice], np.ndarray]:
        """What gives the dots (b, c) of a part of ``rows`` with all of the rows ``columns``."""
        heavy, others = self.heavy[rows], self.heavy[columns].T
        light, transposed = self.light[rows], self.transposed[:, columns]

        def block(part: slice) -> np.ndarray:
            dots = heavy[part] @ others
            add_product(dots, light[part], transposed)
            return dots

        return block

    def square(self, rows: slice | None = None) -> np.ndarray:
        """The dots (b, b) of ``rows``, all unless told, with each other: each pair is multiplied once."""
        heavy, light = (self.heavy, self.light) if rows is None else (self.heavy[rows], self.light[rows])
        transposed = self.transposed if rows is None else self.transposed[:, rows]
        square = np.empty((len(heavy), len(heavy)), light.dtype)
        starts = [part.start for part in cut(len(heavy), SLICES)]
        from_start = [transposed[:, start:] for start in starts]

        def fill(part: slice) -> None:
            at = bisect_right(starts, part.start) - 1
            block = heavy[part] @ heavy[starts[at] :].T
            add_product(block, light[part], from_start[at])
            block = block[:, part.start - starts[at] :]
            square[part, part.start :] = block
            square[part.start :, part] = block.T

        in_blocks(fill, *square.shape)
        return square


def gram(matrix: sparse.csr_array) -> Gram:
    """The ``matrix`` (n, m) made ready for its dots, in its own float type."""
    rows, shared = matrix.shape[0], np.bincount(matrix.indices, minlength=matrix.shape[1]).astype(float)
    by_weight = np.argsort(-shared, kind="stable")
    is_thin = bool((shared**2).sum() < FEW * rows**2)
    most = 0 if is_thin else min(int((shared > HEAVY * rows).sum()), DENSE_CELLS // max(1, rows))
    heavy, light = (np.sort(columns) for columns in (by_weight[:most], by_weight[most:]))
    rest = matrix[:, light] if most else matrix
    light = _short(sparse.csr_array(rest))
    return Gram(matrix[:, heavy].toarray(), light, _short(sparse.csr_array(light.T)), is_thin)


def _short(matrix: sparse.csr_array) -> sparse.csr_array:
    """``matrix`` with indices of 32 bits where they are enough: sparse products are as fast as memory."""
    if max(matrix.nnz, *matrix.shape) > np.iinfo(np.int32).max:
        return matrix
    indices, indptr = (part.astype(np.int32, copy=False) for part in (matrix.indices, matrix.indptr))
    return sparse.csr_array((matrix.data, indices, indptr), shape=matrix.shape)
