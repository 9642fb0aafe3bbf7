import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duckmark.kernels.metrics import ranking_quality


def naive(hits: list[int], relevant: int, k: int) -> tuple[float, float]:
    gain = sum(hit / math.log2(place + 2) for place, hit in enumerate(hits))
    best = sum(1 / math.log2(place + 2) for place in range(min(relevant, k)))
    return sum(hits) / relevant, gain / best


@pytest.mark.parametrize(
    ("hits", "relevant", "recall", "ndcg"),
    [
        ([1, 1, 0], 2, 1, 1),
        ([0, 0, 0], 4, 0, 0),
        ([0, 1, 0], 1, 1, 1 / math.log2(3)),
        ([1, 0, 0], 2, 0.5, 1 / (1 + 1 / math.log2(3))),
        ([1, 1, 1], 30, 0.1, 1),  # all that fits into the list
    ],
)
def test_by_hand(hits, relevant, recall, ndcg):
    found = ranking_quality(np.array([hits]), np.array([relevant]), 3)
    assert found["recall"].tolist() == [pytest.approx(recall)]
    assert found["ndcg"].tolist() == [pytest.approx(ndcg)]


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.lists(st.integers(0, 1), min_size=4, max_size=4), st.integers(0, 6)), max_size=6))
def test_equals_the_formulas(users):
    hits = np.array([row for row, _ in users], int).reshape(-1, 4)
    relevant = hits.sum(axis=1) + np.array([more + 1 for _, more in users], int)
    found = ranking_quality(hits, relevant, 4)
    for i, (row, _) in enumerate(users):
        assert (found["recall"][i], found["ndcg"][i]) == pytest.approx(naive(row, int(relevant[i]), 4))
