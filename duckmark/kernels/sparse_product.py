"""Products of sparse matrices without counting first what is stored, and added to what is there."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from scipy import sparse

try:
    from scipy.sparse._sparsetools import csr_matmat, csr_scale_rows, csr_todense
except ImportError:  # a scipy that keeps them elsewhere
    csr_matmat = csr_scale_rows = csr_todense = None

TERMS = 1 << 18  # of a dense product that are held at once, or those of one row: 3 MiB, which stay in a core's cache


def sparse_product(left: sparse.csr_array, right: sparse.csr_array) -> sparse.csr_array:
    """``left`` (n, k) @ ``right`` (k, m), both of one type.

    scipy's operator first counts what it will store, which takes most of the time of the product itself. Room for all
    n x m, or for all that is multiplied, is enough, of which the system gives what is written to.
    """
    kind, shape = left.indices.dtype, (left.shape[0], right.shape[1])
    same = {part.dtype for side in (left, right) for part in (side.indices, side.indptr)} == {kind}
    most = min(math.prod(shape), int(np.diff(right.indptr)[left.indices].sum(dtype=np.int64)))
    if csr_matmat is None or not same or most > np.iinfo(kind).max:
        return left @ right
    offsets = np.empty(shape[0] + 1, kind)
    columns, values = np.empty(most, kind), np.empty(most, left.dtype)
    sides = (part for side in (left, right) for part in (side.indptr, side.indices, side.data))
    csr_matmat(*shape, *sides, offsets, columns, values)
    return sparse.csr_array((values[: offsets[-1]], columns[: offsets[-1]], offsets), shape=shape)


def add_product(block: np.ndarray, left: sparse.csr_array, right: sparse.csr_array) -> None:
    """``block`` (n, m), in C order, plus ``left`` (n, k) @ ``right`` (k, m), in place; all of one float type.

    Every term is added where it belongs: sums that are stored nowhere else need not be found first.
    """
    if csr_todense is None:
        block += (left @ right).toarray()
        return
    terms = np.append(0, np.cumsum(np.diff(right.indptr)[left.indices], dtype=np.int64))[left.indptr]
    bounds = np.searchsorted(terms, np.arange(0, terms[-1], TERMS), side="right") - 1
    for start, end in pairwise(np.unique([*bounds, len(block)]).tolist()):
        some = left[start:end]
        rows = right[some.indices]
        csr_scale_rows(*rows.shape, rows.indptr, rows.indices, rows.data, some.data)
        part = block[start:end]
        csr_todense(*part.shape, rows.indptr[some.indptr], rows.indices, rows.data, part)


def dense_product(left: sparse.csr_array, right: sparse.csr_array) -> np.ndarray:
    """``left`` (n, k) @ ``right`` (k, m) as (n, m), for one of which much is stored."""
    block = np.zeros((left.shape[0], right.shape[1]), left.dtype)
    add_product(block, left, right)
    return block
