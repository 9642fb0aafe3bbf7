"""Item-item models: sparse weights B (items x items) with score(user) = preferences(user) @ B.

Row i of B is what one unit of preference for item i adds to the score of every other item, so that a user's score
is explained by their items: preference x weight. The diagonal is zero: an item says nothing of itself.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.linalg import lapack

from duckmark.kernels.ranking import best_columns, block_length
from duckmark.kernels.segments import segment_of

MOST_ITEMS = 20_000  # the dense inverse of EASE holds items^2 float32 once, here 1.6 GB, and takes items^3 steps


class TooManyItems(ValueError):
    """More items than a dense items x items inverse is made for: use `item_neighbours`."""


def bm25(preferences: sparse.csr_array, k1: float = 100.0, b: float = 0.8) -> sparse.csr_array:
    """Okapi BM25 (Robertson & Walker 1994) of items as documents and users as words: popular items saturate.

    ``k1``: how slowly a high preference saturates; ``b``: how much an item's popularity counts against it.
    The constants are `implicit`'s.
    """
    size = np.abs(preferences.data)
    totals = np.bincount(preferences.indices, size, preferences.shape[1])
    norm = 1 - b + b * totals / max(totals.mean(), np.finfo(float).tiny)
    values = preferences.data * (k1 + 1) / (k1 * norm[preferences.indices] + size)
    return _with_data(preferences, values * _rarity(preferences))


def item_neighbours(
    weighted: sparse.csr_array, k: int = 100, shrinkage: float = 0.0, asymmetry: float = 0.5, unit: bool = True
) -> sparse.csr_array:
    """B of item-kNN: for each item (column) the ``k`` items most like it, by cosine of columns of ``weighted``.

    ``weighted`` (u, i): preferences, raw or from `tf_idf` or `bm25`. The cosine is dot(i, j) divided by
    |i|^(2 asymmetry) |j|^(2 - 2 asymmetry) + ``shrinkage`` (Sarwar et al. 2001; Deshpande & Karypis 2004; Aiolli
    2013 for the asymmetric form); with ``unit`` false the plain dot product. Only positive similarities are kept.
    A block of items x items is held at once.
    """
    lengths = np.sqrt(weighted.multiply(weighted).sum(axis=0)) if unit else np.ones(weighted.shape[1])
    transposed = sparse.csr_array(weighted.T)
    target, source = (np.power(lengths, 2 * power) for power in (1 - asymmetry, asymmetry))
    parts = []
    for start, end in _blocks(len(lengths)):
        block = transposed[start:end] @ weighted
        row = segment_of(block.indptr) + start
        scale = target[row] * source[block.indices] + shrinkage
        similar = np.divide(block.data, scale, out=np.zeros(len(scale)), where=scale > 0)
        similar[row == block.indices] = 0
        kept = _largest_stored(similar, block.indptr, k)
        parts.append((row[kept], block.indices[kept], similar[kept]))
    return _transposed(parts, len(lengths))


def ease(
    preferences: sparse.csr_array, regularisation: float, dropout: float = 0.0, dtype: type = np.float32
) -> np.ndarray:
    """Dense B (i, i) of EASE^R (Steck 2019), or of EDLAE (Steck 2020) where ``dropout`` is not zero.

    B minimises |X - X B|^2 + ``regularisation`` |B|^2 with a zero diagonal; EDLAE leaves out a share ``dropout`` of
    each user's items and predicts them from the rest, which adds dropout / (1 - dropout) x the item's sum of squares
    to its regularisation. Closed form: with P the inverse of X'X + ridge, B_ij = -P_ij / P_jj.
    One items x items array of ``dtype`` is held; raises TooManyItems beyond ``MOST_ITEMS``.
    """
    items = preferences.shape[1]
    if items > MOST_ITEMS:
        raise TooManyItems(f"{items} items, at most {MOST_ITEMS}")
    gram = _gram(preferences.astype(dtype))
    diagonal = gram.diagonal().copy()
    np.fill_diagonal(gram, diagonal + regularisation + dropout / (1 - dropout) * diagonal)
    inverse = _inverse(gram)
    weights = inverse
    weights /= -inverse.diagonal().copy()
    np.fill_diagonal(weights, 0)
    return weights


def largest(weights: np.ndarray, k: int) -> sparse.csr_array:
    """``weights`` (i, i) with only the ``k`` of largest size in each column, which is one item's explanation."""
    transposed = weights.T
    parts = []
    for start, end in _blocks(len(weights)):
        block = transposed[start:end]
        row, column = best_columns(np.abs(block), k, above=0.0)
        parts.append((row + start, column, block[row, column]))
    return _transposed(parts, len(weights))


def _rarity(preferences: sparse.csr_array) -> np.ndarray:
    """log(items / (1 + items of the user)) of each stored preference, at least 0."""
    taken = np.diff(preferences.indptr)
    return np.repeat(np.maximum(np.log(preferences.shape[1] / (1 + taken)), 0), taken)


def _with_data(matrix: sparse.csr_array, data: np.ndarray) -> sparse.csr_array:
    return sparse.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def _gram(preferences: sparse.csr_array) -> np.ndarray:
    transposed = sparse.csr_array(preferences.T)
    gram = np.empty((preferences.shape[1],) * 2, preferences.dtype)
    for start, end in _blocks(len(gram)):
        gram[start:end] = (transposed[start:end] @ preferences).toarray()
    return gram


def _inverse(positive: np.ndarray) -> np.ndarray:
    """The inverse of a positive definite matrix, in its own memory, by Cholesky."""
    potrf, potri = lapack.get_lapack_funcs(("potrf", "potri"), (positive,))
    factor, failed = potrf(positive.T, overwrite_a=True, clean=False)  # .T: LAPACK's order without a copy
    if not failed:
        inverse, failed = potri(factor, overwrite_c=True)
    if failed:
        raise np.linalg.LinAlgError("not positive definite: raise the regularisation, or use float64")
    for start, end in _blocks(len(inverse)):  # LAPACK leaves the lower triangle as it was
        inverse[start:end, :start] = inverse[:start, start:end].T
        square = inverse[start:end, start:end]
        square[:] = np.triu(square) + np.triu(square, 1).T
    return inverse


def _largest_stored(values: np.ndarray, offsets: np.ndarray, k: int) -> np.ndarray:
    """Places of the ``k`` largest positive ``values`` (stored,) of each row, the first of equal ones."""
    least = np.zeros(len(offsets) - 1)
    for row in np.flatnonzero(np.diff(offsets) > k):  # selecting among what is stored beats any dense block
        least[row] = np.partition(values[offsets[row] : offsets[row + 1]], -k)[-k]
    row = segment_of(offsets)
    place = np.flatnonzero((values > 0) & (values >= least[row]))
    row = row[place]
    order = np.lexsort((-values[place], row))
    place, row = place[order], row[order]
    return place[np.arange(len(row)) - np.searchsorted(row, row) < k]


def _blocks(items: int) -> list[tuple[int, int]]:
    step = block_length(items)
    return [(start, min(start + step, items)) for start in range(0, items, step)]


def _transposed(parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]], items: int) -> sparse.csr_array:
    target, source, value = (np.concatenate(flat) for flat in zip(*parts, strict=True))
    weights = sparse.csr_array((value, (source, target)), shape=(items, items))
    weights.sort_indices()
    return weights
