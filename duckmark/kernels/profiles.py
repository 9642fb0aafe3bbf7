"""TF-IDF-weighted combinations of word vectors."""

from __future__ import annotations

import numpy as np

from duckmark.kernels.segments import segment_sums

ROWS_AT_ONCE = 1 << 16  # a gathered block of 65,536 x 64 floats is 16 MiB


def unit_rows(matrix: np.ndarray) -> np.ndarray:
    """``matrix`` (n, d) with rows of length one, in float32; rows of zeros stay zero."""
    lengths = np.sqrt(np.einsum("ij,ij->i", matrix, matrix, dtype=np.float64))
    return (matrix / np.where(lengths > 0, lengths, 1)[:, None]).astype(np.float32)


def profiles(terms: np.ndarray, weights: np.ndarray, offsets: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Unit vectors of n lists of terms, float32 (n, d).

    ``terms``: row of each flat term in ``vectors`` (v, d), -1 where unknown; ``weights``: tf x idf of each
    (m,); ``offsets``: (n + 1,). A list without a known term gives zeros.
    """
    sums = np.zeros((len(offsets) - 1, vectors.shape[1]))
    row = 0
    while row < len(sums):
        end = max(row + 1, int(np.searchsorted(offsets, offsets[row] + ROWS_AT_ONCE, "right")) - 1)
        flat = slice(offsets[row], offsets[end])
        known = np.where(terms[flat] >= 0, weights[flat], 0.0)
        weighted = np.take(vectors, terms[flat], axis=0, mode="clip") * known[:, None]
        sums[row:end] = segment_sums(weighted, offsets[row : end + 1] - offsets[row])
        row = end
    return unit_rows(sums)
