import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.functions import function
from duckmark.kernels.vader import polarity
from duckmark.kernels.vader_words import Words


@function(
    {"text": "VARCHAR"},
    returns="STRUCT(neg DOUBLE, neu DOUBLE, pos DOUBLE, compound DOUBLE)",
    summary="VADER sentiment: shares of negative, neutral and positive words, and a score from -1 to 1.",
    example="sentiment('I love this product! It''s amazing!')",
    needs=("valences",),
)
def sentiment(text: pa.Array, *, valences: dict[str, float]) -> pa.Array:
    """Score texts as NLTK's ``SentimentIntensityAnalyzer`` does (Hutto & Gilbert 2014).

    ``valences`` maps the lexicon's lower-case words to -4 (most negative) to 4; NULL gives NULL.
    """
    words = _words(valences)
    filled = pc.fill_null(text, "")
    split = pc.utf8_split_whitespace(filled)
    tokens = split.values.dictionary_encode()
    rows = words.rows(tokens.dictionary.to_pylist())[np.asarray(tokens.indices)]
    exclamations, questions = (np.asarray(pc.count_substring(filled, mark)) for mark in "!?")
    scores = polarity(rows, np.asarray(split.offsets), exclamations, questions, words.columns)
    return pa.StructArray.from_arrays(
        [pa.array(score) for score in scores], ["neg", "neu", "pos", "compound"], mask=text.is_null()
    )


_latest: list[Words] = []


def _words(valences: dict[str, float]) -> Words:
    """What was learnt about words under the lexicon used last: the connections of a process mostly share it."""
    for words in _latest:
        if words.valences is valences or words.valences == valences:
            return words
    words = Words(valences)
    _latest[:] = [words]
    return words
