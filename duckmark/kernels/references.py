"""The most similar of some rows of a sparse matrix, where comparing all with all would take too long."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from duckmark.kernels.blocks import in_blocks, joined
from duckmark.kernels.gram import HEAVY
from duckmark.kernels.ranking import best_columns
from duckmark.kernels.similarity import lengths


def nearest_references(
    matrix: sparse.csr_array, rows: np.ndarray, references: np.ndarray, k: int, shrinkage: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The ``k`` of the rows ``references`` (r,), ascending, of ``matrix`` (n, m) most like each of ``rows``.

    By cosine, dot(u, v) / (|u| |v| + ``shrinkage``), those of positive cosine only and none their own. Gives flat
    arrays (row, reference, cosine), best first within a row, equal ones by reference. A few blocks of rows x r are
    held at once. With all rows as references this is `cosine_neighbours`, but for rounding.
    """
    others = matrix[references]
    length = lengths(matrix)
    shared = np.bincount(others.indices, minlength=matrix.shape[1])
    is_heavy = shared > HEAVY * len(references)
    heavy, light = others[:, is_heavy].toarray().T, sparse.csr_array(others[:, ~is_heavy].T)
    place = np.full(matrix.shape[0], -1)
    place[references] = np.arange(len(references))

    def block(part: slice) -> tuple[np.ndarray, ...]:
        some = matrix[rows[part]]
        similar = (some[:, ~is_heavy] @ light).toarray()
        if is_heavy.any():
            similar += some[:, is_heavy].toarray() @ heavy
        similar /= np.multiply.outer(length[rows[part]], length[references]) + shrinkage
        own = place[rows[part]]
        similar[np.flatnonzero(own >= 0), own[own >= 0]] = 0
        row, other = best_columns(similar, k, above=0.0)
        return rows[part][row], references[other], similar[row, other]

    return joined(in_blocks(block, len(rows), len(references)), matrix.dtype)
