"""VADER's rules (Hutto & Gilbert 2014) over the words of many texts at once, digit for digit as NLTK's."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from duckmark.kernels import vader_words as vw
from duckmark.kernels.vader_lists import BOOST, CAPITALS_INCREASE, DAMPENING_PAIRS, IDIOMS, NEGATION
from duckmark.kernels.vader_rounding import round_half_even

# What a booster one, two and three words back is worth.
DAMPING = {1: 1.0, 2: 0.95, 3: 0.9}


class Context(NamedTuple):
    """The words around u scored words: by k steps from the word, -3 to 2, their rows int32 (u,) and marks (u,)."""

    rows: dict[int, np.ndarray]
    marks: dict[int, np.ndarray]
    columns: vw.Columns

    def marked(self, step: int, mark: int) -> np.ndarray:
        """Whether the word ``step`` from here bears the mark: bool (u,)."""
        return (self.marks[step] & mark) != 0


def polarity(
    rows: np.ndarray,
    offsets: np.ndarray,
    exclamations: np.ndarray,
    questions: np.ndarray,
    columns: vw.Columns,
) -> np.ndarray:
    """Share of negative, neutral and positive words and the compound score of n texts: float64 (4, n).

    ``rows``: int32 (m,), each token's row of ``columns``; ``offsets``: int (n + 1,), where each text begins
    in ``rows``; ``exclamations``, ``questions``: int (n,), how many of these marks a text has anywhere.
    """
    rows, offsets = _without_dropped(rows, offsets)
    lengths = np.diff(offsets)
    marks = columns.marks.take(rows)
    marked = np.flatnonzero(marks)  # most words have no mark at all
    words, capitals, buts = (marked[marks[marked] & mark != 0] for mark in (vw.SCORED, vw.CAPITALS, vw.BUT))
    texts = np.repeat(np.arange(len(lengths)), lengths)
    first, occurrence = _first_occurrences(rows[words], texts[words])
    emphatic = _some_capitals(capitals, offsets)
    valences = _valences(rows, offsets, words[first], texts[words[first]], emphatic, columns)
    valences = valences[occurrence] * _but_weights(words, texts, buts, len(lengths))
    return _scores(valences, texts[words], lengths, _emphasis(exclamations, questions))


def _without_dropped(rows: np.ndarray, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    kept = rows != vw.DROPPED
    if kept.all():
        return rows, offsets
    return rows[kept], np.concatenate(([0], np.cumsum(kept)))[offsets]


def _first_occurrences(rows: np.ndarray, texts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """NLTK scores a repeated word in the context of its first occurrence: where each distinct word of a text
    comes first, and which of these each word is."""
    words = texts.astype(np.int64) << 32 | rows
    _, first, occurrence = np.unique(words, return_index=True, return_inverse=True)
    return first, occurrence


def _some_capitals(capitals: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Whether a text has words all in capitals beside others: only then are capitals an emphasis."""
    number = np.diff(np.searchsorted(capitals, offsets))
    return (number > 0) & (number < np.diff(offsets))


def _valences(
    rows: np.ndarray,
    offsets: np.ndarray,
    words: np.ndarray,
    texts: np.ndarray,
    some_capitals: np.ndarray,
    columns: vw.Columns,
) -> np.ndarray:
    """Valence in their context of u scored words: ``words`` are positions in ``rows``, ``texts`` theirs."""
    near = _neighbours(rows, words, offsets[texts], offsets[texts + 1], columns)
    emphatic = some_capitals[texts]
    valence = columns.valence[near.rows[0]]
    louder = emphatic & near.marked(0, vw.CAPITALS)
    valence = valence + np.where(louder, _away_from_zero(valence), 0.0)
    for distance in DAMPING:
        modified = _modified(valence, near, distance, emphatic)
        valence = np.where(near.marked(-distance, vw.KNOWN), valence, modified)
    valence = np.where(_after_least(near), valence * NEGATION, valence)
    return np.where(near.marked(0, vw.KIND) & near.marked(1, vw.OF), 0.0, valence)


def _neighbours(
    rows: np.ndarray, words: np.ndarray, begin: np.ndarray, end: np.ndarray, columns: vw.Columns
) -> Context:
    near = {}
    for step in range(-3, 3):
        position = words + step
        inside = begin <= position if step < 0 else position < end
        near[step] = np.where(inside, rows.take(position, mode="clip"), vw.OUTSIDE)
    return Context(near, {step: columns.marks[found] for step, found in near.items()}, columns)


def _away_from_zero(valence: np.ndarray) -> np.ndarray:
    return np.where(valence > 0, CAPITALS_INCREASE, -CAPITALS_INCREASE)


def _modified(valence: np.ndarray, near: Context, distance: int, emphatic: np.ndarray) -> np.ndarray:
    """Valence after the word ``distance`` back has had its say."""
    boost = near.columns.boost[near.rows[-distance]]
    boost = np.where(valence < 0, -boost, boost)
    louder = emphatic & near.marked(-distance, vw.BOOSTER) & near.marked(-distance, vw.CAPITALS)
    boost = boost + np.where(louder, _away_from_zero(valence), 0.0)
    valence = (valence + boost * DAMPING[distance]) * _negation(near, distance)
    return _idioms(valence, near) if distance == 3 else valence


def _negation(near: Context, distance: int) -> np.ndarray:
    factor = np.where(near.marked(-distance, vw.NEGATES), NEGATION, 1.0)
    if distance == 2:
        never_so = near.marked(-2, vw.NEVER) & near.marked(-1, vw.SO_OR_THIS)
        return np.where(never_so, 1.5, factor)
    if distance == 3:
        # Without "never", too: so reads NLTK's "a and b or c".
        never_so = near.marked(-3, vw.NEVER) & near.marked(-2, vw.SO_OR_THIS) | near.marked(-1, vw.SO_OR_THIS)
        return np.where(never_so, 1.25, factor)
    return factor


def _phrases(phrases: dict[str, float], length: int) -> np.ndarray:
    """Value of each sequence of ``length`` idiom words, NaN where it is no phrase."""
    table = np.full((len(vw.IDIOM_WORDS) + 1,) * length, np.nan)
    for phrase, value in phrases.items():
        words = tuple(vw.IDIOM_WORDS[word] for word in phrase.split())
        if len(words) == length:
            table[words] = value
    return table


_IDIOMS = {length: _phrases(IDIOMS, length) for length in (2, 3)}
_DAMPENING_PAIRS = ~np.isnan(_phrases(dict.fromkeys(DAMPENING_PAIRS, 0.0), 2))
# First word and length of the phrases that may replace a valence: a later one overrides.
_IDIOM_PLACES = ((-3, 2), (-3, 3), (-2, 2), (-2, 3), (-1, 2), (0, 2), (0, 3))


def _idioms(valence: np.ndarray, near: Context) -> np.ndarray:
    idiom = {step: near.columns.idiom[rows] for step, rows in near.rows.items()}
    some = np.flatnonzero(np.any([(idiom[step] > 0) & (idiom[step + 1] > 0) for step in range(-3, 1)], axis=0))
    idiom = {step: words[some] for step, words in idiom.items()}
    found = valence[some]
    for step, length in _IDIOM_PLACES:
        value = _IDIOMS[length][tuple(idiom[step + k] for k in range(length))]
        found = np.where(np.isnan(value), found, value)
    dampened = _DAMPENING_PAIRS[idiom[-3], idiom[-2]] | _DAMPENING_PAIRS[idiom[-2], idiom[-1]]
    valence = valence.copy()
    valence[some] = found - BOOST * dampened
    return valence


def _after_least(near: Context) -> np.ndarray:
    least = near.marked(-1, vw.LEAST) & ~near.marked(-1, vw.KNOWN)
    return least & ~near.marked(-2, vw.AT_OR_VERY)


def _but_weights(words: np.ndarray, texts: np.ndarray, buts: np.ndarray, n: int) -> np.ndarray:
    """Weights of words by position: half before the first of ``buts`` in their text, one and a half after it."""
    buts = buts[::-1]
    first = np.full(n, -1)
    first[texts[buts]] = buts  # the last to be written is the first of its text
    first = first[texts[words]]
    return np.where(first < 0, 1.0, 1.0 + 0.5 * np.sign(words - first))


def _emphasis(exclamations: np.ndarray, questions: np.ndarray) -> np.ndarray:
    asked = np.where(questions > 3, 0.96, np.where(questions > 1, questions * 0.18, 0.0))
    return np.minimum(exclamations, 4) * 0.292 + asked


def _scores(valences: np.ndarray, texts: np.ndarray, lengths: np.ndarray, emphasis: np.ndarray) -> np.ndarray:
    """Sums per text: ``bincount`` adds from left to right as Python does, so that no last digit differs.

    It counts in integers where it is given nothing to add, so nothing here is added in place.
    """
    n = len(lengths)
    up, down = valences > 0, valences < 0
    total = np.bincount(texts, valences, n)
    positive = np.bincount(texts[up], valences[up] + 1, n)
    negative = np.bincount(texts[down], 1 - valences[down], n)
    neutral = lengths - np.bincount(texts[up | down], minlength=n)
    total = total + np.sign(total) * emphasis
    compound = total / np.sqrt(total * total + 15)
    ahead = np.sign(positive - negative)
    positive = positive + (ahead > 0) * emphasis
    negative = negative + (ahead < 0) * emphasis
    words = np.where(lengths > 0, positive + negative + neutral, 1.0)
    shares = np.stack((negative, neutral, positive)) / words
    return np.concatenate((round_half_even(shares, 3), round_half_even(compound, 4)[None]))
