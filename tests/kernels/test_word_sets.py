"""Words found among many, beside Python's own sets."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from duckmark.kernels.word_sets import WordSet

# Of up to 20 bytes, many of which begin with the same eight.
WORDS = st.lists(st.text("abé", min_size=1, max_size=3) | st.text("aé", min_size=7, max_size=10), max_size=30)


@given(WORDS, WORDS)
def test_those_are_found_that_are_in_a_set(known, asked):
    written = [word.encode() for word in asked]
    ends = np.cumsum([0, *map(len, written)])
    found = WordSet(known).found(np.frombuffer(b"".join(written), np.uint8), ends[:-1], ends[1:])
    assert found.tolist() == [word in set(known) for word in asked]


def test_no_two_of_many_words_share_a_slot():
    words = [str(number) for number in range(3_000)]
    text = np.frombuffer("".join(words).encode(), np.uint8)
    ends = np.cumsum([0, *map(len, words)])
    assert WordSet(words).found(text, ends[:-1], ends[1:]).all()
