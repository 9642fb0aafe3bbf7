from collections.abc import Mapping
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.arrow import in_threads, utf8_of
from duckmark.functions import function
from duckmark.kernels.tokens import whitespace_spans
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
    return in_threads(partial(_scored, words=words_of(valences), emoji=emoji or {}), text)


def _scored(text: pa.Array, words: Words, emoji: Mapping[str, str]) -> pa.Array:
    data, ends = utf8_of(described(pc.fill_null(text, ""), emoji))
    begins, stops, offsets = whitespace_spans(data, ends)
    rows, columns = words.look_up(data, begins, stops)
    exclamations, questions = (_occurrences(data, ends, mark) for mark in b"!?")
    scores = polarity(rows, offsets, exclamations, questions, columns)
    return pa.StructArray.from_arrays(
        [pa.array(score) for score in scores], ["neg", "neu", "pos", "compound"], mask=text.is_null()
    )


def _occurrences(data: np.ndarray, ends: np.ndarray, byte: int) -> np.ndarray:
    """How often each text (n,) has a byte."""
    return np.diff(np.searchsorted(np.flatnonzero(data == byte), ends))


def described(text: pa.Array, emoji: Mapping[str, str]) -> pa.Array:
    """The texts with each emoji replaced by a space and its description."""
    if not emoji:
        return text
    used = set("".join(text.filter(pc.invert(pc.string_is_ascii(text))).to_pylist())) & emoji.keys()
    for character in sorted(used):
        text = pc.replace_substring(text, character, f" {emoji[character]}")
    return text


_latest: list[Words] = []


def words_of(valences: dict[str, float]) -> Words:
    """What is known about words under the lexicon used last, which the connections of a process share."""
    for words in _latest:
        if (words.valences is valences or words.valences == valences) and not words.is_full:
            return words
    words = Words(valences)
    _latest[:] = [words]
    return words
