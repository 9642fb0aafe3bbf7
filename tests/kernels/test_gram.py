import numpy as np
import pytest
from scipy import sparse

from duckmark.kernels import gram as module
from duckmark.kernels.gram import gram
from tests.kernels.matrices import PREFERENCES


@pytest.mark.parametrize("heavy", [0.0, 0.2, 0.4, 1.0])
@pytest.mark.parametrize("cells", [0, 40, 10**6])
def test_heavy_and_light_columns_add_up(monkeypatch, heavy, cells):
    monkeypatch.setattr(module, "HEAVY", heavy)
    monkeypatch.setattr(module, "DENSE_CELLS", cells)
    made, whole = gram(PREFERENCES), (PREFERENCES @ PREFERENCES.T).toarray()
    assert made.heavy.size <= cells
    assert np.array_equal(made.dots(slice(0, 18)), whole)
    assert np.array_equal(made.dots(np.array([5, 0, 5])), whole[[5, 0, 5]])
    assert np.array_equal(made.square(), whole)
    assert np.array_equal(made.square(slice(2, 9)), whole[2:9, 2:9])
    assert np.array_equal(made.between(slice(2, 9), slice(7, 18))(slice(1, 3)), whole[3:5, 7:18])


def test_thin_products_are_stored_ones(monkeypatch):
    monkeypatch.setattr(module, "FEW", np.inf)
    made = gram(PREFERENCES)
    assert made.is_thin
    assert np.array_equal(made.stored(slice(2, 9)).toarray(), (PREFERENCES @ PREFERENCES.T).toarray()[2:9])


def test_few_shared_columns_are_multiplied_sparsely():
    assert gram(sparse.csr_array(np.eye(9))).is_thin
    assert not gram(sparse.csr_array(np.ones((9, 2)))).is_thin
    assert not gram(sparse.csr_array(np.eye(9) + np.eye(9)[::-1] + np.roll(np.eye(9), 1))).is_thin
