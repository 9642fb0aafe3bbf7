"""Small matrices of preferences with every awkward row and column, and naive answers about them."""

import numpy as np
import pytest
from scipy import sparse

from duckmark.kernels import blocks, gram, similarity

_RANDOM = np.random.default_rng(6)
DENSE = _RANDOM.integers(1, 5, (18, 9)) * (_RANDOM.random((18, 9)) < 0.4) * 1.0
DENSE[3] = 0  # a user of no events
DENSE[4] = 1  # one who has all items that anyone has
DENSE[:, 7] = 0  # an item nobody took
PREFERENCES = sparse.csr_array(DENSE)


def off_diagonal(weights: np.ndarray) -> np.ndarray:
    return weights * (1 - np.eye(len(weights)))


def best_of_columns(weights: np.ndarray, k: int) -> np.ndarray:
    """Only the ``k`` weights of largest size in each column, the first of equal ones."""
    kept = np.zeros_like(weights)
    for j in range(weights.shape[1]):
        for i in sorted(range(len(weights)), key=lambda i: (-abs(weights[i, j]), i))[:k]:
            kept[i, j] = weights[i, j]
    return kept


# The ways to one answer, from all columns dense to all sparse: (FEW, HEAVY, MOST_BYTES, rows of a block, MOST_STRIPES).
WAYS = {
    "dense": (0.0, 0.0, 0, 4, 0),
    "mixed": (0.0, 0.3, 0, 1, 0),
    "mixed, in stripes": (0.0, 0.3, 300, 2, 99),
    "stripes of a row": (0.0, 0.3, 0, 2, 99),
    "mixed, at once": (0.0, 0.3, 10**6, 100, 1),
    "at once": (0.0, 0.4, 10**6, 2, 1),
    "light": (0.0, 1.0, 0, 5, 0),
    "stored": (np.inf, 0.3, 10**6, 4, 1),
}


def take(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """Have similarities computed in one of the WAYS."""
    few, heavy, most_bytes, rows, most_stripes = WAYS[way]
    monkeypatch.setattr(gram, "FEW", few)
    monkeypatch.setattr(gram, "HEAVY", heavy)
    monkeypatch.setattr(similarity, "MOST_BYTES", most_bytes)
    monkeypatch.setattr(similarity, "MOST_STRIPES", most_stripes)
    monkeypatch.setattr(blocks, "block_length", lambda *sizes: rows)
