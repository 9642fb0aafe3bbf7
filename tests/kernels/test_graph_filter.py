import numpy as np
import pytest
from scipy import sparse

from duckmark.kernels import blocks
from duckmark.kernels import graph_filter as module
from duckmark.kernels.graph_filter import graph_filter, singular_vectors
from tests.kernels.matrices import DENSE, PREFERENCES, best_of_columns, off_diagonal


@pytest.mark.parametrize("rows_at_once", [1, 4, 100])
@pytest.mark.parametrize("k", [2, 50])
@pytest.mark.parametrize("ideal", [0.0, 0.3])
def test_of_full_rank_equals_the_dense_formula(monkeypatch, rows_at_once, k, ideal):
    for each in (blocks, module):
        monkeypatch.setattr(each, "block_length", lambda *sizes: rows_at_once)
    by_user, by_item = np.maximum(DENSE.sum(axis=1), 1), np.where(DENSE.any(axis=0), DENSE.sum(axis=0), 1)
    graph = DENSE / np.sqrt(by_user)[:, None] / np.sqrt(by_item)
    vectors = np.linalg.svd(graph)[2][:8]
    smooth = np.diag(by_item**-0.5) @ vectors.T @ vectors @ np.diag(by_item**0.5)
    expected = np.maximum(off_diagonal(graph.T @ graph + ideal * smooth), 0)
    found = graph_filter(PREFERENCES, k, 8, ideal).toarray()
    assert np.sort(found, axis=0) == pytest.approx(np.sort(best_of_columns(expected, k), axis=0), abs=1e-9)


def test_directions_beyond_the_rank_of_the_matrix_add_nothing():
    """Sixty customers who each bought one of 25 sets: any further direction would be a random one."""
    random = np.random.default_rng(0)
    sets = np.array([random.permutation(120) < 6 for _ in range(25)])
    bought = sets[random.integers(0, 25, 60)].astype(float)
    bought = bought[:, bought.any(axis=0)]
    graph = bought / np.sqrt(bought.sum(axis=1))[:, None] / np.sqrt(bought.sum(axis=0))
    vectors = np.linalg.svd(graph)[2][: np.linalg.matrix_rank(bought)]
    by_item = bought.sum(axis=0)
    smooth = np.diag(by_item**-0.5) @ vectors.T @ vectors @ np.diag(by_item**0.5)
    expected = off_diagonal(graph.T @ graph + 0.3 * smooth)
    for seed in (0, 1):
        found = graph_filter(sparse.csr_array(bought), len(by_item), 256, 0.3, seed).toarray()
        assert found == pytest.approx(np.maximum(expected, 0), abs=1e-9)
        assert not found[expected < 1e-9].any()


@pytest.mark.parametrize("rank", [1, 5, 20])
def test_the_first_singular_vectors_of_a_matrix_whose_values_fall(rank):
    """More columns than are sampled, so that the sampling has something to miss."""
    random = np.random.default_rng(3)
    left, right = (np.linalg.qr(random.standard_normal((n, 40)))[0] for n in (90, 60))
    matrix = left * 0.8 ** np.arange(40) @ right.T
    found = singular_vectors(sparse.csr_array(matrix), rank)
    assert found.T @ found == pytest.approx(np.eye(rank), abs=1e-12)
    assert np.abs(np.sum(found * right[:, :rank], axis=0)) == pytest.approx(np.ones(rank), abs=1e-4)
