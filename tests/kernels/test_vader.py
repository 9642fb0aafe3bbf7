import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duckmark.kernels.tokens import whitespace_spans
from duckmark.kernels.vader import polarity
from duckmark.kernels.vader_rounding import round_half_even
from duckmark.kernels.vader_words import Columns, Words, stripped

VALENCES = {"good": 1.9, "bad": -2.5, ":)": 2.0, "=(": -1.4}


def score(*texts: str) -> list[tuple[float, ...]]:
    """(neg, neu, pos, compound) of each text under the three words above."""
    rows, offsets, columns = looked_up(Words(VALENCES), *texts)
    exclamations, questions = (np.array([text.count(mark) for text in texts]) for mark in "!?")
    return list(zip(*polarity(rows, offsets, exclamations, questions, columns).tolist(), strict=True))


def looked_up(words: Words, *texts: str) -> tuple[np.ndarray, np.ndarray, Columns]:
    """Rows of the tokens of each text, where each text begins, and the columns."""
    written = [text.encode() for text in texts]
    data, ends = np.frombuffer(b"".join(written), np.uint8), np.cumsum([0, *map(len, written)])
    begins, stops, offsets = whitespace_spans(data, ends)
    rows, columns = words.look_up(data, begins, stops)
    return rows, offsets, columns


def compound(valence: float) -> float:
    return round(valence / math.sqrt(valence**2 + 15), 4)


def test_scores_by_hand():
    # "the" and "day" count as one word each, "good" as one and its valence.
    assert score("the good day") == [(0.0, round(2 / 4.9, 3), round(2.9 / 4.9, 3), compound(1.9))]


@pytest.mark.parametrize(
    ("text", "valence"),
    [
        ("very good day", 1.9 + 0.293),
        ("very nice good day", 1.9 + 0.293 * 0.95),
        ("very nice new good day", 1.9 + 0.293 * 0.9),
        ("not good day", 1.9 * -0.74),
        ("slightly bad day", -2.5 + 0.293),
        ("good day but bad food", 1.9 * 0.5 - 2.5 * 1.5),
        ("GOOD day", 1.9 + 0.733),
        ("good day!!", 1.9 + 2 * 0.292),
        ("good day???", 1.9 + 3 * 0.18),
    ],
)
def test_compound_by_hand(text, valence):
    assert score(text)[0][3] == compound(valence)


def test_texts_do_not_see_each_other():
    texts = ["this was very", "good", "not", "bad BAD but", "", "good good :)"]
    assert score(*texts) == [score(text)[0] for text in texts]


def test_a_chunk_without_any_scored_word():
    assert score("plain words!!", "") == [(0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0)]


def test_no_texts():
    assert score() == []


@pytest.mark.parametrize(
    ("token", "word"),
    [
        ("good!", "good"),
        ("good!!!", "good"),
        ("?!?good", "good"),
        ("good!?!?", "good"),
        ("good!!!!", "good!!!!"),
        ("good..", "good.."),
        ('"good"', '"good"'),
        ("good)", "good)"),
        ("o'clock,", "o'clock,"),
        ("a!", "a!"),
        (":D", ":D"),
        (":)", ":)"),
        ("été,", "été"),
    ],
)
def test_punctuation_is_taken_from_one_end_of_a_plain_word(token, word):
    assert stripped(token) == word


TOKENS = st.one_of(
    st.sampled_from(
        ["good", "GOOD", "NOT", "isn't", "CAN'T", "very", "never", "=(", "mid-UP", "of", "4A", "x" * 15, "é"]
    ),
    st.text("abGo0.,!?'é(/\0", min_size=2, max_size=17),
)
BEFORE, AFTER = st.sampled_from(["", "(", '"', "'", "!"]), st.sampled_from(["", ".", "!", "?!", "!!!!", "'", ")"])


@settings(max_examples=200)
@given(st.lists(st.tuples(BEFORE, TOKENS, AFTER), max_size=20))
def test_a_row_read_off_bytes_is_that_of_the_word(written):
    words = Words(VALENCES)
    tokens = [token for token in map("".join, written) if len(token.encode()) > 1]
    rows, _, _ = looked_up(words, " ".join(tokens))
    assert rows.tolist() == words.rows_of(tokens)


def test_words_grow_past_their_first_columns():
    words = Words({f"word{number}": float(number) for number in range(10_000)})
    rows, _, columns = looked_up(words, " ".join(words.valences))
    assert columns.valence[rows].tolist() == list(words.valences.values())


HALVES = st.builds(lambda k, digits: (k + 0.5) / 10**digits, st.integers(-1000, 999), st.integers(3, 5))
NEAR_HALVES = st.builds(math.nextafter, HALVES, st.sampled_from([-1.0, 1.0]))


@settings(max_examples=300)
@given(st.lists(st.floats(-1, 1) | HALVES | NEAR_HALVES | st.integers(-4096, 4096).map(lambda k: k / 4096)))
def test_rounding_is_that_of_python(values):
    for digits in (3, 4):
        rounded = round_half_even(np.array(values, np.float64), digits)
        assert list(map(repr, rounded.tolist())) == [repr(round(value, digits)) for value in values]
