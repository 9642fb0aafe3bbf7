import pyarrow as pa

from duckmark.functions import Vocabulary, function
from duckmark.udfs.tfidf_profile import tfidf_profile
from duckmark.udfs.tokenize import tokenize


@function(
    {"text": "VARCHAR"},
    returns="FLOAT[]",
    summary="Unit vector of a text under the file's word vectors; NULL where no word is known.",
    example="embed('a warm red scarf')",
    needs=("stop_words", "vocabulary"),
)
def embed(text: pa.Array, *, stop_words: dict[str, pa.Array], vocabulary: Vocabulary) -> pa.Array:
    """The tf-idf profile of a text's tokens."""
    return tfidf_profile(tokenize(text, stop_words=stop_words), vocabulary=vocabulary)
