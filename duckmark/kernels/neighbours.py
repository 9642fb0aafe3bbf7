"""Users alike by what they chose: exact cosine neighbours over a sparse preference matrix, in blocks."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from duckmark.kernels.ranking import best_columns, block_length


def unit_preferences(
    users: np.ndarray, items: np.ndarray, preferences: np.ndarray, shape: tuple[int, int]
) -> sparse.csr_array:
    """The users x items preferences as sparse rows of length one, float64; a row of zeros stays zero."""
    matrix = sparse.csr_array((preferences.astype(np.float64), (users, items)), shape=shape)
    lengths = np.sqrt((matrix * matrix).sum(axis=1))
    scale = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return sparse.csr_array(sparse.diags_array(scale) @ matrix)


def cosine_neighbours(unit: sparse.csr_array, rows: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The ``k`` rows of ``unit`` (n, m) most similar to each of ``rows``, those with positive cosine only.

    Gives flat arrays (row, neighbour, cosine), best first within a row, equal cosines by neighbour. No user is
    their own neighbour. At most a block of rows x n cosines is held.
    """
    transposed = sparse.csr_array(unit.T)
    step = block_length(unit.shape[0])
    blocks = []
    for start in range(0, len(rows), step):
        asked = rows[start : start + step]
        cosines = (unit[asked] @ transposed).toarray()
        cosines[np.arange(len(asked)), asked] = 0
        row, neighbour = best_columns(cosines, k, above=0.0)
        blocks.append((asked[row], neighbour, cosines[row, neighbour]))
    if not blocks:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    return tuple(np.concatenate(parts) for parts in zip(*blocks, strict=True))
