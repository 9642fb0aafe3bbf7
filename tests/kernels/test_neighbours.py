import numpy as np
import pytest
from scipy import sparse

from duckmark.kernels.neighbours import GRID, cosine_neighbours, on_grid
from tests.kernels.matrices import WAYS, take

RANDOM = np.random.default_rng(2)
DENSE = RANDOM.integers(-2, 6, (12, 7)) * (RANDOM.random((12, 7)) < 0.5)
DENSE[4] = 0
DENSE[9] = DENSE[2]  # a tie for everyone


def preferences(dense: np.ndarray) -> sparse.csr_array:
    return on_grid(sparse.csr_array(dense.astype(float)))


def naive(dense: np.ndarray, asked: list[int], k: int) -> list[tuple[int, int, float]]:
    lengths = np.linalg.norm(dense, axis=1, keepdims=True)
    units = dense / np.where(lengths, lengths, 1)
    found = []
    for i in asked:
        cosines = {j: round(float(units[i] @ units[j]), 12) for j in range(len(dense)) if j != i}
        positive = [(j, c) for j, c in cosines.items() if c > 1e-12]
        found += [(i, j, c) for j, c in sorted(positive, key=lambda item: (-item[1], item[0]))[:k]]
    return found


def kernel(dense: np.ndarray, asked: list[int], k: int) -> list[tuple[int, int, float]]:
    return list(zip(*(a.tolist() for a in cosine_neighbours(preferences(dense), np.array(asked, int), k)), strict=True))


def test_by_hand():
    found = kernel(np.array([[3, 4, 0], [4, 3, 0], [0, 0, 2], [-3, -4, 0]]), [0, 1, 2, 3], 5)
    assert found == [(0, 1, pytest.approx(0.96)), (1, 0, pytest.approx(0.96))]


@pytest.mark.parametrize("way", WAYS)
def test_users_whose_ratings_are_in_proportion_tie(monkeypatch, way):
    """Their cosines are the same, but not their quotients: 0.7071067811865475 and ...476."""
    take(monkeypatch, way)
    ratings = np.zeros((40, 5))
    ratings[0, 0] = 1
    ratings[1:6, [0, 2]] = np.arange(1, 6)[:, None]
    ratings[6:, 3] = 1
    assert [neighbour for _, neighbour, _ in kernel(ratings, [0], 9)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("k", [1, 3, 50])
def test_every_way_equals_the_loop(monkeypatch, way, k):
    take(monkeypatch, way)
    asked = list(range(12))
    found, expected = kernel(DENSE, asked, k), naive(DENSE, asked, k)
    assert [cosine for _, _, cosine in found] == pytest.approx([cosine for _, _, cosine in expected])
    if k == 50:
        assert {pair[:2] for pair in found} == {pair[:2] for pair in expected}


def test_the_same_to_the_last_bit_however_it_is_computed(monkeypatch):
    """Ratings with six decimals, as `interactions` has them: a refresh asks for some rows, a build for all."""
    ratings = np.round(RANDOM.uniform(-5, 5, (40, 30)), 6) * (RANDOM.random((40, 30)) < 0.5)
    everyone = kernel(ratings, list(range(40)), 6)
    for way in WAYS:
        take(monkeypatch, way)
        assert kernel(ratings, list(range(40)), 6) == everyone
        assert kernel(ratings, [7, 0, 31], 6) == [p for i in (7, 0, 31) for p in everyone if p[0] == i]


def test_few_different_ratings_tie_to_the_last_bit_in_either_type(monkeypatch):
    """Half stars are compared in float32, and as those of six decimals are."""
    ratings = np.round(RANDOM.uniform(-5, 5, (40, 30)) * 2) / 2 * (RANDOM.random((40, 30)) < 0.5)
    ratings[20:30] = ratings[:10]
    assert preferences(ratings).dtype == np.float32
    finer = ratings.copy()
    finer[39, 0] += GRID
    assert preferences(finer).dtype == np.float64
    exact = [pair for pair in kernel(finer, list(range(40)), 39) if 39 not in pair[:2]]
    for way in WAYS:
        take(monkeypatch, way)
        assert [pair for pair in kernel(ratings, list(range(40)), 39) if 39 not in pair[:2]] == exact


def test_shrinkage_by_hand():
    found = cosine_neighbours(preferences(np.array([[3, 4], [4, 3]])), np.array([0]), 1, shrinkage=25.0)
    assert found[2].tolist() == [24 / 50]


def test_equal_cosines_by_neighbour():
    found = kernel(np.array([[1, 0], [5, 0], [2, 0], [3, 0]]), [1], 2)
    assert found == [(1, 0, 1.0), (1, 2, 1.0)]


@pytest.mark.parametrize(("dense", "asked"), [(DENSE, []), (DENSE[:1], [0]), (DENSE, [4]), (np.zeros((3, 2)), [0, 1])])
def test_nobody_alike(dense, asked):
    assert kernel(dense, asked, 3) == []
