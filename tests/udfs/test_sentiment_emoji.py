"""`sentiment` where emoji are described is NLTK's VADER of what the vaderSentiment package reads them as."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duckmark.lexicons import emoji
from duckmark.udfs.sentiment import sentiment
from tests.udfs.vader import LEXICON, VALENCES, by_arrow, by_sql, database_of

EMOJI = dict(zip(*emoji().to_pydict().values(), strict=True))


def as_vader_sentiment_reads(text):
    """The loop over characters in vaderSentiment's polarity_scores."""
    written, after_space = "", True
    for character in text:
        if character in EMOJI:
            written += ("" if after_space else " ") + EMOJI[character]
            after_space = False
        else:
            written += character
            after_space = character == " "
    return written.strip()


@pytest.fixture(scope="module")
def with_emoji():
    with database_of(LEXICON) as con:
        con.register("emoji", emoji())
        con.execute("INSERT INTO duckmark.emoji FROM emoji")
        yield con


EMOJI_TEXTS = ["I love it 😍", "😡😡", "ok😭not good", "not 👍 good", "💔!!", "good", "", "no emoji: 好", "🎸🏽 x😀y"]


def test_emoji_count_where_they_are_described(nltk, with_emoji):
    expected = [nltk.polarity_scores(as_vader_sentiment_reads(text)) for text in EMOJI_TEXTS]
    texts = pa.array([*EMOJI_TEXTS, None])
    assert sentiment(texts, valences=VALENCES, emoji=EMOJI).to_pylist() == [*expected, None]
    assert by_sql(with_emoji, [*EMOJI_TEXTS, None]) == [*expected, None]
    assert expected[0]["compound"] > by_arrow(EMOJI_TEXTS[:1])[0]["compound"]


@settings(max_examples=40)
@given(st.lists(st.text(st.sampled_from("😍😡💔👍🏽🎸好é! \tnotgood "), max_size=20), max_size=10))
def test_any_text_with_emoji(nltk, with_emoji, texts):
    expected = [nltk.polarity_scores(as_vader_sentiment_reads(text)) for text in texts]
    assert sentiment(pa.array(texts, pa.string()), valences=VALENCES, emoji=EMOJI).to_pylist() == expected
    assert by_sql(with_emoji, texts) == expected
