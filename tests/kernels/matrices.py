"""Small matrices of preferences with every awkward row and column, and naive answers about them."""

import numpy as np
from scipy import sparse

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
