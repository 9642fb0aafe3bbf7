from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.arrow import in_threads, offsets_of, to_lists
from duckmark.functions import Vocabulary, function
from duckmark.kernels.profiles import profiles


@function(
    {"terms": "VARCHAR[]"},
    {"terms": "VARCHAR[]", "weights": "DOUBLE[]"},
    returns="FLOAT[]",
    summary="Unit vector of a list of terms: the sum of tf x idf x word vector.",
    example="tfidf_profile(['guitar', 'strings', 'guitar'])",
    needs=("vocabulary",),
)
def tfidf_profile(terms: pa.Array, weights: pa.Array | None = None, *, vocabulary: Vocabulary) -> pa.Array:
    """Combine word vectors by tf-idf (Salton & Buckley 1988).

    A term counts as often as it is listed, or by its own weight. NULL where no term is known or either list
    is NULL.
    Raises ValueError where a list of weights is not as long as its list of terms.
    """
    if weights is None:
        return in_threads(partial(_profiles, vocabulary=vocabulary), terms)
    both = pc.and_(terms.is_valid(), weights.is_valid())
    terms, weights = (pc.if_else(both, side, pa.scalar(None, side.type)) for side in (terms, weights))
    return _profiles(terms, weights, vocabulary=vocabulary)


def _profiles(terms: pa.Array, weights: pa.Array | None = None, *, vocabulary: Vocabulary) -> pa.Array:
    flat, offsets = terms.flatten(), offsets_of(terms)
    rows = np.asarray(pc.fill_null(pc.index_in(flat, value_set=vocabulary.terms), -1))
    weighed = np.take(vocabulary.idf, rows, mode="clip") if len(vocabulary.idf) else np.zeros(len(rows))
    if weights is not None:
        weighed *= _flat_weights(weights, offsets)
    return to_lists(profiles(rows, weighed, offsets, vocabulary.vectors))


def _flat_weights(weights: pa.Array, offsets: np.ndarray) -> np.ndarray:
    if not np.array_equal(offsets_of(weights), offsets):
        raise ValueError("tfidf_profile: every list of weights must be as long as its list of terms")
    return np.asarray(pc.fill_null(weights.flatten(), 0.0))
