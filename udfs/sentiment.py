from collections.abc import Mapping

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
    needs=("valences", "emoji"),
)
def sentiment(text: pa.Array, *, valences: dict[str, float], emoji: Mapping[str, str] | None = None) -> pa.Array:
    """Score texts as NLTK's ``SentimentIntensityAnalyzer`` does (Hutto & Gilbert 2014).

    ``valences`` maps the lexicon's lower-case words to -4 (most negative) to 4; NULL gives NULL. Each of ``emoji`` is
    read as its description, as the ``vaderSentiment`` package reads it.
    """
    filled = described(pc.fill_null(text, ""), emoji or {})
    split = _split(filled)
    tokens = split.flatten().dictionary_encode()
    rows, columns = _words(valences).look_up(tokens.dictionary.to_pylist())
    words = rows[np.asarray(tokens.indices)]
    exclamations, questions = (np.asarray(pc.count_substring(filled, mark)) for mark in "!?")
    scores = polarity(words, np.asarray(split.offsets), exclamations, questions, columns)
    return pa.StructArray.from_arrays(
        [pa.array(score) for score in scores], ["neg", "neu", "pos", "compound"], mask=text.is_null()
    )


def described(text: pa.Array, emoji: Mapping[str, str]) -> pa.Array:
    """The texts with each emoji replaced by a space and its description."""
    if not emoji:
        return text
    used = set("".join(text.filter(pc.invert(pc.string_is_ascii(text))).to_pylist())) & emoji.keys()
    for character in sorted(used):
        text = pc.replace_substring(text, character, f" {emoji[character]}")
    return text


def _split(text: pa.Array) -> pa.ListArray:
    """Tokens between whitespace, by the same characters as Python's ``str.split``.

    Where a text ends in whitespace Arrow 26 looks at the byte after it, and does not split there if that byte
    begins no character: so another text is put behind the last.
    """
    followed = pa.concat_arrays([text, pa.array(["."], text.type)])
    return pc.utf8_split_whitespace(followed).slice(0, len(text))


_latest: list[Words] = []


def _words(valences: dict[str, float]) -> Words:
    """What is known about words under the lexicon used last, which the connections of a process share."""
    for words in _latest:
        if words.valences is valences or words.valences == valences:
            return words
    words = Words(valences)
    _latest[:] = [words]
    return words
