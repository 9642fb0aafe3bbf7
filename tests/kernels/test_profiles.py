import numpy as np
import pytest

from duckmark.kernels.profiles import profiles, unit_rows

VECTORS = np.random.default_rng(3).normal(size=(6, 4)).astype(np.float32)


def naive(rows: list[list[tuple[int, float]]]) -> np.ndarray:
    found = np.zeros((len(rows), VECTORS.shape[1]))
    for i, row in enumerate(rows):
        for term, weight in row:
            if term >= 0:
                found[i] += weight * VECTORS[term].astype(float)
        length = np.linalg.norm(found[i])
        found[i] /= length or 1
    return found


def kernel(rows: list[list[tuple[int, float]]], vectors: np.ndarray = VECTORS) -> np.ndarray:
    terms = np.array([term for row in rows for term, _ in row], np.int64)
    weights = np.array([weight for row in rows for _, weight in row], float)
    return profiles(terms, weights, np.cumsum([0, *map(len, rows)]), vectors)


def test_unit_rows():
    rows = unit_rows(np.array([[3, 4], [0, 0], [-2, 0]], np.float32))
    assert rows.dtype == np.float32
    assert rows.tolist() == [[np.float32(0.6), np.float32(0.8)], [0, 0], [-1, 0]]
    assert unit_rows(np.zeros((0, 3), np.float32)).shape == (0, 3)


def test_unit_rows_of_numbers_whose_squares_overflow_float32():
    assert unit_rows(np.array([[3e30, 4e30]], np.float32))[0] == pytest.approx([0.6, 0.8])


def test_lists_of_any_length_equal_the_loop():
    random = np.random.default_rng(5)
    rows = [
        [(int(random.integers(-1, 6)), float(random.integers(-3, 9))) for _ in range(length)]
        for length in (0, 1, 5, 0, 0, 2, 12, 1, 0)
    ]
    found = kernel(rows)
    assert found.dtype == np.float32
    assert found == pytest.approx(naive(rows), abs=1e-6)


def test_nothing_to_combine_gives_zeros():
    assert kernel([]).shape == (0, 4)
    assert not kernel([[], [(-1, 2.0)], [(2, 0.0)], [(2, 1.0), (2, -1.0)]]).any()


def test_an_unknown_term_is_not_the_last_one():
    assert kernel([[(-1, 5.0), (0, 1.0)]]) == pytest.approx(naive([[(0, 1.0)]]), abs=1e-6)
