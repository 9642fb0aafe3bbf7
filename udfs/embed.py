import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.arrow import to_lists
from duckmark.functions import Lexicon, Vocabulary, WholeTexts, function
from duckmark.udfs.tfidf_profile import tfidf_profile
from duckmark.udfs.tokenize import tokenize


@function(
    {"text": "VARCHAR"},
    {"text": "VARCHAR", "terms": "VARCHAR[]"},
    returns="FLOAT[]",
    summary="Unit vector of a text under the file's word vectors or transformer; NULL where nothing is known of it.",
    example="embed('a warm red scarf')",
    needs=("lexicon", "vocabulary", "whole_texts"),
)
def embed(
    text: pa.Array,
    terms: pa.Array | None = None,
    *,
    lexicon: Lexicon,
    vocabulary: Vocabulary,
    whole_texts: WholeTexts | None = None,
) -> pa.Array:
    """The tf-idf profile of a text's tokens in the file's main language, or of its ``terms`` where they are known
    already; or a transformer's vector of the text.

    A transformer's vectors of the texts in the file are there; other texts are encoded, and NULL where it is missing.
    """
    if whole_texts is not None:
        return _of_whole_texts(text, whole_texts)
    if terms is None:
        return tfidf_profile(tokenize(text, lexicon=lexicon), vocabulary=vocabulary)
    return tfidf_profile(pc.if_else(text.is_valid(), terms, None), vocabulary=vocabulary)


def _of_whole_texts(text: pa.Array, known: WholeTexts) -> pa.Array:
    distinct = text.dictionary_encode()
    rows = np.asarray(pc.fill_null(pc.index_in(distinct.dictionary, value_set=known.texts), -1), np.int64)
    vectors = np.where((rows >= 0)[:, None], known.vectors[rows], 0).astype(np.float32)
    blank = np.asarray(pc.invert(pc.match_substring_regex(distinct.dictionary, r"\S")))
    new = np.flatnonzero((rows < 0) & ~blank)
    if known.encode is not None and len(new):
        vectors[new] = known.encode(distinct.dictionary.take(pa.array(new)).to_pylist())
    return to_lists(vectors).take(distinct.indices)
