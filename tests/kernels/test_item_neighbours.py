import numpy as np
import pytest

from duckmark.kernels.item_neighbours import item_neighbours
from tests.kernels.matrices import DENSE, PREFERENCES, WAYS, best_of_columns, off_diagonal, take


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("k", [1, 3, 50])
@pytest.mark.parametrize(("shrinkage", "asymmetry"), [(0.0, 0.5), (10.0, 0.5), (0.0, 0.3)])
def test_the_dense_cosine(monkeypatch, way, k, shrinkage, asymmetry):
    take(monkeypatch, way)
    lengths = np.linalg.norm(DENSE, axis=0)
    scale = np.outer(lengths ** (2 * asymmetry), lengths ** (2 - 2 * asymmetry)) + shrinkage
    dots = DENSE.T @ DENSE
    cosines = off_diagonal(np.divide(dots, scale, out=np.zeros_like(dots), where=scale > 0))
    found = item_neighbours(PREFERENCES, k, shrinkage, asymmetry, dtype=np.float64).toarray()
    if k == 50:
        assert found == pytest.approx(cosines)
    assert np.sort(found, axis=0) == pytest.approx(np.sort(best_of_columns(cosines, k), axis=0))
    assert item_neighbours(PREFERENCES, k, shrinkage, asymmetry).toarray() == pytest.approx(found, abs=1e-6)


def test_dot_products():
    found = item_neighbours(PREFERENCES, 50, unit=False).toarray()
    assert np.array_equal(found, off_diagonal(DENSE.T @ DENSE))


def test_an_item_disliked_by_who_likes_another_is_not_like_it():
    opposed = PREFERENCES.copy()
    opposed.data[opposed.indices == 0] *= -1
    found = item_neighbours(opposed, 50).toarray()
    assert not found[0].any()
    assert not found[:, 0].any()
