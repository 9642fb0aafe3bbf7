"""What VADER knows about single words: looked up once per distinct token, kept as columns for the kernel.

The constants are those of Hutto & Gilbert (2014) as NLTK holds them (``nltk.sentiment.vader``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from string import punctuation
from threading import Lock
from typing import NamedTuple

import numpy as np

BOOST = 0.293

# Rows that many words share. Tokens of one character are dropped from the text; OUTSIDE stands before its
# first and after its last word; all other words that VADER does not know differ in their capitals only.
DROPPED, OUTSIDE, PLAIN, PLAIN_CAPITALS = range(4)

# Marks of a word, as bits of one column.
KNOWN, SCORED, CAPITALS, BOOSTER, NEGATES, NEVER, SO_OR_THIS, LEAST, AT_OR_VERY, BUT, KIND, OF = (
    1 << bit for bit in range(12)
)

BOOSTERS = frozenset(
    """absolutely amazingly awfully completely considerably decidedly deeply effing enormously entirely especially
    exceptionally extremely fabulously flipping flippin fricking frickin frigging friggin fully fucking greatly
    hella highly hugely incredibly intensely majorly more most particularly purely quite really remarkably so
    substantially thoroughly totally tremendously uber unbelievably unusually utterly very""".split()
)
DAMPENERS = frozenset(
    """almost barely hardly kinda kindof kind-of less little marginally occasionally partly scarcely slightly
    somewhat sorta sortof sort-of""".split()
)
NEGATIONS = frozenset(
    """aint arent cannot cant couldnt darent didnt doesnt ain't aren't can't couldn't daren't didn't doesn't dont
    hadnt hasnt havent isnt mightnt mustnt neither don't hadn't hasn't haven't isn't mightn't mustn't neednt
    needn't never none nope nor not nothing nowhere oughtnt shant shouldnt uhuh wasnt werent oughtn't shan't
    shouldn't uh-uh wasn't weren't without wont wouldnt won't wouldn't rarely seldom despite""".split()
)
IDIOMS = {
    "the shit": 3.0,
    "the bomb": 3.0,
    "bad ass": 1.5,
    "yeah right": -2.0,
    "cut the mustard": 2.0,
    "kiss of death": -1.5,
    "hand to mouth": -2.0,
}
DAMPENING_PAIRS = ("just enough", "kind of", "sort of")

# The words of the idioms by number; 0 is every other word.
IDIOM_WORDS = {
    word: number
    for number, word in enumerate(sorted({w for phrase in (*IDIOMS, *DAMPENING_PAIRS) for w in phrase.split()}), 1)
}

# NLTK compares these as written, the others in lower case.
_MARKS_AS_WRITTEN = {"never": NEVER, "so": SO_OR_THIS, "this": SO_OR_THIS}
_MARKS = {"least": LEAST, "at": AT_OR_VERY, "very": AT_OR_VERY, "but": BUT, "kind": KIND, "of": OF}
_LISTED = BOOSTERS | DAMPENERS | NEGATIONS | _MARKS.keys() | _MARKS_AS_WRITTEN.keys() | IDIOM_WORDS.keys()

_MARKS_STRIPPED = r"""\?!\?!|!\?!\?|\?!\?|!\?!|!{1,3}|\?{1,3}|[.,;:'"-]"""
_WORD = f"[^{re.escape(punctuation)}]{{2,}}"
_STRIPPED = re.compile(f"(?:{_MARKS_STRIPPED})({_WORD})|({_WORD})(?:{_MARKS_STRIPPED})").fullmatch

# Enough for the vocabulary of a large shop; beyond it the memo starts afresh.
_MEMO_LIMIT = 1 << 20


class Columns(NamedTuple):
    """Properties of words by row: ``valence`` and ``scalar`` float64, ``marks`` uint16, ``idiom`` int8, all (r,)."""

    valence: np.ndarray
    scalar: np.ndarray
    marks: np.ndarray
    idiom: np.ndarray


class Words(dict[str, int]):
    """Tokens to rows of ``columns``, filled as tokens are met; two tokens share a row if VADER reads them alike.

    ``valences``: the lexicon, lower-case word to mean valence of its raters (-4 to 4).
    """

    def __init__(self, valences: Mapping[str, float]) -> None:
        super().__init__()
        self.valences = valences
        self.columns = Columns(*(np.zeros(4096, t) for t in (np.float64, np.float64, np.uint16, np.int8)))
        self.columns.marks[[OUTSIDE, PLAIN_CAPITALS]] = KNOWN, CAPITALS  # a KNOWN word modifies none after it
        self._row_of_word: dict[str, int] = {}
        self._lock = Lock()

    def rows(self, tokens: Iterable[str]) -> np.ndarray:
        """Rows of tokens, int32."""
        with self._lock:
            if len(self) > _MEMO_LIMIT:
                self.clear()
            return np.fromiter(map(self.__getitem__, tokens), np.int32)

    def __missing__(self, token: str) -> int:
        row = self[token] = self._row(token)
        return row

    def _row(self, token: str) -> int:
        if len(token) < 2:
            return DROPPED
        word = stripped(token)
        lower = word.lower()
        if lower not in self.valences and lower not in _LISTED and "n't" not in lower:
            return PLAIN_CAPITALS if word.isupper() else PLAIN
        if word not in self._row_of_word:
            self._row_of_word[word] = self._add(word, lower)
        return self._row_of_word[word]

    def _add(self, word: str, lower: str) -> int:
        row = PLAIN_CAPITALS + 1 + len(self._row_of_word)
        if row == len(self.columns.marks):
            self.columns = Columns(*(np.concatenate((c, np.zeros_like(c))) for c in self.columns))
        self.columns.valence[row] = self.valences.get(lower, 0.0)
        self.columns.scalar[row] = BOOST * ((lower in BOOSTERS) - (lower in DAMPENERS))
        self.columns.marks[row] = self._marks(word, lower)
        self.columns.idiom[row] = IDIOM_WORDS.get(word, 0)
        return row

    def _marks(self, word: str, lower: str) -> int:
        known, booster = lower in self.valences, lower in BOOSTERS or lower in DAMPENERS
        negates = lower in NEGATIONS or "n't" in lower
        marks = KNOWN * known | SCORED * (known and not booster) | CAPITALS * word.isupper()
        marks |= BOOSTER * booster | NEGATES * negates
        return marks | _MARKS.get(lower, 0) | _MARKS_AS_WRITTEN.get(word, 0)


def stripped(token: str) -> str:
    """A token without the punctuation at one of its ends: one of VADER's marks beside a word of two characters
    or more that has no punctuation in it. Anything else, such as an emoticon, stays as it is."""
    if token[0] not in punctuation and token[-1] not in punctuation:
        return token
    match = _STRIPPED(token)
    return (match[1] or match[2]) if match else token
