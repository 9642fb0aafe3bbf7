from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from duckmark.arrow import to_matrix
from duckmark.functions import VectorSpace, function
from duckmark.kernels.nearest import top_k as nearest

NEIGHBOURS = pa.list_(pa.struct([("id", pa.string()), ("score", pa.float64())]))


@function(
    {"vector": "FLOAT[]", "space": "VARCHAR", "k": "BIGINT"},
    returns="STRUCT(id VARCHAR, score DOUBLE)[]",
    summary="The k members of a vector space ('products', 'users', 'words') nearest by cosine, best first.",
    example="top_k(embed('red'), 'words', 3)",
    needs=("spaces",),
)
def top_k(vector: pa.Array, space: pa.Array, k: pa.Array, *, spaces: Callable[[str], VectorSpace | None]) -> pa.Array:
    """Exact nearest neighbours by cosine, equal scores by id. NULL for a NULL vector or an empty space."""
    parts, place, found = [pa.nulls(1, NEIGHBOURS)], np.zeros(len(vector), np.int64), 1
    for name, size, rows in _asked(vector, space, k):
        members = spaces(name)
        if members is None or size <= 0 or not len(members.ids):
            continue
        if rows is None:
            return _answers(vector, members, size)
        parts.append(_answers(vector.take(pa.array(rows)), members, size))
        place[rows] = found + np.arange(len(rows))
        found += len(rows)
    # Arrow cannot replace lists under a mask, so the answers are laid end to end behind one NULL and taken.
    return pa.concat_arrays(parts).take(pa.array(place))


def _asked(vector: pa.Array, space: pa.Array, k: pa.Array) -> Iterator[tuple[str, int, np.ndarray | None]]:
    """Each space and k that occur, and the rows that ask for them; None for all."""
    if vector.null_count == 0 and _is_constant(space) and _is_constant(k):  # as good as always
        yield space[0].as_py(), k[0].as_py(), None
        return
    asked = pa.table({"row": np.arange(len(vector)), "space": space, "k": k}).filter(vector.is_valid()).drop_null()
    for group in asked.group_by(["space", "k"]).aggregate([("row", "list")]).to_pylist():
        yield group["space"], group["k"], np.array(group["row_list"])


def _is_constant(column: pa.Array) -> bool:
    return len(column) > 0 and column[0].is_valid and column.equals(pa.repeat(column[0], len(column)))


def _answers(vectors: pa.Array, members: VectorSpace, k: int) -> pa.Array:
    rows, scores = nearest(to_matrix(vectors, members.items.vectors.shape[1]), members.items, k, cosine=True)
    offsets = np.arange(len(rows) + 1, dtype=np.int32) * rows.shape[1]
    ids = members.ids.take(pa.array(rows.ravel()))
    neighbours = pa.StructArray.from_arrays([ids, pa.array(scores.ravel())], ["id", "score"])
    return pa.ListArray.from_arrays(pa.array(offsets), neighbours)
