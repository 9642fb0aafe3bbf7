"""Tables of ids and values as sparse matrices."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse


def sparse_by_id(
    row_ids: pa.ChunkedArray, column_ids: pa.ChunkedArray, values: np.ndarray, rows: pa.Array, columns: pa.Array
) -> sparse.csr_array:
    """The matrix (rows, columns) of ``values`` (m,), each at its two ids; ids that are not among them are left out."""
    places = pc.index_in(row_ids, value_set=rows), pc.index_in(column_ids, value_set=columns)
    known = np.asarray(pc.and_(*(place.is_valid() for place in places)))
    at = tuple(np.asarray(pc.fill_null(place, 0))[known] for place in places)
    matrix = sparse.csr_array((np.asarray(values, np.float64)[known], at), shape=(len(rows), len(columns)))
    matrix.sort_indices()
    return matrix
