"""Lists of different lengths as tables, and the highest scores of their rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

CELLS = 1 << 16  # of a table, so that it stays in a core's cache


def tables(lengths: np.ndarray, least: int) -> Iterator[tuple[slice, np.ndarray, slice]]:
    """Lists of ``lengths`` (n,), end to end, as tables that are not too large.

    Gives the lists of each table, where it holds something, and their part; a row is at least ``least`` long.
    """
    offsets, wide = np.concatenate(([0], np.cumsum(lengths))), max(least, lengths.max(initial=0))
    for rows in pieces(len(lengths), wide):
        stored = np.arange(max(least, lengths[rows].max())) < lengths[rows, None]
        yield rows, stored, slice(offsets[rows.start], offsets[rows.stop])


def nth_highest(scores: np.ndarray, rank: int) -> np.ndarray:
    """The ``rank``-th highest of each row of ``scores`` (n, m), counted from 1: (n,)."""
    rows = scores.copy(order="C")  # each in one piece: half the time where a matrix is transposed, or a quarter
    rows.partition(scores.shape[1] - rank, axis=1)
    return rows[:, scores.shape[1] - rank]


def nth_of_lists(scores: np.ndarray, offsets: np.ndarray, rank: int) -> np.ndarray:
    """The ``rank``-th highest of each list ``scores[offsets[i] : offsets[i + 1]]``, counted from 1: (n,) float32; -inf
    where there are less."""
    lengths = np.diff(offsets)
    nth = np.full(len(lengths), -np.inf, np.float32)
    longest_first = np.argsort(-lengths)[: np.count_nonzero(lengths >= rank)]
    while len(longest_first):  # those of like lengths are a table together, of which little is filled up
        wide = lengths[longest_first[0]]
        lists, longest_first = np.split(longest_first, [max(1, CELLS // wide)])
        place = np.arange(wide)
        table = scores.take(offsets[lists, None] + place, mode="clip")
        table[place >= lengths[lists, None]] = -np.inf
        nth[lists] = nth_highest(table, rank)
    return nth


def best_first(scores: np.ndarray, ranks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The order of each row of ``scores`` (n, m) from the highest on, of equal ones by their ``ranks`` (n, m), and
    the scores in this order."""
    order = np.argsort(-scores, axis=1)
    best = np.take_along_axis(scores, order, axis=1)
    tied = np.flatnonzero(((best[:, 1:] == best[:, :-1]) & np.isfinite(best[:, 1:])).any(axis=1))
    order[tied] = np.lexsort((ranks[tied], -scores[tied]), axis=1)
    return order, best


def pieces(rows: int, cells: int) -> Iterator[slice]:
    """Slices of ``rows`` of so many ``cells`` each that stay in a core's cache."""
    step = max(1, CELLS // max(1, cells))
    return (slice(start, min(start + step, rows)) for start in range(0, rows, step))
