import numpy as np
import pytest

from duckmark.kernels.item_neighbours import item_neighbours
from tests.kernels.matrices import DENSE, PREFERENCES, WAYS, best_of_columns, off_diagonal, take


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("k", [1, 3, 50])
@pytest.mark.parametrize(("shrinkage", "asymmetry"), [(0.0, 0.5), (10.0, 0.5), (0.0, 0.3)])
@pytest.mark.parametrize("of_source", [False, True])
def test_the_dense_cosine(monkeypatch, way, k, shrinkage, asymmetry, of_source):
    take(monkeypatch, way)
    lengths = np.linalg.norm(DENSE, axis=0)
    scale = np.outer(lengths ** (2 * asymmetry), lengths ** (2 - 2 * asymmetry)) + shrinkage
    dots = DENSE.T @ DENSE
    cosines = off_diagonal(np.divide(dots, scale, out=np.zeros_like(dots), where=scale > 0))
    asked = PREFERENCES, k, shrinkage, asymmetry
    found = item_neighbours(*asked, dtype=np.float64, of_source=of_source).toarray()
    if k == 50:
        assert found == pytest.approx(cosines)
    best = best_of_columns(cosines.T, k).T if of_source else best_of_columns(cosines, k)
    lists = int(of_source)  # the axis along which one lies
    assert np.sort(found, axis=lists) == pytest.approx(np.sort(best, axis=lists))
    assert item_neighbours(*asked, of_source=of_source).toarray() == pytest.approx(found, abs=1e-6)


def test_dot_products():
    found = item_neighbours(PREFERENCES, 50, unit=False).toarray()
    assert np.array_equal(found, off_diagonal(DENSE.T @ DENSE))


def test_an_item_disliked_by_who_likes_another_is_not_like_it():
    opposed = PREFERENCES.copy()
    opposed.data[opposed.indices == 0] *= -1
    found = item_neighbours(opposed, 50).toarray()
    assert not found[0].any()
    assert not found[:, 0].any()
