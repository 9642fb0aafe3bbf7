from itertools import pairwise

import numpy as np
import pytest

from duckmark.kernels import nearest as module
from duckmark.kernels.nearest import top_k
from duckmark.kernels.profiles import unit_rows

RANDOM = np.random.default_rng(11)
ITEMS = unit_rows(RANDOM.normal(size=(40, 8)).astype(np.float32))
QUERIES = unit_rows(RANDOM.normal(size=(9, 8)).astype(np.float32))


def naive(queries: np.ndarray, items: np.ndarray, k: int) -> list[list[tuple[int, float]]]:
    scores = queries.astype(np.float64) @ items.astype(np.float64).T
    return [sorted(enumerate(row), key=lambda item: (-item[1], item[0]))[:k] for row in scores.tolist()]


def kernel(queries: np.ndarray, items: np.ndarray, k: int) -> list[list[tuple[int, float]]]:
    rows, scores, offsets = top_k(queries, items, k)
    flat = list(zip(rows.tolist(), scores.tolist(), strict=True))
    return [flat[start:end] for start, end in pairwise(offsets)]


@pytest.mark.parametrize("block", [1, 50, 100, 1 << 24])
@pytest.mark.parametrize("k", [1, 5, 40, 99])
def test_blocks_of_any_size_equal_a_full_sort(monkeypatch, block, k):
    monkeypatch.setattr(module, "BLOCK", block)
    for found, expected in zip(kernel(QUERIES, ITEMS, k), naive(QUERIES, ITEMS, k), strict=True):
        assert [row for row, _ in found] == [row for row, _ in expected]
        assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=1e-12)


def test_equal_scores_come_in_the_order_of_the_rows():
    items = ITEMS[[3, 1, 3, 3, 1, 2]]
    found = kernel(ITEMS[[3]], items, 2)[0]
    assert [row for row, _ in found] == [0, 2]
    assert [row for row, _ in kernel(ITEMS[[3]], items, 4)[0]][:3] == [0, 2, 3]


def test_candidates_that_float32_cannot_tell_apart_are_ranked_by_float64():
    query = unit_rows(np.ones((1, 64), np.float32))
    noise = RANDOM.normal(size=(200, 64)) * 1e-4
    items = unit_rows((np.ones(64) + noise).astype(np.float32))
    assert [row for row, _ in kernel(query, items, 10)[0]] == [row for row, _ in naive(query, items, 10)[0]]


@pytest.mark.parametrize(("queries", "items", "k"), [(0, 40, 3), (9, 0, 3), (9, 40, 0), (0, 0, 3)])
def test_nothing_asked_or_nothing_there(queries, items, k):
    assert kernel(QUERIES[:queries], ITEMS[:items], k) == [[]] * queries
