"""The most similar rows of a sparse matrix: what neighbours of users and neighbours of items both are."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import sparse

from duckmark.kernels.blocks import in_blocks, joined
from duckmark.kernels.gram import Gram, gram
from duckmark.kernels.ranking import best_columns
from duckmark.kernels.segments import segment_of

MOST_BYTES = 1 << 28  # of dots held at once to multiply each pair but once: 8,192 rows in float32


class Scale(NamedTuple):
    """Similarity of rows r and s = dot(r, s) / (``asked``[r] x ``other``[s] + ``added``); the first two (n,) > 0."""

    asked: np.ndarray
    other: np.ndarray
    added: float = 0.0


def lengths(matrix: sparse.csr_array) -> np.ndarray:
    """The Euclidean length of each row, 1 where it is zero: then all its dots are zero too."""
    squares = np.asarray(matrix.multiply(matrix).sum(axis=1), np.float64).ravel()
    return np.sqrt(np.where(squares > 0, squares, 1.0))


def most_similar(
    matrix: sparse.csr_array, rows: np.ndarray, k: int, scale: Scale | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The ``k`` rows of ``matrix`` (n, m) most similar to each of ``rows`` but itself, of positive similarity only.

    Gives flat arrays (row, other, similarity), best first within a row, equal ones by ``other``. Similarities are
    of the type of ``matrix``; without a ``scale`` they are the dots. A few blocks of rows x n are held at once, or
    n x n within ``MOST_BYTES``.
    """
    dots = gram(matrix)
    if dots.is_thin:
        blocks = in_blocks(lambda part: _stored_block(dots, rows[part], k, scale), len(rows), matrix.shape[0])
    else:
        dots_of = _all_at_once(dots, rows)
        blocks = in_blocks(
            lambda part: _dense_block(dots_of(rows[part]), rows[part], k, scale), len(rows), matrix.shape[0]
        )
    return joined(blocks, matrix.dtype)


def closest(matrix: sparse.csr_array, rows: np.ndarray, scale: Scale) -> np.ndarray:
    """How similar each row of ``matrix`` (n, m) is to that of ``rows`` most like it, at least 0: (n,)."""
    dots = gram(matrix)
    blocks = in_blocks(
        lambda part: _scaled(dots.dots(rows[part]), rows[part], scale).max(axis=0), len(rows), matrix.shape[0]
    )
    return np.max([np.zeros(matrix.shape[0]), *blocks], axis=0)


def _all_at_once(dots: Gram, rows: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """What gives the dots of some rows: from all of them where most are asked for and there is room."""
    n = len(dots.heavy)
    if 2 * len(rows) < n or n * n * dots.light.dtype.itemsize > MOST_BYTES:
        return dots.dots
    return dots.square().__getitem__


def _dense_block(dots: np.ndarray, rows: np.ndarray, k: int, scale: Scale | None) -> tuple[np.ndarray, ...]:
    similar = _scaled(dots, rows, scale)
    similar[np.arange(len(rows)), rows] = 0
    row, other = best_columns(similar, k, above=0.0)
    return rows[row], other, similar[row, other]


def _scaled(dots: np.ndarray, rows: np.ndarray, scale: Scale | None) -> np.ndarray:
    if scale is not None:
        by = np.multiply.outer(scale.asked[rows], scale.other).astype(dots.dtype, copy=False)
        if scale.added:
            by += scale.added
        dots /= by
    return dots


def _stored_block(dots: Gram, rows: np.ndarray, k: int, scale: Scale | None) -> tuple[np.ndarray, ...]:
    block = dots.stored(rows)
    row = rows[segment_of(block.indptr)]
    similar = block.data
    if scale is not None:
        similar = (similar / (scale.asked[row] * scale.other[block.indices] + scale.added)).astype(block.dtype)
    similar[row == block.indices] = 0
    kept = _largest_stored(similar, block, k)
    return row[kept], block.indices[kept], similar[kept]


def _largest_stored(values: np.ndarray, block: sparse.csr_array, k: int) -> np.ndarray:
    """Places of the ``k`` largest positive ``values`` (stored,) of each row, best first, equal ones by column."""
    offsets = block.indptr
    least = np.zeros(len(offsets) - 1, values.dtype)
    for row in np.flatnonzero(np.diff(offsets) > k):  # selecting among what is stored beats any dense block
        least[row] = np.partition(values[offsets[row] : offsets[row + 1]], -k)[-k]
    row = segment_of(offsets)
    place = np.flatnonzero((values > 0) & (values >= least[row]))
    order = np.lexsort((block.indices[place], -values[place], row[place]))
    place, row = place[order], row[place[order]]
    return place[np.arange(len(row)) - np.searchsorted(row, row) < k]
