"""Between Arrow lists and numpy: flat values with offsets, and vectors as rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def offsets_of(lists: pa.Array) -> np.ndarray:
    """Where each list begins in ``lists.flatten()``: (n + 1,), a NULL list taking no room."""
    lengths = np.asarray(pc.fill_null(pc.list_value_length(lists), 0))
    return np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))


def to_lists(vectors: np.ndarray) -> pa.Array:
    """Rows (n, d) as a list array, NULL where a row is all zero."""
    n, dimensions = vectors.shape
    offsets = pa.array(np.arange(n + 1, dtype=np.int32) * dimensions)
    empty = pa.array(~vectors.any(axis=1))
    return pa.ListArray.from_arrays(offsets, pa.array(vectors.ravel()), mask=empty)


def to_matrix(lists: pa.Array | pa.ChunkedArray, dimensions: int | None = None) -> np.ndarray:
    """Lists of one length as float32 rows (n, d); a NULL list becomes zeros.

    Raises ValueError where the lists differ in length.
    """
    if isinstance(lists, pa.ChunkedArray):
        lists = lists.combine_chunks()
    lengths = np.asarray(pc.fill_null(pc.list_value_length(lists), 0))
    dimensions = int(lengths.max(initial=0)) if dimensions is None else dimensions
    filled = lengths > 0
    if (lengths[filled] != dimensions).any():
        raise ValueError(f"vectors of {dimensions} numbers expected, found one of {lengths[filled].min()}")
    matrix = np.zeros((len(lists), dimensions), np.float32)
    matrix[filled] = np.asarray(lists.flatten(), np.float32).reshape(-1, dimensions) if filled.any() else 0
    return matrix
