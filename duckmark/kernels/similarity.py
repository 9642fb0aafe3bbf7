"""The most similar rows of a sparse matrix: what neighbours of users and neighbours of items both are."""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import numpy as np
from scipy import sparse

from duckmark.kernels.blocks import in_blocks, joined
from duckmark.kernels.gram import Gram, gram
from duckmark.kernels.ranking import highest, low
from duckmark.kernels.segments import segment_of

MOST_BYTES = 1 << 28  # of a tile of dots held to multiply each pair but once: 8,192 x 8,192 in float32
MOST_STRIPES = 4  # of rows: each keeps what it finds in the others until the end, k a row
PLACES = 12  # of similarities in float64: what is less comes of rounding
ROUNDING = 8  # units in the last place by which quotients of equal similarities may differ: products of three factors
Found = tuple[np.ndarray, np.ndarray, np.ndarray]  # flat: row, other, similarity


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
    matrix: sparse.csr_array, rows: np.ndarray, k: int, scale: Scale | None = None, dtype: type | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The ``k`` rows of ``matrix`` (n, m) most similar to each of ``rows`` but itself, of positive similarity only.

    Gives flat arrays (row, other, similarity), best first within a row, equal ones by ``other``. Similarities are
    of ``dtype``, that of ``matrix`` unless told, made in float64 of the dots in the type of ``matrix``; without a
    ``scale`` they are the dots. A few blocks of rows x n are held at once, or ``MOST_BYTES`` of dots and what
    each of ``MOST_STRIPES`` finds in the others.
    """
    dots, n, dtype = gram(matrix), matrix.shape[0], dtype or matrix.dtype
    if dots.is_thin:
        blocks = in_blocks(lambda part: _stored_block(dots, rows[part], k, scale, dtype), len(rows), n)
    elif 2 * len(rows) < n or len(_stripes(n, matrix.dtype.itemsize)) > MOST_STRIPES:
        blocks = in_blocks(
            lambda part: _best(dots.dots(rows[part]), rows[part], np.arange(n), k, scale, dtype)[0], len(rows), n
        )
    else:
        return _of(rows, n, joined(_by_tiles(dots, k, scale, dtype), dtype))
    return joined(blocks, dtype)


def _by_tiles(dots: Gram, k: int, scale: Scale | None, dtype: type) -> list[Found]:
    """The best of every row, in their order. Each pair of rows of two stripes is multiplied once, for both.

    A stripe's own rows come first, so that it is known what others have to reach.
    """
    n = len(dots.heavy)
    stripes = _stripes(n, dots.light.dtype.itemsize)
    least = np.zeros(n)
    found = {(i, i): _within(dots, rows, k, scale, least, dtype) for i, rows in enumerate(stripes)}
    if len(stripes) == 1:
        return found[0, 0]
    for i, j in itertools.combinations(range(len(stripes)), 2):
        found[i, j], found[j, i] = _between(dots, stripes[i], stripes[j], scale, least, dtype)
    of_stripe = ([part for j in range(len(stripes)) for part in found[i, j]] for i in range(len(stripes)))
    return [part for rows, parts in zip(stripes, of_stripe, strict=True) for part in _merged(parts, rows, k, dtype)]


def _stripes(n: int, itemsize: int) -> list[slice]:
    """``n`` rows in stripes of like height, whose tiles keep to ``MOST_BYTES``."""
    highest_stripe = max(1, math.isqrt(MOST_BYTES // itemsize))
    edges = np.linspace(0, n, max(1, math.ceil(n / highest_stripe)) + 1).astype(int)
    return [slice(*edge) for edge in itertools.pairwise(edges.tolist())]


def _within(dots: Gram, rows: slice, k: int, scale: Scale | None, least: np.ndarray, dtype: type) -> list[Found]:
    """The ``k`` best of ``rows`` among themselves. Sets ``least`` (n,) to what ``k`` quotients of a row reach."""
    square, numbers = dots.square(rows), np.arange(rows.start, rows.stop)

    def of_block(part: slice) -> Found:
        found, least[numbers[part]] = _best(square[part], numbers[part], numbers, k, scale, dtype)
        return found

    return in_blocks(of_block, *square.shape)


def _between(
    dots: Gram, rows: slice, columns: slice, scale: Scale | None, least: np.ndarray, dtype: type
) -> tuple[list[Found], list[Found]]:
    """What ``rows`` find among ``columns``, and these among them, that reaches ``least``."""
    numbers, others = (np.arange(side.start, side.stop) for side in (rows, columns))
    block_of = dots.between(rows, columns)

    def of_block(part: slice) -> tuple[Found, Found]:
        block, own = block_of(part), numbers[part]
        return tuple(
            _reaching(block_side, _quotients(block_side, one, other, scale), one, other, least[one], scale, dtype)[1:]
            for block_side, one, other in ((block, own, others), (block.T, others, own))
        )

    blocks = in_blocks(of_block, len(numbers), len(others))
    return tuple([found[side] for found in blocks] for side in (0, 1))


def _merged(found: list[Found], rows: slice, k: int, dtype: type) -> list[Found]:
    """The ``k`` best of what was ``found``, by column where it is of one row, for each of ``rows``."""
    row, other, similar = joined(found, dtype)
    height, place = rows.stop - rows.start, row - rows.start
    order = np.argsort(place.astype(np.min_scalar_type(height)), kind="stable")  # narrow integers are sorted by radix
    offsets = np.searchsorted(place, np.arange(height + 1), sorter=order)

    def of_block(part: slice) -> Found:
        first, last = offsets[part.start], offsets[part.stop]
        own = order[first:last]
        return _leaders(offsets[part.start : part.stop + 1] - first, row[own], other[own], similar[own], k)

    return in_blocks(of_block, height, max(1, len(order) // max(1, height)))


def _best(
    dots: np.ndarray, rows: np.ndarray, columns: np.ndarray, k: int, scale: Scale | None, dtype: type
) -> tuple[Found, np.ndarray]:
    """The ``k`` best of ``dots`` (b, c) for each of ``rows`` (b,), and what ``k`` quotients of each reach: (b,)."""
    quotients = _quotients(dots, rows, columns, scale)
    place, column = np.intersect1d(rows, columns, return_indices=True)[1:]
    quotients[place, column] = 0
    reached = np.maximum(low(quotients, k) * (1 - ROUNDING * np.finfo(dots.dtype).eps), 0)
    place, row, other, similar = _reaching(dots, quotients, rows, columns, reached, scale, dtype)
    return _leaders(np.searchsorted(place, np.arange(len(rows) + 1)), row, other, similar, k), reached


def _leaders(offsets: np.ndarray, row: np.ndarray, other: np.ndarray, similar: np.ndarray, k: int) -> Found:
    chosen = highest(similar, offsets, k)
    return row[chosen], other[chosen], similar[chosen]


def _reaching(
    dots: np.ndarray,
    quotients: np.ndarray,
    rows: np.ndarray,
    columns: np.ndarray,
    reached: np.ndarray,
    scale: Scale | None,
    dtype: type,
) -> tuple[np.ndarray, ...]:
    """All that is positive and has ``reached`` (b,): place in ``rows``, row, column, similarity.

    They go by row and column, or by column and row, as ``dots`` (b, c) lie in memory.
    """
    positive = np.maximum(reached, np.finfo(dots.dtype).smallest_subnormal).astype(dots.dtype)
    enough = quotients >= positive[:, None]
    if enough.flags.c_contiguous:
        place, column = np.divmod(np.flatnonzero(enough), max(1, len(columns)))
    else:
        column, place = np.divmod(np.flatnonzero(enough.T), max(1, len(rows)))
    row, other = rows[place], columns[column]
    similar = dots[place, column].astype(np.float64)
    if scale is not None:
        similar = _quotient(similar, scale.asked[row] * scale.other[other] + scale.added, dtype)
    return place, row, other, similar.astype(dtype, copy=False)


def _quotients(dots: np.ndarray, rows: np.ndarray, columns: np.ndarray, scale: Scale | None) -> np.ndarray:
    """The similarities up to a factor of each row and up to rounding, in the type of ``dots``."""
    if scale is None:
        return dots
    if not scale.added:
        return dots * (1 / scale.other[columns]).astype(dots.dtype)
    by = np.multiply.outer(scale.asked[rows], scale.other[columns]) + scale.added
    return dots / by.astype(dots.dtype)


def _quotient(dots: np.ndarray, by: np.ndarray, dtype: type) -> np.ndarray:
    """``dots`` / ``by``, without the last digits, which differ where similarities are the same: float32 has none of
    them, float64 is rounded. None becomes 0."""
    quotients = dots / by
    if dtype != np.float64:
        return quotients
    rounded = np.round(quotients, PLACES)
    return np.where(rounded == 0, quotients, rounded)


def _of(rows: np.ndarray, n: int, found: Found) -> Found:
    """The lists of ``rows``, in their order, among those ``found`` for all ``n``."""
    offsets = np.searchsorted(found[0], np.arange(n + 1))
    length = np.diff(offsets)[rows]
    at = np.repeat(offsets[rows] - np.cumsum(length) + length, length) + np.arange(length.sum())
    return tuple(flat[at] for flat in found)


def _stored_block(dots: Gram, rows: np.ndarray, k: int, scale: Scale | None, dtype: type) -> Found:
    block = dots.stored(rows)
    row = rows[segment_of(block.indptr)]
    similar = block.data
    if scale is not None:
        similar = _quotient(similar, scale.asked[row] * scale.other[block.indices] + scale.added, dtype)
    similar = similar.astype(dtype, copy=False)
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
    row = row[place]
    # By row, value and column in one number: three sorts, as lexsort does them, take several times as long.
    rank = np.unique(-values[place], return_inverse=True)[1]
    order = np.argsort((row * (rank.max(initial=0) + 1) + rank) * block.shape[1] + block.indices[place])
    place, row = place[order], row[order]
    starts = np.append(0, np.cumsum(np.bincount(row, minlength=len(offsets) - 1)))
    return place[np.arange(len(row)) - starts[row] < k]
