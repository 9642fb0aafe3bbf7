import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duckmark.kernels.metrics import bootstrap_intervals, diversity, novelty, ranking_quality

MEASURES = ("precision", "recall", "hit_rate", "mrr", "map", "ndcg")


def naive(hits: list[int], relevant: int) -> dict[str, float]:
    """Each measure from its textbook formula."""
    k, places = len(hits), [place for place, hit in enumerate(hits, 1) if hit]
    gain = sum(1 / math.log2(place + 1) for place in places)
    best = sum(1 / math.log2(place + 1) for place in range(1, min(relevant, k) + 1))
    return {
        "precision": len(places) / k,
        "recall": len(places) / relevant,
        "hit_rate": float(bool(places)),
        "mrr": 1 / places[0] if places else 0,
        "map": sum(sum(hits[:place]) / place for place in places) / min(relevant, k),
        "ndcg": gain / best,
    }


@pytest.mark.parametrize(
    ("hits", "relevant", "expected"),
    [
        ([1, 1, 0], 2, (2 / 3, 1, 1, 1, 1, 1)),
        ([0, 0, 0], 4, (0, 0, 0, 0, 0, 0)),
        ([0, 1, 0], 1, (1 / 3, 1, 1, 1 / 2, 1 / 2, 1 / math.log2(3))),
        ([1, 0, 1], 4, (2 / 3, 1 / 2, 1, 1, (1 + 2 / 3) / 3, 1.5 / (1.5 + 1 / math.log2(3)))),
        ([1, 1, 1], 30, (1, 1 / 10, 1, 1, 1, 1)),  # all that fits into the list
    ],
)
def test_by_hand(hits, relevant, expected):
    found = ranking_quality(np.array([hits]), np.array([relevant]))
    assert [found[name][0] for name in MEASURES] == pytest.approx(expected)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.lists(st.integers(0, 1), min_size=4, max_size=4), st.integers(0, 6)), max_size=6))
def test_equals_the_formulas(users):
    hits = np.array([row for row, _ in users], int).reshape(-1, 4)
    relevant = hits.sum(axis=1) + np.array([more + 1 for _, more in users], int)
    found = ranking_quality(hits, relevant)
    for i, (row, _) in enumerate(users):
        assert {name: found[name][i] for name in MEASURES} == pytest.approx(naive(row, int(relevant[i])))


def test_an_interval_holds_the_mean_and_narrows_with_more_users():
    few = np.random.default_rng(0).random((30, 2))
    low, high = bootstrap_intervals(few, seed=1)
    assert (low < few.mean(axis=0)).all()
    assert (few.mean(axis=0) < high).all()
    narrow_low, narrow_high = bootstrap_intervals(np.tile(few, (100, 1)), seed=1)
    assert (narrow_high - narrow_low < (high - low) / 5).all()
    assert np.array_equal(bootstrap_intervals(few, seed=1), (low, high))


def test_columns_do_not_change_one_another_and_the_unknown_counts_as_nobody():
    values = np.random.default_rng(1).random((40, 3))
    alone = np.array(bootstrap_intervals(values[:, :1], seed=2))
    assert np.array(bootstrap_intervals(values, seed=2))[:, :1] == pytest.approx(alone)
    values[5:, 0] = np.nan
    low, high = bootstrap_intervals(values, seed=2)
    assert values[:5, 0].min() <= low[0] < high[0] <= values[:5, 0].max()


def test_of_what_nobody_has_no_interval_is_known():
    low, high = bootstrap_intervals(np.array([[1.0, np.nan], [1.0, np.nan]]), seed=1)
    assert np.array_equal([low, high], [[1, np.nan], [1, np.nan]], equal_nan=True)


def test_an_interval_of_sums_over_users_is_one_of_means_over_what_they_are_sums_of():
    values, counts = np.random.default_rng(0).random((30, 1)), np.full(30, 4)
    sums, means = bootstrap_intervals(4 * values, seed=1, counts=counts), bootstrap_intervals(values, seed=1)
    assert np.array(sums) == pytest.approx(np.array(means))
    uneven = bootstrap_intervals(np.array([[9.0], [0.0]]), seed=1, counts=np.array([9, 1]))
    assert (uneven[0][0], uneven[1][0]) == (0, 1)  # twice the first, or twice the second


def test_an_interval_covers_the_true_mean_about_as_often_as_it_says():
    generator = np.random.default_rng(7)
    intervals = [bootstrap_intervals(generator.normal(0.5, 0.2, (60, 1)), seed) for seed in range(100)]
    assert 85 <= sum(low[0] <= 0.5 <= high[0] for low, high in intervals) <= 100


def test_novelty_is_the_information_in_being_owned():
    assert novelty(np.array([0, 1, 2]), np.array([8, 2, 0]), 8).tolist() == [0, 2, 3]


def test_diversity_equals_all_pairs():
    generator = np.random.default_rng(3)
    vectors = generator.normal(size=(9, 4))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    lists, products = np.array([0, 0, 0, 2, 2, 3]), np.array([1, 4, 7, 0, 8, 5])
    found = diversity(lists, products, vectors, 4)
    for number in (0, 2):
        pairs = combinations(products[lists == number], 2)
        assert found[number] == pytest.approx(1 - np.mean([vectors[a] @ vectors[b] for a, b in pairs]))
    assert np.isnan(found[[1, 3]]).all()  # no pair in a list of none or one


def test_a_list_of_one_has_no_diversity_however_its_length_is_rounded():
    vectors = np.random.default_rng(3).normal(size=(200, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert np.isnan(diversity(np.arange(200), np.arange(200), vectors, 200)).all()


def test_diversity_without_vectors_is_unknown():
    assert np.isnan(diversity(np.array([0, 0]), np.array([0, 1]), np.zeros((2, 0)), 1)).all()
