"""Tokens between whitespace, and their numbers, beside Python's own."""

import itertools
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from duckmark.kernels.tokens import SPACES, TokenNumbers, whitespace_spans

LETTERS = st.text(st.sampled_from("ab \u00a0\u2003\u3000é好😀\x00\x1f\t"), max_size=12)
TEXTS = st.lists(st.one_of(LETTERS, st.text(max_size=20)), max_size=8)


def spans(texts: list[str]) -> tuple[np.ndarray, ...]:
    """The bytes of all texts, and what `whitespace_spans` finds in them."""
    written = [text.encode() for text in texts]
    data = np.frombuffer(b"".join(written), np.uint8)
    return data, *whitespace_spans(data, np.cumsum([0, *map(len, written)]))


def test_the_spaces_are_those_of_python():
    assert SPACES.tolist() == [point for point in range(sys.maxunicode + 1) if chr(point).isspace()]


@settings(max_examples=300)
@given(TEXTS)
def test_tokens_are_those_of_split(texts):
    data, begins, ends, offsets = spans(texts)
    found = [data[b:e].tobytes().decode() for b, e in zip(begins, ends, strict=True)]
    expected = [[token for token in text.split() if len(token.encode()) > 1] for text in texts]
    assert [found[a:b] for a, b in itertools.pairwise(offsets)] == expected


WORDS = st.lists(st.one_of(st.text("ab\x00é", min_size=1, max_size=20), st.text(min_size=1, max_size=20)), max_size=30)


def number(token: str) -> int:
    return zlib.crc32(token.encode()) % 1_000


def numbers_of(tokens: list[str]) -> list[int]:
    return list(map(number, tokens))


@settings(max_examples=200)
@given(st.lists(WORDS, max_size=4))
def test_every_token_has_the_number_of_its_text(batches):
    """Under few slots, so that tokens are often refused one."""
    with_few_slots, numbers = TokenNumbers(numbers_of, slot_bits=3), TokenNumbers(numbers_of)
    for words in batches:
        data, begins, ends, _ = spans([" ".join(words)])
        expected = [number(data[b:e].tobytes().decode()) for b, e in zip(begins, ends, strict=True)]
        assert numbers.look_up(numbers.keyed(data, begins, ends)).tolist() == expected
        assert with_few_slots.look_up(with_few_slots.keyed(data, begins, ends)).tolist() == expected


def test_a_token_is_asked_for_once():
    asked = []
    numbers = TokenNumbers(lambda tokens: asked.extend(tokens) or list(map(len, tokens)))
    for _ in range(2):
        data, begins, ends, _ = spans(["one three one", "three fifteen-letters"])
        assert numbers.look_up(numbers.keyed(data, begins, ends)).tolist() == [3, 5, 3, 5, 15]
    assert sorted(asked) == ["fifteen-letters", "one", "three"]


def test_threads_look_up_at_once():
    asked = []
    numbers = TokenNumbers(lambda tokens: asked.extend(tokens) or numbers_of(tokens))
    words = [f"word{place}" for place in range(5_000)]
    data, begins, ends, _ = spans([" ".join(words)])

    def look_up(first: int) -> list[int]:
        return numbers.look_up(numbers.keyed(data, begins[first:], ends[first:])).tolist()

    with ThreadPoolExecutor(4) as threads:
        for first, found in enumerate(threads.map(look_up, range(40))):
            assert found == numbers_of(words[first:])
    assert len(asked) < 2 * len(words)  # those that share a slot are asked for again
