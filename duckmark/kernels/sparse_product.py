"""Products of sparse matrices without counting first what is stored, and added to what is there."""

from __future__ import annotations

import math

import numpy as np
from scipy import sparse

try:
    from scipy.sparse._sparsetools import csr_matmat, csr_todense
except ImportError:  # a scipy that keeps them elsewhere
    csr_matmat = None


def sparse_product(left: sparse.csr_array, right: sparse.csr_array) -> sparse.csr_array:
    """``left`` (n, k) @ ``right`` (k, m), both of one float type.

    scipy's operator first counts what it will store, which takes most of the time of the product itself. Room for all
    n x m is enough, of which the system gives what is written to.
    """
    kind, shape = left.indices.dtype, (left.shape[0], right.shape[1])
    same = {part.dtype for side in (left, right) for part in (side.indices, side.indptr)} == {kind}
    if csr_matmat is None or not same or math.prod(shape) > np.iinfo(kind).max:
        return left @ right
    offsets = np.empty(shape[0] + 1, kind)
    columns, values = np.empty(math.prod(shape), kind), np.empty(math.prod(shape), left.dtype)
    sides = (part for side in (left, right) for part in (side.indptr, side.indices, side.data))
    csr_matmat(*shape, *sides, offsets, columns, values)
    return sparse.csr_array((values[: offsets[-1]], columns[: offsets[-1]], offsets), shape=shape)


def add_product(block: np.ndarray, left: sparse.csr_array, right: sparse.csr_array) -> None:
    """``block`` (n, m), in C order, plus ``left`` @ ``right``, in place; all of one float type."""
    found = sparse_product(left, right)
    if csr_matmat is None:
        block += found.toarray()
    else:
        csr_todense(*block.shape, found.indptr, found.indices, found.data, block)


def dense_product(left: sparse.csr_array, right: sparse.csr_array) -> np.ndarray:
    """``left`` (n, k) @ ``right`` (k, m) as (n, m), for one of which much is stored."""
    block = np.zeros((left.shape[0], right.shape[1]), left.dtype)
    add_product(block, left, right)
    return block
