import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duckmark.functions import Lexicon, Vocabulary
from duckmark.udfs.embed import embed

WORDS = Vocabulary(pa.array(["guitar", "red"]), np.array([2.0, 1.0]), np.array([[1, 0], [0, 1]], np.float32))
LEXICON = Lexicon({"main": "en"}, {"en": ["a", "the"]})


def vector(text: str | None) -> list[float] | None:
    return embed(pa.array([text], pa.string()), lexicon=LEXICON, vocabulary=WORDS).to_pylist()[0]


@pytest.mark.parametrize(
    ("text", "direction"),
    [("The red!", (0, 1)), ("A red guitar", (2, 1)), ("guitar GUITAR, red zither", (4, 1))],
)
def test_the_profile_of_the_words(text, direction):
    assert vector(text) == pytest.approx(np.array(direction) / np.hypot(*direction), abs=1e-6)


@pytest.mark.parametrize("text", [None, "", "the a", "zither", "🎸"])
def test_no_known_word_gives_null(text):
    assert vector(text) is None


@settings(max_examples=50)
@given(st.lists(st.sampled_from(["red", "guitar", "the", "zither"]), max_size=8))
def test_unit_length_whatever_the_order(words):
    found = vector(" ".join(words))
    assert found == vector(" ".join(sorted(words)))
    assert found is None or np.linalg.norm(found) == pytest.approx(1, abs=1e-6)


def test_in_sql_it_is_the_profile_of_the_tokens(con):
    both = con.sql("SELECT embed(t), tfidf_profile(tokenize(t)) FROM (VALUES ('A classical guitar'), ('')) AS v (t)")
    (one, other), nothing = both.fetchall()
    assert one is not None
    assert one == other
    assert nothing == (None, None)
