"""Whether words in UTF-8 bytes are among a few that are known: flat arrays throughout."""

from __future__ import annotations

import itertools
from collections.abc import Collection

import numpy as np

from duckmark.kernels.tokens import each_eight, first_eight

SPARSE, ATTEMPTS = 4, 32  # a table is tried with 16 slots a word first, and with so many multipliers before a larger
_EIGHT = 8


class WordSet:
    """Words to be found among many, by their first eight bytes in a table in which no two share a slot.

    A shorter word has zeros behind it, so no word may hold a NUL. Longer ones are compared byte by byte.
    """

    def __init__(self, words: Collection[str]) -> None:
        self._words = frozenset(word.encode() for word in words)
        keys = np.unique(np.array([int.from_bytes(word[:_EIGHT], "little") for word in self._words], np.uint64))
        bits, draw = len(keys).bit_length() + SPARSE, np.random.default_rng(0)
        for attempt in itertools.count(1):
            self._shift = np.uint64(64 - bits)
            self._factor = draw.integers(1 << 63, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
            slots = self._slots(keys)
            if len(np.unique(slots)) == len(keys):
                break
            bits += attempt % ATTEMPTS == 0
        self._keys = np.zeros(1 << bits, np.uint64)
        self._keys[slots] = keys

    def found(self, text: np.ndarray, begins: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Which of the words at bytes begins[i] to ends[i] (exclusive) of ``text`` (bytes,) are among these: bool (w,).

        Each has a byte or more.
        """
        sizes = ends - begins
        keys = first_eight(each_eight(text), begins, sizes)
        found = self._keys.take(self._slots(keys)) == keys
        long = np.flatnonzero(found & (sizes >= _EIGHT))
        content = memoryview(text)
        found[long] = [
            bytes(content[begin:end]) in self._words
            for begin, end in zip(begins[long].tolist(), ends[long].tolist(), strict=True)
        ]
        return found

    def _slots(self, keys: np.ndarray) -> np.ndarray:
        return (keys * self._factor >> self._shift).view(np.int64)
