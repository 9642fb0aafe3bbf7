import numpy as np
import pytest

from duckmark.kernels import ease as module
from duckmark.kernels.ease import TooManyItems, ease, largest
from tests.kernels.matrices import DENSE, PREFERENCES, WAYS, best_of_columns, take


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    take(monkeypatch, request.param)
    monkeypatch.setattr(module, "block_length", lambda *sizes: 4)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(("dtype", "error"), [(np.float32, 1e-5), (np.float64, 1e-12)])
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_one_ridge_regression_an_item(dtype, error, dropout):
    ridge = 2.0 + dropout / (1 - dropout) * (DENSE**2).sum(axis=0)
    expected = np.zeros((9, 9))
    for j in range(9):
        rest = np.delete(np.arange(9), j)
        x = DENSE[:, rest]
        expected[rest, j] = np.linalg.solve(x.T @ x + np.diag(ridge[rest]), x.T @ DENSE[:, j])
    assert ease(PREFERENCES, 2.0, dropout, dtype) == pytest.approx(expected, abs=error)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("k", [1, 4, 50])
def test_the_largest_of_each_column_whatever_their_sign(k):
    weights = ease(PREFERENCES, 2.0)
    assert np.array_equal(largest(weights, k).toarray(), best_of_columns(weights, k))


def test_twice_the_preference_needs_four_times_the_regularisation():
    assert ease(2 * PREFERENCES, 8.0) == pytest.approx(ease(PREFERENCES, 2.0), abs=1e-6)


def test_beyond_the_limit(monkeypatch):
    monkeypatch.setattr(module, "MOST_ITEMS", 8)
    with pytest.raises(TooManyItems, match="9 items, at most 8"):
        ease(PREFERENCES, 1.0)


def test_no_regularisation_where_an_item_is_empty():
    with pytest.raises(np.linalg.LinAlgError, match="raise the regularisation"):
        ease(PREFERENCES, 0.0)
