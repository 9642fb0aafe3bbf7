import numpy as np
import pytest
from scipy import sparse

from duckmark.kernels import sparse_product as module
from tests.kernels.matrices import PREFERENCES


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("changed", [{}, {"csr_todense": None}, {"TERMS": 5}])
def test_products_are_added_to_what_is_there(monkeypatch, dtype, changed):
    for name, value in changed.items():
        monkeypatch.setattr(module, name, value)
    left, right = PREFERENCES.astype(dtype), sparse.csr_array(PREFERENCES.T, dtype=dtype)
    block = np.full((7, 11), 0.5, dtype)
    module.add_product(block, left[2:9], right[:, 7:18])
    assert np.array_equal(block, 0.5 + (left[2:9] @ right[:, 7:18]).toarray())
    module.add_product(block[:0], left[:0], right[:, 7:18])


@pytest.mark.parametrize("changed", [{}, {"csr_matmat": None}])
def test_a_sparse_product_is_that_of_scipy(monkeypatch, changed):
    for name, value in changed.items():
        monkeypatch.setattr(module, name, value)
    left, right = PREFERENCES[2:9] * 1j, sparse.csr_array(PREFERENCES.T, dtype=complex)
    assert np.array_equal(module.sparse_product(left, right).toarray(), (left @ right).toarray())
