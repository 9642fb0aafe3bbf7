import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duckmark.kernels.ranking import best_columns, block_length


def naive(scores: list[list[float]], k: int, above: float = -np.inf) -> list[tuple[int, int]]:
    return [
        (row, column)
        for row, values in enumerate(scores)
        for column in sorted((c for c, v in enumerate(values) if v > above), key=lambda c: (-values[c], c))[:k]
    ]


def kernel(scores: list[list[float]], k: int, **given: float) -> list[tuple[int, int]]:
    rows, columns = best_columns(np.array(scores, float), k, **given)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def test_by_hand():
    assert kernel([[1, 3, 2], [5, 5, 4]], 2) == [(0, 1), (0, 2), (1, 0), (1, 1)]
    assert kernel([[0, 2, 0, 1]], 3, above=0.0) == [(0, 1), (0, 3)]


def test_what_is_ruled_out_never_comes_back():
    assert kernel([[-np.inf, 1, -np.inf]], 3) == [(0, 1)]
    assert kernel([[-np.inf] * 4, [0, -np.inf, 0, 1]], 2) == [(1, 3), (1, 0)]


@pytest.mark.parametrize("shape", [(0, 4), (3, 0), (0, 0)])
def test_empty(shape):
    rows, columns = best_columns(np.zeros(shape), 2)
    assert len(rows) == len(columns) == 0


@settings(max_examples=150)
@given(
    st.integers(1, 6).flatmap(lambda m: st.lists(st.lists(st.integers(-2, 2), min_size=m, max_size=m), min_size=1)),
    st.integers(1, 7),
    st.sampled_from([-np.inf, 0.0]),
)
def test_equals_a_full_sort_with_many_ties(scores, k, above):
    assert kernel(scores, k, above=above) == naive(scores, k, above)


@pytest.mark.parametrize("k", [1, 3, 20, 101])
@pytest.mark.parametrize("levels", [2, 30, 10**6])
@pytest.mark.parametrize("above", [-np.inf, 0.0])
def test_equals_a_full_sort_of_long_rows(k, levels, above):
    """Long enough for maxima to be taken first, with many ties and with none."""
    random = np.random.default_rng(levels)
    scores = random.integers(-levels, levels, (7, 203)) * (random.random((7, 203)) < 0.4)
    scores[2] = 0
    assert kernel(scores.tolist(), k, above=above) == naive(scores.tolist(), k, above)


@pytest.mark.parametrize(("columns", "cells", "rows"), [(10, 100, 10), (1000, 100, 1), (0, 100, 100), (7, 50, 7)])
def test_a_block_holds_at_least_one_row(columns, cells, rows):
    assert block_length(columns, cells) == rows
