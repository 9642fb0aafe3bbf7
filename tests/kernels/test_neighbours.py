import numpy as np
import pytest
from scipy import sparse

from duckmark.kernels import neighbours as module
from duckmark.kernels.neighbours import cosine_neighbours, unit_preferences

RANDOM = np.random.default_rng(2)
DENSE = RANDOM.integers(-2, 6, (12, 7)) * (RANDOM.random((12, 7)) < 0.5)
DENSE[4] = 0
DENSE[9] = DENSE[2]  # a tie for everyone


def unit(dense: np.ndarray) -> sparse.csr_array:
    rows, columns = np.nonzero(dense)
    return unit_preferences(rows, columns, dense[rows, columns], dense.shape)


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
    return list(zip(*(a.tolist() for a in cosine_neighbours(unit(dense), np.array(asked, int), k)), strict=True))


def test_rows_of_length_one():
    lengths = np.linalg.norm(unit(DENSE).toarray(), axis=1)
    assert lengths == pytest.approx([0 if i == 4 else 1 for i in range(12)])


def test_by_hand():
    found = kernel(np.array([[3, 4, 0], [4, 3, 0], [0, 0, 2], [-3, -4, 0]]), [0, 1, 2, 3], 5)
    assert found == [(0, 1, pytest.approx(0.96)), (1, 0, pytest.approx(0.96))]


@pytest.mark.parametrize("rows_at_once", [1, 2, 5, 100])
@pytest.mark.parametrize("k", [1, 3, 50])
def test_blocks_of_any_size_equal_the_loop(monkeypatch, rows_at_once, k):
    monkeypatch.setattr(module, "block_length", lambda columns: rows_at_once)
    asked = list(range(12))
    found, expected = kernel(DENSE, asked, k), naive(DENSE, asked, k)
    assert [cosine for _, _, cosine in found] == pytest.approx([cosine for _, _, cosine in expected])
    if k == 50:
        assert {pair[:2] for pair in found} == {pair[:2] for pair in expected}


def test_some_rows_give_what_all_rows_give_for_them():
    everyone = kernel(DENSE, list(range(12)), 4)
    assert kernel(DENSE, [7, 0], 4) == [p for i in (7, 0) for p in everyone if p[0] == i]


def test_equal_cosines_by_neighbour():
    found = kernel(np.array([[1, 0], [5, 0], [2, 0], [3, 0]]), [1], 2)
    assert found == [(1, 0, 1.0), (1, 2, 1.0)]


@pytest.mark.parametrize(("dense", "asked"), [(DENSE, []), (DENSE[:1], [0]), (DENSE, [4]), (np.zeros((3, 2)), [0, 1])])
def test_nobody_alike(dense, asked):
    assert kernel(dense, asked, 3) == []
