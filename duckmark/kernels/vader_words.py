"""What VADER knows about single words: looked up once per distinct token, kept as columns for the kernel."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from string import ascii_lowercase, ascii_uppercase, digits, punctuation
from typing import NamedTuple

import numpy as np

from duckmark.kernels.tokens import LONGEST, TokenNumbers, Tokens, keys_of
from duckmark.kernels.vader_lists import BOOST, BOOSTERS, DAMPENERS, DAMPENING_PAIRS, IDIOMS, NEGATIONS

# Rows that many words share. Tokens of one character are dropped from the text; OUTSIDE stands before its
# first and after its last word; words that VADER does not know differ in their capitals only.
DROPPED, OUTSIDE, PLAIN, PLAIN_CAPITALS = range(4)

# Marks of a word, as bits of one column.
KNOWN, SCORED, CAPITALS, BOOSTER, NEGATES, NEVER, SO_OR_THIS, LEAST, AT_OR_VERY, BUT, KIND, OF = (
    1 << bit for bit in range(12)
)

# The words of the idioms by number; 0 is every other word.
_PHRASES = " ".join((*IDIOMS, *DAMPENING_PAIRS)).split()
IDIOM_WORDS = {word: number for number, word in enumerate(dict.fromkeys(_PHRASES), 1)}

# NLTK compares these as written, the others in lower case.
_MARKS_AS_WRITTEN = {"never": NEVER, "so": SO_OR_THIS, "this": SO_OR_THIS}
_MARKS = {"least": LEAST, "at": AT_OR_VERY, "very": AT_OR_VERY, "but": BUT, "kind": KIND, "of": OF}
_LISTED = BOOSTERS | DAMPENERS | NEGATIONS | _MARKS.keys() | _MARKS_AS_WRITTEN.keys() | IDIOM_WORDS.keys()

_STRIPPED = frozenset([*".,;:'\"-", "!", "!!", "!!!", "?", "??", "???", "?!?", "?!?!", "!?!", "!?!?"])
_has_punctuation = re.compile(f"[{re.escape(punctuation)}]").search
# What a byte is in a word of ASCII (0: a digit, or beyond its end).
_LOWER, _UPPER, _PUNCTUATION, _OTHER = 1, 2, 4, 8
_KINDS = np.full(256, _OTHER, np.uint8)
for _kind, _characters in enumerate((digits + "\0", ascii_lowercase, ascii_uppercase)):
    _KINDS[list(_characters.encode())] = _kind
_KINDS[list(punctuation.encode())] = _PUNCTUATION
_LOWERED = bytes(range(256)).lower()
_TEXT = np.uint64((1 << 56) - 1)  # of a token's second key, without its length

MOST_WORDS = 1 << 20  # remembered: enough for the vocabulary of a large shop


class Columns(NamedTuple):
    """Properties of r words: ``valence``, ``boost`` float64, ``marks`` uint16, ``idiom`` int8, all (r,)."""

    valence: np.ndarray
    boost: np.ndarray
    marks: np.ndarray
    idiom: np.ndarray


class Words(dict[str, int]):
    """Tokens to rows of ``columns``, filled as tokens are met, by several threads at once; tokens that VADER reads
    alike share a row.

    ``valences``: the lexicon, lower-case word to mean valence of its raters (-4 to 4).
    """

    def __init__(self, valences: Mapping[str, float]) -> None:
        super().__init__()
        self.valences = valences
        self._special = _LISTED | valences.keys()
        self._numbers = TokenNumbers(self.rows_of, from_keys=self._plain_rows)
        self._may_be_special = self._slots_of([word.encode() for word in self._special if word.isascii()])
        self._row_of_word: dict[str, int] = {}
        self.columns = Columns(*(np.zeros(4096, t) for t in (np.float64, np.float64, np.uint16, np.int8)))
        # Nothing before the text modifies it, as a word of the lexicon does not.
        self.columns.marks[[OUTSIDE, PLAIN_CAPITALS]] = KNOWN, CAPITALS

    @property
    def is_full(self) -> bool:
        """Whether so many words were met that others should take the place of these."""
        return len(self) > MOST_WORDS

    def look_up(self, text: np.ndarray, begins: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, Columns]:
        """Rows, int32 (t,), of the tokens at bytes begins[i] to ends[i] of ``text`` (bytes,), and their columns."""
        rows = self._numbers.look_up(self._numbers.keyed(text, begins, ends))
        return rows, self.columns  # in this order: rows stand in the columns before they are given out

    def _slots_of(self, words: list[bytes]) -> np.ndarray:
        """Which slots words of up to 15 bytes would have."""
        sizes = np.array(list(map(len, words)))
        ends = np.cumsum(sizes)
        found = np.zeros(self._numbers.size, bool)
        found[self._numbers.keyed(np.frombuffer(b"".join(words), np.uint8), ends - sizes, ends).slots] = True
        return found

    def _plain_rows(self, tokens: Tokens) -> np.ndarray:
        """Rows of words in ASCII that are not special, read off their bytes; -1 of tokens that may be anything else.

        Whether punctuation is taken from a word or not, it is as plain where neither it nor what is within is special.
        """
        kinds = _translated(tokens.first, tokens.second & _TEXT, _KINDS.tobytes())
        kind = np.bitwise_or(*kinds.view(np.uint64).T)
        for half in (32, 16, 8):
            kind |= kind >> np.uint64(half)
        kind = kind.astype(np.uint8)
        plain = (kind < _OTHER) & (tokens.ends - tokens.begins <= LONGEST)
        plain &= ~self._may_be_special[self._lowered_slots(tokens.first, tokens.second)]
        some = np.flatnonzero(plain & (kind >= _PUNCTUATION))
        plain[some] = self._plain_within(tokens.some(some), kinds[some] == _PUNCTUATION)
        rows = np.where(kind & (_LOWER | _UPPER) == _UPPER, PLAIN_CAPITALS, PLAIN)
        return np.where(plain, rows, -1).astype(np.int32)

    def _plain_within(self, tokens: Tokens, punctuation: np.ndarray) -> np.ndarray:
        """Whether tokens are no negations, nor special without the ``punctuation`` (t, 16) around them."""
        inner = ~punctuation & (np.arange(LONGEST + 1) < (tokens.ends - tokens.begins)[:, None])
        begins = tokens.begins + inner.argmax(axis=1)
        ends = np.minimum(tokens.begins + LONGEST + 1 - inner[:, ::-1].argmax(axis=1), tokens.ends)
        letters = _translated(tokens.first, tokens.second, _LOWERED)
        negates = np.all([letters[:, at : at + 14] == byte for at, byte in enumerate(b"n't")], axis=0).any(axis=1)
        return ~negates & ~self._may_be_special[self._lowered_slots(*keys_of(tokens.text, begins, ends))]

    def _lowered_slots(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """The slots of tokens of such keys in lower case."""
        letters = _translated(first, second & _TEXT, _LOWERED).view(np.uint64)
        return self._numbers.slots(letters[:, 0], letters[:, 1] | second & ~_TEXT)

    def rows_of(self, tokens: Sequence[str]) -> list[int]:
        """The row of each token."""
        if new := [token for token in tokens if token not in self]:
            self._learn(new)
        return list(map(self.__getitem__, tokens))

    def _learn(self, tokens: list[str]) -> None:
        """Find the rows of tokens together: nearly all of them are plain words."""
        words = [token if token.isalnum() else stripped(token) for token in tokens]
        lowers = "\n".join(words).lower().split("\n")  # no token holds whitespace
        self.update(zip(tokens, [PLAIN_CAPITALS if word.isupper() else PLAIN for word in words], strict=True))
        special = [place for place, lower in enumerate(lowers) if lower in self._special or "n't" in lower]
        self._add({words[place]: lowers[place] for place in special if words[place] not in self._row_of_word})
        self.update((tokens[place], self._row_of_word[words[place]]) for place in special)
        if min(map(len, tokens)) < 2:
            self.update((token, DROPPED) for token in tokens if len(token) < 2)

    def _add(self, words: Mapping[str, str]) -> None:
        """Give each word, told with its lower case, a row of its own."""
        start = PLAIN_CAPITALS + 1 + len(self._row_of_word)
        end = start + len(words)
        while end > len(self.columns.marks):
            self.columns = Columns(*(np.concatenate((c, np.zeros_like(c))) for c in self.columns))
        lowers, rows = words.values(), slice(start, end)
        self.columns.valence[rows] = [self.valences.get(lower, 0.0) for lower in lowers]
        self.columns.boost[rows] = [BOOST * ((lower in BOOSTERS) - (lower in DAMPENERS)) for lower in lowers]
        self.columns.marks[rows] = [self._marks(word, lower) for word, lower in words.items()]
        self.columns.idiom[rows] = [IDIOM_WORDS.get(word, 0) for word in words]
        self._row_of_word.update(zip(words, range(start, end), strict=True))

    def _marks(self, word: str, lower: str) -> int:
        known, booster = lower in self.valences, lower in BOOSTERS or lower in DAMPENERS
        negates = lower in NEGATIONS or "n't" in lower
        marks = KNOWN * known | SCORED * (known and not booster) | CAPITALS * word.isupper()
        marks |= BOOSTER * booster | NEGATES * negates
        return marks | _MARKS.get(lower, 0) | _MARKS_AS_WRITTEN.get(word, 0)


def _translated(first: np.ndarray, second: np.ndarray, table: bytes) -> np.ndarray:
    """The bytes (t, 16) of tokens of such keys, each as ``table`` has it."""
    written = np.stack((first, second), axis=1).tobytes().translate(table)
    return np.frombuffer(written, np.uint8).reshape(-1, LONGEST + 1)


def stripped(token: str) -> str:
    """A token of two characters or more, without the punctuation at one of its ends.

    Only one of VADER's marks is taken, from a word of two characters or more with no punctuation in it:
    ``good!!`` is ``good``, but ``"good"``, ``good!!!!`` and emoticons stay as they are.
    """
    word = token.strip(punctuation)
    if len(word) < 2 or (not word.isalnum() and _has_punctuation(word)):
        return token
    before, _, after = token.partition(word)
    return word if (not before or not after) and before + after in _STRIPPED else token
