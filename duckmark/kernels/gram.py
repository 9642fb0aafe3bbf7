"""Dot products of the rows of a sparse matrix with each other, a block of rows at a time.

A column that c of n rows share costs a sparse product c^2 steps and a dense one n^2, but each of these is some
hundred times faster. So the few columns shared by many rows are multiplied densely and all others sparsely, which
is faster than either alone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from duckmark.kernels.blocks import in_blocks

HEAVY = 0.06  # share of the rows beyond which a column is cheaper densely; measured on float32 and two cores
DENSE_CELLS = 1 << 24  # held densely at most: 64 MiB of float32
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
        block += self.stored(rows).toarray()
        return block

    def stored(self, rows: slice | np.ndarray) -> sparse.csr_array:
        """The same as a sparse array; of a matrix that `is_thin` only."""
        return self.light[rows] @ self.transposed

    def square(self) -> np.ndarray:
        """All dots, (n, n): each pair of rows is multiplied once."""
        rows = len(self.heavy)
        square = np.empty((rows, rows), self.light.dtype)

        def fill(part: slice) -> None:
            block = self.heavy[part] @ self.heavy[part.start :].T
            block += (self.light[part] @ self.transposed[:, part.start :]).toarray()
            square[part, part.start :] = block
            square[part.start :, part] = block.T

        in_blocks(fill, rows, rows)
        return square


def gram(matrix: sparse.csr_array) -> Gram:
    """The ``matrix`` (n, m) made ready for its dots, in its own float type."""
    rows, shared = matrix.shape[0], np.bincount(matrix.indices, minlength=matrix.shape[1]).astype(float)
    by_weight = np.argsort(-shared, kind="stable")
    is_thin = bool((shared**2).sum() < FEW * rows**2)
    most = 0 if is_thin else min(int((shared > HEAVY * rows).sum()), DENSE_CELLS // max(1, rows))
    heavy, light = (np.sort(columns) for columns in (by_weight[:most], by_weight[most:]))
    rest = sparse.csr_array(matrix[:, light]) if most else matrix
    return Gram(matrix[:, heavy].toarray(), rest, sparse.csr_array(rest.T), is_thin)
