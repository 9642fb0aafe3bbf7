import pyarrow as pa

from duckmark.functions import Lexicon, Vocabulary, function
from duckmark.udfs.tfidf_profile import tfidf_profile
from duckmark.udfs.tokenize import tokenize


@function(
    {"text": "VARCHAR"},
    returns="FLOAT[]",
    summary="Unit vector of a text under the file's word vectors; NULL where no word is known.",
    example="embed('a warm red scarf')",
    needs=("lexicon", "vocabulary"),
)
def embed(text: pa.Array, *, lexicon: Lexicon, vocabulary: Vocabulary) -> pa.Array:
    """The tf-idf profile of a text's tokens in the file's main language."""
    return tfidf_profile(tokenize(text, lexicon=lexicon), vocabulary=vocabulary)
