import numpy as np
import pyarrow as pa

from duckmark.arrow import paired
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
    """Cosine of paired vectors. Raises ValueError where the two of a pair differ in length or hold a NULL."""
    cosines = segment_cosines(*paired(a, b, "cosine_sim"))
    return pa.array(cosines, mask=~np.isfinite(cosines))
