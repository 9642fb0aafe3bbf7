import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.arrow import to_matrix
from duckmark.functions import VectorSpace, function
from duckmark.kernels.nearest import top_k as nearest
from duckmark.kernels.profiles import unit_rows

NEIGHBOURS = pa.list_(pa.struct([("id", pa.string()), ("score", pa.float64())]))


@function(
    {"vector": "FLOAT[]", "space": "VARCHAR", "k": "BIGINT"},
    returns="STRUCT(id VARCHAR, score DOUBLE)[]",
    summary="The k members of a vector space ('products', 'users', 'words') nearest by cosine, best first.",
    example="top_k(embed('red'), 'words', 3)",
    needs=("spaces",),
)
def top_k(vector: pa.Array, space: pa.Array, k: pa.Array, *, spaces: dict[str, VectorSpace]) -> pa.Array:
    """Exact nearest neighbours by cosine, equal scores by id. NULL for a NULL vector or an empty space."""
    parts, place, found = [pa.nulls(1, NEIGHBOURS)], np.zeros(len(vector), np.int64), 1
    for name, size in _distinct(space, k):
        members = spaces.get(name)
        if members is None or size <= 0 or not len(members.ids):
            continue
        asked = pc.and_(vector.is_valid(), pc.and_(pc.equal(space, name), pc.equal(k, size)))
        asked = np.asarray(pc.fill_null(asked, False))
        if asked.all():
            return _answers(vector, members, size)
        rows = np.flatnonzero(asked)
        parts.append(_answers(vector.take(pa.array(rows)), members, size))
        place[rows] = found + np.arange(len(rows))
        found += len(rows)
    # Arrow cannot replace lists under a mask, so the answers are laid end to end behind one NULL and taken.
    return pa.concat_arrays(parts).take(pa.array(place))


def _distinct(space: pa.Array, k: pa.Array) -> list[tuple[str, int]]:
    if len(k) and all(pc.all(pc.equal(column, column[0])).as_py() for column in (space, k)):  # as good as always
        return [(space[0].as_py(), k[0].as_py())]
    pairs = pa.table({"space": space, "k": k}).drop_null()
    groups = pairs.group_by(["space", "k"]).aggregate([])
    return list(zip(groups["space"].to_pylist(), groups["k"].to_pylist(), strict=True))


def _answers(vectors: pa.Array, members: VectorSpace, k: int) -> pa.Array:
    queries = unit_rows(to_matrix(vectors, members.items.vectors.shape[1]))
    rows, scores = nearest(queries, members.items, k)
    offsets = np.arange(len(rows) + 1, dtype=np.int32) * rows.shape[1]
    ids = members.ids.take(pa.array(rows.ravel()))
    neighbours = pa.StructArray.from_arrays([ids, pa.array(scores.ravel())], ["id", "score"])
    return pa.ListArray.from_arrays(pa.array(offsets), neighbours)
