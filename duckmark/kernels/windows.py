"""Pairs of words that stand near each other, in blocks of text: flat arrays throughout."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from duckmark.kernels.segments import segment_of

STRETCH = 1 << 16  # words whose pairs are held at once: some 10 MB


class Blocks(NamedTuple):
    """Distinct words of b blocks of text, and the pairs of words near each other in them.

    Block i has ``words[word_offsets[i] : word_offsets[i + 1]]``, s of them in ascending order, each in ``paired`` many
    pairs as the one that is near; and ``pairs[pair_offsets[i] : pair_offsets[i + 1]]``, each a cell of a matrix (s, s):
    the row is the word that is near, the column the one it is near to.
    """

    words: np.ndarray
    paired: np.ndarray
    pairs: np.ndarray
    word_offsets: np.ndarray
    pair_offsets: np.ndarray

    def __len__(self) -> int:
        return len(self.word_offsets) - 1


def stretches(words: np.ndarray, offsets: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Whole texts as (words, offsets) of at most about `STRETCH` words each, of much the same length."""
    pieces = -(-len(words) // STRETCH)
    cuts = np.unique(np.searchsorted(offsets, np.linspace(0, len(words), pieces + 1).astype(np.int64)))
    return [(words[offsets[i] : offsets[j]], offsets[i : j + 1] - offsets[i]) for i, j in pairwise(cuts)]


def kept_shares(counts: np.ndarray, share: float) -> np.ndarray:
    """How many of the occurrences of each word stay, (v,) from 0 to 1: fewer of those of more than ``share`` of all, as
    in word2vec; all for a share of 0."""
    excess = share * counts.sum() / counts
    return np.minimum(np.sqrt(excess) + excess, 1) if share else np.ones(len(counts))


def subsampled(
    words: np.ndarray, offsets: np.ndarray, kept_shares: np.ndarray, draws: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The words that stay, and their offsets."""
    kept = draws.random(len(words)) < kept_shares[words]
    return words[kept], np.concatenate(([0], np.cumsum(kept)))[offsets]


def blocks_of(words: np.ndarray, offsets: np.ndarray, reach: np.ndarray, window: int, length: int) -> Blocks:
    """Blocks of about ``length`` words, cut between texts; a longer text is cut into pieces.

    ``words``: int32 (m,); text i at [offsets[i], offsets[i + 1]); ``reach``: (m,) from 1 to ``window``, how far from
    each word others are near to it.
    """
    starts = offsets[segment_of(offsets)].astype(np.int32)
    places = np.arange(len(words), dtype=np.int32)
    pieces = starts + (places - starts) // length * length  # where the piece of text begins that a word is in
    blocks = pieces // length
    begins = np.flatnonzero(np.diff(blocks, prepend=-1))
    keys = blocks.astype(np.int64) << 32 | words
    distinct, place = np.unique(keys, return_inverse=True)
    first = np.searchsorted(distinct, keys[begins] >> 32 << 32)
    word_offsets = np.append(first, len(distinct))
    centre, near = _near(pieces, reach, window)
    sizes, lengths = np.diff(word_offsets), np.diff(begins, append=len(words))
    row = (place - np.repeat(first, lengths)).astype(np.int32)
    return Blocks(
        distinct & 0xFFFFFFFF,
        np.bincount(place[near], minlength=len(distinct)).astype(np.float32),
        row[near] * np.repeat(sizes, lengths).astype(np.int32)[centre] + row[centre],
        word_offsets,
        np.append(np.searchsorted(centre, begins), len(centre)),
    )


def _near(pieces: np.ndarray, reach: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray]:
    """The places of the words that others are near to, ascending, and of those others: of the same piece and within
    reach. Both int32 (p,)."""
    is_near = np.zeros((len(pieces), 2 * window), bool)
    for step in range(1, window + 1):
        same = pieces[step:] == pieces[:-step]
        is_near[:-step, window + step - 1] = same & (reach[:-step] >= step)
        is_near[step:, window - step] = same & (reach[step:] >= step)
    cells = np.flatnonzero(is_near).astype(np.int32)
    centre = cells // np.int32(2 * window)
    steps = np.concatenate((np.arange(-window, 0), np.arange(1, window + 1))).astype(np.int32)
    return centre, centre + steps[cells - centre * np.int32(2 * window)]
