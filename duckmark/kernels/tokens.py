"""Tokens between whitespace in UTF-8 text, and numbers for them: flat arrays throughout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import NamedTuple

import numpy as np

from duckmark.kernels.words import code_points

# What Python's str.split cuts at (str.isspace).
SPACES = np.array(
    [*range(0x09, 0x0E), *range(0x1C, 0x21), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F,
     0x3000]
)  # fmt: skip

LONGEST = 15  # bytes of a token whose number is kept in an array
FIRST = 1 << 13  # tokens that are learnt together at first
# Fibonacci hashing (Knuth 1973, 6.4): odd numbers near 2 ** 64 / golden ratio, and of splitmix64.
_MIXED_BY = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9], np.uint64)
# The bytes of a word of eight (little-endian) that belong to a token with so many bytes in it.
_MASKS = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)
_EIGHT = 8


def whitespace_spans(text: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where tokens of two bytes or more begin and end (exclusive), and where those of each text begin (n + 1,).

    ``text``: uint8 (bytes,), texts one behind the other; ``ends``: (n + 1,) first byte of each text, from 0. A token is
    what stands between whitespace, as in ``str.split``.
    """
    # One more cell than bytes, so that a token may end with the text.
    space = np.ones(len(text) + 1, bool)
    # Differences of uint8 wrap round: a table lookup would take ten times as long.
    space[:-1] = (text == 0x20) | (text - np.uint8(0x09) < 5) | (text - np.uint8(0x1C) < 4)
    if len(text) and text.max() >= 0x80:
        _mark_wide_spaces(space, *code_points(text))
    begins, stops = np.empty_like(space), np.empty_like(space)
    begins[0], stops[0] = not space[0], False
    np.greater(space[:-1], space[1:], out=begins[1:])
    np.less(space[:-1], space[1:], out=stops[1:])
    borders = ends[(ends > 0) & (ends < len(text))]
    begins[borders], stops[borders] = ~space[borders], ~space[borders - 1]
    begins, stops = np.flatnonzero(begins), np.flatnonzero(stops)
    long = stops - begins > 1
    begins, stops = begins[long], stops[long]
    return begins, stops, np.searchsorted(begins, ends)


def _mark_wide_spaces(space: np.ndarray, starts: np.ndarray, points: np.ndarray) -> None:
    wide = np.isin(points, SPACES)
    starts, points = starts[wide], points[wide]
    for byte, least in enumerate((0x80, 0x80, 0x800)):  # a character from 0x80 has two bytes, from 0x800 three
        space[starts[points >= least] + byte] = True


class Tokens(NamedTuple):
    """Tokens of ``text`` (bytes,), each at bytes begins[i] to ends[i]: two keys that tell it from others, its slot."""

    text: np.ndarray
    begins: np.ndarray
    ends: np.ndarray
    first: np.ndarray
    second: np.ndarray
    slots: np.ndarray

    def some(self, chosen: np.ndarray) -> Tokens:
        """The ``chosen``: places or a mask."""
        return Tokens(self.text, *(column[chosen] for column in self[1:]))


class TokenNumbers:
    """Numbers of tokens by a function of their text, each remembered in one of 2 ** ``slot_bits`` slots.

    A token of more than 15 bytes, or whose slot another has, is asked for again. No token may hold a newline. Several
    threads may look up at once; they wait for each other where tokens are asked for. ``from_keys`` may tell the numbers
    of many `Tokens` at once, with -1 of those that are to be asked for.
    """

    def __init__(
        self,
        numbers_of: Callable[[Sequence[str]], Sequence[int]],
        slot_bits: int = 18,
        from_keys: Callable[[Tokens], np.ndarray] | None = None,
    ) -> None:
        self._numbers_of = numbers_of
        self._from_keys = from_keys
        self._shift = np.uint64(64 - slot_bits)
        self._keys = np.zeros((2, 1 << slot_bits), np.uint64)
        self._numbers = np.zeros(1 << slot_bits, np.int32)
        self._lock = Lock()

    @property
    def size(self) -> int:
        """How many slots there are."""
        return len(self._numbers)

    def keyed(self, text: np.ndarray, begins: np.ndarray, ends: np.ndarray) -> Tokens:
        """The tokens at bytes begins[i] to ends[i] (exclusive) of ``text`` (bytes,), ready to be looked up."""
        first, second = keys_of(text, begins, ends)
        return Tokens(text, begins, ends, first, second, self.slots(first, second))

    def look_up(self, tokens: Tokens) -> np.ndarray:
        """The number, int32 (t,), of each of the ``tokens`` that these numbers have `keyed`."""
        numbers, missed = self._remembered(tokens)
        if len(missed):
            with self._lock:
                numbers[missed] = self._learnt(tokens.some(missed))
        return numbers

    def _learnt(self, tokens: Tokens) -> np.ndarray:
        """The numbers of tokens that had no slot, some of which others may have asked for since.

        More and more at a time: the first hold most of the frequent ones, which need be learnt but once.
        """
        numbers, start = np.empty(len(tokens.slots), np.int32), 0
        while start < len(numbers):
            part = slice(start, max(FIRST, 2 * start))
            some = tokens.some(part)
            numbers[part], missed = self._remembered(some)
            if len(missed):
                numbers[start + missed] = self._learn(some.some(missed))
            start = part.stop
        return numbers

    def _remembered(self, tokens: Tokens) -> tuple[np.ndarray, np.ndarray]:
        """The numbers of tokens, and the places of those that have no slot and so no number."""
        known = self._keys[0].take(tokens.slots) == tokens.first
        known &= self._keys[1].take(tokens.slots) == tokens.second
        return self._numbers.take(tokens.slots), np.flatnonzero(~known)

    def _learn(self, tokens: Tokens) -> np.ndarray:
        """The numbers of tokens with no slot: many of them the same few, so that the first of each is asked for."""
        first, second, slots = tokens.first, tokens.second, tokens.slots
        short = np.flatnonzero(tokens.ends - tokens.begins <= LONGEST)
        leader = np.empty(len(self._numbers), np.intp)
        leader[slots[short[::-1]]] = short[::-1]  # the last to be written is the first to come
        leader = leader.take(slots[short])
        led = (first[leader] == first[short]) & (second[leader] == second[short])
        numbers = np.empty(len(slots), np.int32)
        asked = np.ones(len(slots), bool)
        asked[short[led & (leader != short)]] = False
        numbers[asked] = self._ask(tokens.some(asked))
        numbers[short[led]] = numbers[leader[led]]
        # The first comers keep their slots: frequent words come early, and others are asked for again.
        leader = short[leader == short]
        leader = leader[self._keys[1].take(slots[leader]) == 0]
        # Numbers before keys: who finds both keys finds the number.
        self._numbers[slots[leader]] = numbers[leader]
        self._keys[:, slots[leader]] = first[leader], second[leader]
        return numbers

    def _ask(self, tokens: Tokens) -> np.ndarray:
        if self._from_keys is None:
            return self._asked(tokens)
        numbers = self._from_keys(tokens)
        if len(rest := np.flatnonzero(numbers < 0)):
            numbers[rest] = self._asked(tokens.some(rest))
        return numbers

    def _asked(self, tokens: Tokens) -> np.ndarray:
        content = tokens.text.tobytes()
        written = [content[begin:end] for begin, end in zip(tokens.begins.tolist(), tokens.ends.tolist(), strict=True)]
        distinct = list(dict.fromkeys(written))
        numbers = dict(zip(distinct, self._numbers_of(b"\n".join(distinct).decode().split("\n")), strict=True))
        return np.fromiter(map(numbers.__getitem__, written), np.int32, len(written))

    def slots(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Which of ``size`` slots tokens of such keys may have: (t,)."""
        mixed = first * _MIXED_BY[0] ^ second * _MIXED_BY[1]
        mixed ^= mixed >> np.uint64(29)
        return (mixed * _MIXED_BY[0] >> self._shift).astype(np.int64)


def keys_of(text: np.ndarray, begins: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two uint64 (t,) for each token, which no other of up to 15 bytes has: its bytes, the last one its length."""
    eights, sizes = each_eight(text), ends - begins
    second = np.minimum(sizes, 255).astype(np.uint64) << np.uint64(56)
    long = np.flatnonzero(sizes > _EIGHT)
    second[long] |= eights[begins[long] + _EIGHT] & _MASKS.take(np.minimum(sizes[long] - _EIGHT, _EIGHT - 1))
    return first_eight(eights, begins, sizes), second


def each_eight(text: np.ndarray) -> np.ndarray:
    """The eight bytes from each byte of ``text`` (bytes,) on as one number, and from its end: zeros follow it."""
    padded = np.concatenate((text, np.zeros(_EIGHT, np.uint8)))
    return np.ndarray(len(text) + 1, "<u8", padded, strides=(1,))


def first_eight(eights: np.ndarray, begins: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The first of `each_eight` of tokens of ``sizes`` (t,) bytes as a uint64 (t,), zeros behind a shorter one."""
    return eights[begins] & _MASKS.take(sizes, mode="clip")
