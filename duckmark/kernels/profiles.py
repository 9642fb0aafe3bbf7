"""TF-IDF-weighted combinations of word vectors."""

from __future__ import annotations

import numpy as np
from scipy import sparse


def unit_rows(matrix: np.ndarray) -> np.ndarray:
    """``matrix`` (n, d) with rows of length one, in float32; rows of zeros stay zero."""
    lengths = np.sqrt(np.einsum("ij,ij->i", matrix, matrix, dtype=np.float64))
    unit = np.empty(matrix.shape, np.float32)
    return np.divide(matrix, np.where(lengths > 0, lengths, 1)[:, None], out=unit, casting="same_kind")


def profiles(terms: np.ndarray, weights: np.ndarray, offsets: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Unit vectors of n lists of terms, float32 (n, d).

    ``terms``: row of each flat term in ``vectors`` (v, d), -1 where unknown; ``weights``: tf x idf of each
    (m,); ``offsets``: (n + 1,). A list without a known term gives zeros.
    """
    known = np.where(terms >= 0, weights, 0).astype(np.float32)
    lists = sparse.csr_array((known, np.maximum(terms, 0), offsets), shape=(len(offsets) - 1, len(vectors)))
    return unit_rows(lists @ vectors)
