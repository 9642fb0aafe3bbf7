import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.arrow import offsets_of
from duckmark.functions import Lexicon, Vocabulary, function
from duckmark.udfs.tokenize import tokenize

DEFAULT = 10


@function(
    {"text": "VARCHAR"},
    {"text": "VARCHAR", "k": "BIGINT"},
    returns="STRUCT(term VARCHAR, weight DOUBLE)[]",
    summary="The k (10) terms that say most of a text, by tf x idf among those the file knows, best first.",
    example="keywords('a warm red scarf, and a red hat', 3)",
    needs=("lexicon", "vocabulary"),
)
def keywords(text: pa.Array, k: pa.Array | None = None, *, lexicon: Lexicon, vocabulary: Vocabulary) -> pa.Array:
    """The terms of each text with the highest tf x idf (Salton & Buckley 1988), equal ones by term.

    Empty where no term is known or ``k`` is not above 0; NULL where either is NULL.
    """
    k = pa.repeat(pa.scalar(DEFAULT, pa.int64()), len(text)) if k is None else k
    tokens = tokenize(text, lexicon=lexicon)
    texts, terms, weights = _weighed(tokens, vocabulary)
    order = np.lexsort((terms, -weights, texts))
    begins = np.searchsorted(texts[order], np.arange(len(text) + 1))
    counts = np.minimum(np.diff(begins), np.maximum(np.asarray(pc.fill_null(k, 0)), 0))
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
    chosen = order[np.arange(offsets[-1]) + np.repeat(begins[:-1] - offsets[:-1], counts)]
    found = pa.StructArray.from_arrays(
        [vocabulary.terms.take(pa.array(terms[chosen])), pa.array(weights[chosen])], ["term", "weight"]
    )
    missing = pc.or_(text.is_null(), k.is_null())
    return pa.ListArray.from_arrays(pa.array(offsets), found, mask=missing)


def _weighed(tokens: pa.Array, vocabulary: Vocabulary) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The known terms in each text, once each: text (m,), place in the vocabulary (m,) and tf x idf (m,)."""
    rows = np.asarray(pc.fill_null(pc.index_in(tokens.flatten(), value_set=vocabulary.terms), -1), np.int64)
    texts = np.repeat(np.arange(len(tokens)), np.diff(offsets_of(tokens)))[rows >= 0]
    width = max(len(vocabulary.terms), 1)
    pairs, counts = np.unique(texts * width + rows[rows >= 0], return_counts=True)
    texts, terms = np.divmod(pairs, width)
    return texts, terms, counts * vocabulary.idf[terms]
