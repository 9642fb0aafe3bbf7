import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.arrow import offsets_of
from duckmark.functions import function
from duckmark.kernels.segments import segment_cosines


@function(
    {"a": "DOUBLE[]", "b": "DOUBLE[]"},
    returns="DOUBLE",
    summary="Cosine of two vectors; NULL where a vector is NULL, empty or all zero.",
    example="cosine_sim([.1, .2, .3, .4, .5, .6, .7, .8, .9], [.1, .4, .7, .2, .5, .8, .3, .6, .9])",
    native=True,
)
def cosine_sim(a: pa.Array, b: pa.Array) -> pa.Array:
    """Cosine of paired vectors. Raises ValueError where the two of a pair differ in length."""
    both = pc.and_(a.is_valid(), b.is_valid())
    a, b = (pc.if_else(both, side, pa.scalar(None, side.type)) for side in (a, b))
    offsets = offsets_of(a)
    if not np.array_equal(offsets, offsets_of(b)):
        raise ValueError("cosine_sim: the two vectors must have the same length")
    cosines = segment_cosines(np.asarray(a.flatten()), np.asarray(b.flatten()), offsets)
    return pa.array(cosines, mask=~np.isfinite(cosines))
