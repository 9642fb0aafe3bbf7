import numpy as np
from scipy import sparse

from duckmark.kernels.pattern import with_data


def test_other_values_stand_in_the_same_places():
    matrix = sparse.csr_array(np.array([[0.0, 2.0, 3.0], [0.0, 0.0, 0.0], [4.0, 0.0, 0.0]]))
    other = with_data(matrix, np.array([5, 0, 7]))
    assert other.toarray().tolist() == [[0, 5, 0], [0, 0, 0], [7, 0, 0]]
    assert other.nnz == 3  # a zero is stored like any other
    assert matrix.data.tolist() == [2, 3, 4]
