import numpy as np
import pytest
from scipy import sparse

from duckmark.kernels import item_weights as module
from duckmark.kernels.item_weights import (
    TooManyItems,
    bm25,
    ease,
    item_neighbours,
    largest,
)

RANDOM = np.random.default_rng(6)
DENSE = RANDOM.integers(1, 5, (18, 9)) * (RANDOM.random((18, 9)) < 0.4) * 1.0
DENSE[3] = 0
DENSE[4] = 1
DENSE[:, 7] = 0  # an item nobody took
PREFERENCES = sparse.csr_array(DENSE)


def off_diagonal(weights: np.ndarray) -> np.ndarray:
    return weights * (1 - np.eye(len(weights)))


def best_of_columns(weights: np.ndarray, k: int) -> np.ndarray:
    kept = np.zeros_like(weights)
    for j in range(weights.shape[1]):
        for i in sorted(range(len(weights)), key=lambda i: (-abs(weights[i, j]), i))[:k]:
            kept[i, j] = weights[i, j]
    return kept


@pytest.fixture(params=[1, 2, 4, 100])
def rows_at_once(request, monkeypatch):
    monkeypatch.setattr(module, "block_length", lambda columns: request.param)


@pytest.mark.usefixtures("rows_at_once")
@pytest.mark.parametrize("k", [1, 3, 50])
@pytest.mark.parametrize(("shrinkage", "asymmetry"), [(0.0, 0.5), (10.0, 0.5), (0.0, 0.3)])
def test_neighbours_equal_the_dense_cosine(k, shrinkage, asymmetry):
    lengths = np.linalg.norm(DENSE, axis=0)
    scale = np.outer(lengths ** (2 * asymmetry), lengths ** (2 - 2 * asymmetry)) + shrinkage
    dots = DENSE.T @ DENSE
    cosines = off_diagonal(np.divide(dots, scale, out=np.zeros_like(dots), where=scale > 0))
    found = item_neighbours(PREFERENCES, k, shrinkage, asymmetry).toarray()
    if k == 50:
        assert found == pytest.approx(cosines)
    assert np.sort(found, axis=0) == pytest.approx(np.sort(best_of_columns(cosines, k), axis=0))


def test_dot_products():
    found = item_neighbours(PREFERENCES, 50, unit=False).toarray()
    assert found == pytest.approx(off_diagonal(DENSE.T @ DENSE))


def test_weightings_by_formula():
    taken = (DENSE > 0).sum(axis=1)
    rarity = np.maximum(np.log(9 / (1 + taken)), 0)
    totals = DENSE.sum(axis=0)
    norm = 1 - 0.4 + 0.4 * totals / totals.mean()
    expected = DENSE * 3 / (2 * norm + DENSE) * rarity[:, None]
    assert bm25(PREFERENCES, 2.0, 0.4).toarray() == pytest.approx(expected)


@pytest.mark.usefixtures("rows_at_once")
@pytest.mark.parametrize(("dtype", "error"), [(np.float32, 1e-5), (np.float64, 1e-12)])
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_ease_equals_one_ridge_regression_an_item(dtype, error, dropout):
    ridge = 2.0 + dropout / (1 - dropout) * (DENSE**2).sum(axis=0)
    expected = np.zeros((9, 9))
    for j in range(9):
        rest = np.delete(np.arange(9), j)
        x = DENSE[:, rest]
        expected[rest, j] = np.linalg.solve(x.T @ x + np.diag(ridge[rest]), x.T @ DENSE[:, j])
    assert ease(PREFERENCES, 2.0, dropout, dtype) == pytest.approx(expected, abs=error)


@pytest.mark.usefixtures("rows_at_once")
@pytest.mark.parametrize("k", [1, 4, 50])
def test_the_largest_of_each_column_whatever_their_sign(k):
    weights = ease(PREFERENCES, 2.0)
    assert np.array_equal(largest(weights, k).toarray(), best_of_columns(weights, k))


def test_the_checkerboard_is_completed_by_every_model():
    board = (np.add.outer(np.arange(10), np.arange(10)) % 2).astype(float)
    board[0, 5] = 0
    x = sparse.csr_array(board)
    for weights in (
        item_neighbours(x),
        item_neighbours(bm25(x), unit=False),
        largest(ease(x, 1.0), 100),
        largest(ease(x, 1.0, 0.3), 100),
    ):
        score = (x[[0]] @ weights).toarray()[0]
        score[board[0] > 0] = -np.inf
        assert score.argmax() == 5


def test_beyond_the_limit(monkeypatch):
    monkeypatch.setattr(module, "MOST_ITEMS", 8)
    with pytest.raises(TooManyItems, match="9 items, at most 8"):
        ease(PREFERENCES, 1.0)


def test_no_regularisation_where_an_item_is_empty():
    with pytest.raises(np.linalg.LinAlgError, match="raise the regularisation"):
        ease(PREFERENCES, 0.0)
