"""Item weights as a filter on the graph of users and items."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from duckmark.kernels.blocks import in_blocks, joined
from duckmark.kernels.checks import require_not_negative
from duckmark.kernels.gram import gram
from duckmark.kernels.item_neighbours import by_target
from duckmark.kernels.ranking import best_columns, block_length

OVERSAMPLED = 10  # directions beyond the rank asked for, and
PASSES = 4  # passes over the matrix: Halko, Martinsson & Tropp (2011), remark 4.3 and section 9
NOTHING = 1e-12  # by the largest: what is less comes of rounding


def graph_filter(
    preferences: sparse.csr_array, k: int = 100, rank: int = 256, ideal: float = 0.3, seed: int = 0
) -> sparse.csr_array:
    """B of GF-CF (Shen et al. 2021), the ``k`` largest weights of each column: a linear and an ideal low-pass filter.

    With R = users^-1/2 x preferences x items^-1/2, B = R'R + ``ideal`` D^-1/2 V V' D^1/2, V the first ``rank`` right
    singular vectors of R, found at random. ``preferences`` (u, i); raises ValueError where one is negative, NaN or
    infinite. Three arrays of items x rank are held, and a few blocks of users x rank and of items x items.
    """
    require_not_negative(preferences)
    by_user, by_item = (np.asarray(preferences.sum(axis=axis)).ravel() for axis in (1, 0))
    users, items = (np.where(n > 0, n, 1.0) ** -0.5 for n in (by_user, by_item))
    graph = sparse.csr_array(sparse.diags_array(users) @ preferences @ sparse.diags_array(items))
    vectors = singular_vectors(graph, rank, seed)
    vectors_out, vectors_in = vectors / items[:, None] * ideal, vectors * items[:, None]
    linear = gram(sparse.csr_array(graph.T))

    def best(targets: slice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        block = linear.dots(targets)
        block += vectors_out[targets] @ vectors_in.T
        block[np.arange(len(block)), np.arange(targets.start, targets.stop)] = 0
        row, source = best_columns(block, k, above=NOTHING)
        return row + targets.start, source, block[row, source]

    parts = in_blocks(best, len(items), len(items))
    return by_target(len(items), *joined(parts, float))


def singular_vectors(matrix: sparse.csr_array, rank: int, seed: int = 0) -> np.ndarray:
    """The first ``rank`` right singular vectors of ``matrix`` (n, m), as (m, r): r is less where the rank of the matrix
    is, as any other direction would be as good as the ones found.

    Subspace iteration from a random start (Halko et al. 2011, algorithm 4.4) on matrix' x matrix, so that nothing of
    n rows is held but a block; the signs are those of each vector's largest component.
    """
    rank = min(rank, *matrix.shape)
    basis = np.random.default_rng(seed).standard_normal((matrix.shape[1], min(rank + OVERSAMPLED, *matrix.shape)))
    for _ in range(PASSES):
        basis = np.linalg.qr(_gram_times(matrix, np.linalg.qr(basis)[0]))[0]
    values, rotation = np.linalg.eigh(basis.T @ _gram_times(matrix, basis))
    best = np.argsort(-values, kind="stable")[:rank]
    vectors = basis @ rotation[:, best[values[best] > NOTHING * values.max(initial=0)]]
    return vectors * np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])])


def _gram_times(matrix: sparse.csr_array, basis: np.ndarray) -> np.ndarray:
    """matrix' x matrix x ``basis`` (m, s)."""
    product, step = np.zeros_like(basis), block_length(basis.shape[1])
    for start in range(0, matrix.shape[0], step):
        block = matrix[start : start + step]
        product += block.T @ (block @ basis)
    return product
