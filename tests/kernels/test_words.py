"""Words in UTF-8 bytes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duckmark.kernels.words import APOSTROPHE, HAN, LETTER, OTHER, byte_classes, code_points, han_words, word_spans

CLASSES = np.full(0x110000, OTHER, np.uint8)
for character in "abé²𝐀":
    CLASSES[ord(character)] = LETTER
CLASSES[ord("'")], CLASSES[ord("好")] = APOSTROPHE, HAN


def words(*texts: str) -> list[str]:
    data = np.frombuffer("".join(texts).encode(), np.uint8)
    offsets = np.cumsum([0, *(len(text.encode()) for text in texts)])
    classes = byte_classes(data, CLASSES, *code_points(data))
    return [data[i:j].tobytes().decode() for i, j in zip(*word_spans(classes, offsets), strict=True)]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["ab é!²"], ["ab", "é", "²"]),
        (["a'b a''b 'a'"], ["a'b", "a", "b", "a"]),
        (["a'", "b"], ["a", "b"]),
        (["a", "'b"], ["a", "b"]),
        (["", "a", "", "b", ""], ["a", "b"]),
        (["a好好b", "好'a"], ["a", "好好", "b", "好", "a"]),
        (["𝐀é🎸𝐀"], ["𝐀é", "𝐀"]),
        ([""], []),
    ],
)
def test_known_words(texts, expected):
    assert words(*texts) == expected


@settings(max_examples=100)
@given(st.text())
def test_code_points_are_those_of_python(text):
    starts, points = code_points(np.frombuffer(text.encode(), np.uint8))
    assert points.tolist() == [ord(character) for character in text if ord(character) >= 0x80]
    assert len(starts) == len(points)


def test_han_words_do_not_cross_runs():
    first, last = han_words("天地\n人天\n", {"地人", "人天"})
    assert list(zip(first.tolist(), last.tolist(), strict=True)) == [(0, 1), (1, 2), (3, 5)]
