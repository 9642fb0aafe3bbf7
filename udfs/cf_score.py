import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.arrow import offsets_of
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

    Raises ValueError where a list of ratings is not as long as its list of similarities.
    """
    both = pc.and_(similarities.is_valid(), ratings.is_valid())
    similarities, ratings = (pc.if_else(both, side, pa.scalar(None, side.type)) for side in (similarities, ratings))
    offsets = offsets_of(similarities)
    if not np.array_equal(offsets, offsets_of(ratings)):
        raise ValueError("cf_score: every list of ratings must be as long as its list of similarities")
    sums = segment_sums(np.asarray(similarities.flatten()) * np.asarray(ratings.flatten()), offsets)
    return pa.array(sums, mask=np.diff(offsets) == 0)
