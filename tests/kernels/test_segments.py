import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duckmark.kernels.segments import segment_cosines, segment_of, segment_sums

RAGGED = st.lists(st.lists(st.integers(-9, 9), max_size=5), max_size=8)


def flat(rows: list[list]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([v for row in rows for v in row], float), np.cumsum([0, *map(len, rows)])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], []),
        ([[]], [0]),
        ([[], [], []], [0, 0, 0]),
        ([[1, 2], [], [3], []], [3, 0, 3, 0]),
        ([[], [4]], [0, 4]),
    ],
)
def test_sums_by_hand(rows, expected):
    assert segment_sums(*flat(rows)).tolist() == expected


@settings(max_examples=100)
@given(RAGGED)
def test_sums_equal_a_loop_in_one_and_two_dimensions(rows):
    values, offsets = flat(rows)
    expected = [sum(row) for row in rows]
    assert segment_sums(values, offsets).tolist() == expected
    pairs = segment_sums(np.column_stack((values, 2 * values)), offsets)
    assert pairs.shape == (len(rows), 2)
    assert pairs.tolist() == [[total, 2 * total] for total in expected]


@settings(max_examples=50)
@given(RAGGED)
def test_the_row_of_each_position(rows):
    assert segment_of(flat(rows)[1]).tolist() == [i for i, row in enumerate(rows) for _ in row]


def test_values_beyond_the_last_offset_do_not_count():
    assert segment_sums(np.array([1.0, 2.0, 100.0]), np.array([0, 1, 2])).tolist() == [1, 2]


@settings(max_examples=100)
@given(st.lists(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), max_size=5), max_size=6))
def test_cosines_equal_the_formula(rows):
    a, offsets = flat([[x for x, _ in row] for row in rows])
    b, _ = flat([[y for _, y in row] for row in rows])
    for cosine, row in zip(segment_cosines(a, b, offsets), rows, strict=True):
        lengths = math.hypot(*(x for x, _ in row)) * math.hypot(*(y for _, y in row))
        if lengths:
            assert cosine == pytest.approx(sum(x * y for x, y in row) / lengths, abs=1e-12)
            assert -1 <= cosine <= 1
        else:
            assert math.isnan(cosine)
