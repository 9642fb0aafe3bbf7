"""What a sparse matrix stores, apart from where it stores it."""

from __future__ import annotations

import numpy as np
from scipy import sparse


def with_data(matrix: sparse.csr_array, data: np.ndarray) -> sparse.csr_array:
    """The matrix that stores ``data`` in the places where ``matrix`` stores its own."""
    return sparse.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)
