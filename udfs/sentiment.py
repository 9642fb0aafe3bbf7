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
    filled = pc.fill_null(text, "")
    split = pc.utf8_split_whitespace(filled)
    tokens = split.values.dictionary_encode()
    rows, columns = _words(valences).look_up(tokens.dictionary.to_pylist())
    exclamations, questions = (np.asarray(pc.count_substring(filled, mark)) for mark in "!?")
    words = rows[np.asarray(tokens.indices)]
    scores = polarity(words, np.asarray(split.offsets), exclamations, questions, columns)
    return pa.StructArray.from_arrays(
        [pa.array(score) for score in scores], ["neg", "neu", "pos", "compound"], mask=text.is_null()
    )


_latest: list[Words] = []


def _words(valences: dict[str, float]) -> Words:
    """What is known about words under the lexicon used last, which the connections of a process share."""
    for words in _latest:
        if words.valences is valences or words.valences == valences:
            return words
    words = Words(valences)
    _latest[:] = [words]
    return words
