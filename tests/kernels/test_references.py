"""Neighbours among some of the users: all of them as references are the neighbours of everyone."""

import numpy as np
import pytest
from scipy import sparse

from duckmark.kernels.neighbours import cosine_neighbours, on_grid
from duckmark.kernels.references import nearest_references


def preferences(seed: int = 5) -> sparse.csr_array:
    """60 users of 30 products; the first product is everybody's, most are few people's."""
    random = np.random.default_rng(seed)
    values = random.integers(-3, 6, (60, 30)) * (random.random((60, 30)) < np.linspace(1, 0.02, 30))
    return on_grid(sparse.csr_array(values.astype(float)))


@pytest.mark.parametrize("shrinkage", [0.0, 3.0])
def test_with_everyone_as_a_reference_they_are_the_neighbours(shrinkage):
    matrix, rows = preferences(), np.array([0, 7, 31])
    *mine, cosine = nearest_references(matrix, rows, np.arange(60), 8, shrinkage)
    *theirs, expected = cosine_neighbours(matrix, rows, 8, shrinkage)
    np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_allclose(cosine, expected, rtol=1e-6)


def test_of_some_references_the_nearest_by_the_plainest_loop():
    matrix, references = preferences(), np.array([2, 3, 11, 25, 26, 59])
    dense = matrix.toarray()
    row, reference, cosine = nearest_references(matrix, np.arange(60), references, 3)
    for user in range(60):
        similar = {
            int(other): dense[user] @ dense[other] / (np.linalg.norm(dense[user]) * np.linalg.norm(dense[other]))
            for other in references
            if other != user
        }
        best = sorted((other for other in similar if similar[other] > 0), key=lambda other: (-similar[other], other))
        assert reference[row == user].tolist() == best[:3]
        np.testing.assert_allclose(cosine[row == user], [similar[other] for other in best[:3]])
