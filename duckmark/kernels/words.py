"""Words in UTF-8 text, and Chinese words in runs of Han characters: flat arrays throughout."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

# What a character is to a word. An apostrophe belongs to it between two letters.
OTHER, LETTER, APOSTROPHE, HAN = range(4)
LONGEST_WORD = 5  # Han characters


def code_points(text: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the characters outside ASCII begin in UTF-8 bytes, and their code points."""
    starts = np.flatnonzero(text >= 0xC0)
    lead = text[starts].astype(np.int32)
    after = [text[np.minimum(starts + k, len(text) - 1)].astype(np.int32) & 0x3F for k in (1, 2, 3)]
    two = (lead & 0x1F) << 6 | after[0]
    three = (lead & 0x0F) << 12 | after[0] << 6 | after[1]
    four = (lead & 0x07) << 18 | after[0] << 12 | after[1] << 6 | after[2]
    return starts, np.where(lead < 0xE0, two, np.where(lead < 0xF0, three, four))


def byte_classes(text: np.ndarray, classes: np.ndarray, starts: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The class of the character each byte belongs to; ``classes`` (0x110000,) are those of the code points."""
    # bytes are translated several times as fast as a table is taken from by them
    found = np.frombuffer(bytearray(text).translate(classes[:256].tobytes()), np.uint8)
    for k in range(4):  # a character of n bytes begins at its lead byte
        part = points >= (0, 0, 0x800, 0x10000)[k]
        found[starts[part] + k] = classes[points[part]]
    return found


def word_spans(classes: np.ndarray, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the words of texts that stand one behind the other begin and end (exclusive): each (w,).

    ``classes``: (bytes,), overwritten; ``offsets``: (n + 1,) first byte of each text, from 0. A word is a run of
    letters with single apostrophes between them, or a run of Han characters.
    """
    edge = np.zeros(len(classes) + 1, bool)
    edge[0] = edge[-1] = edge[offsets] = True
    marks = np.flatnonzero(classes == APOSTROPHE)
    before, after = (classes.take(marks + step, mode="clip") == LETTER for step in (-1, 1))
    classes[marks] = np.where(before & after & ~edge[marks] & ~edge[marks + 1], LETTER, OTHER)
    edge[1:-1] |= classes[1:] != classes[:-1]
    is_word = classes != OTHER
    return np.flatnonzero(edge[:-1] & is_word), np.flatnonzero(edge[1:] & is_word) + 1


def han_words(runs: str, words: Collection[str]) -> tuple[np.ndarray, np.ndarray]:
    """Where the words of Han runs begin and end (exclusive) in ``runs``, which a newline follows each.

    From each character the longest of ``words`` that begins there (the character alone where none does), less
    those that lie within another: so where two words overlap, both are found, and no order of reading is preferred.
    """
    n = len(runs)
    ends = np.arange(1, n + 1)
    for length in range(2, LONGEST_WORD + 1):
        known = np.fromiter((runs[i : i + length] in words for i in range(n)), bool, n)
        ends[known] = np.flatnonzero(known) + length
    reached = np.zeros(n, ends.dtype)
    reached[1:] = np.maximum.accumulate(ends)[:-1]
    starts = np.flatnonzero((ends > reached) & (np.array(list(runs), dtype="<U1") != "\n"))
    return starts, ends[starts]
