import numpy as np
import pyarrow as pa

from duckmark.arrow import paired
from duckmark.functions import function
from duckmark.kernels.segments import segment_sums


@function(
    {"similarities": "DOUBLE[]", "ratings": "DOUBLE[]"},
    returns="DOUBLE",
    summary="Collaborative score: the dot product of neighbours' similarities and ratings.",
    example="cf_score([0.8], [4.5])",
    native=True,
)
def cf_score(similarities: pa.Array, ratings: pa.Array) -> pa.Array:
    """User-based collaborative filtering (Resnick et al. 1994), unnormalised; NULL without a neighbour.

    Raises ValueError where a list of ratings is not as long as its list of similarities, or either holds a NULL.
    """
    similarities, ratings, offsets = paired(similarities, ratings, "cf_score")
    return pa.array(segment_sums(similarities * ratings, offsets), mask=np.diff(offsets) == 0)
