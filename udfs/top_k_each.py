from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.arrow import lengths_of
from duckmark.functions import VectorSpace, function
from duckmark.udfs.top_k import top_k


@function(
    {"vectors": "FLOAT[][]", "space": "VARCHAR", "k": "BIGINT"},
    returns="STRUCT(id VARCHAR, score DOUBLE)[][]",
    summary="`top_k` of each vector of a list, as `list(vector)` makes it: thousands are searched together.",
    example="top_k_each([embed('red'), embed('dress')], 'words', 3)",
    needs=("spaces",),
)
def top_k_each(
    vectors: pa.Array, space: pa.Array, k: pa.Array, *, spaces: Callable[[str], VectorSpace | None]
) -> pa.Array:
    """As `top_k`, in the order of the vectors. NULL for a NULL list, and in it for a NULL vector or an empty space.

    DuckDB calls a function for 2,048 rows at a time; however many vectors a list holds, they are searched together.
    """
    missing = pc.or_(pc.is_null(vectors), pc.or_(pc.is_null(space), pc.is_null(k)))
    vectors = pc.if_else(missing, None, vectors)
    lengths = lengths_of(vectors)
    row = pa.array(np.repeat(np.arange(len(vectors)), lengths))
    found = top_k(vectors.flatten(), space.take(row), k.take(row), spaces=spaces)
    offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), found, mask=missing)
