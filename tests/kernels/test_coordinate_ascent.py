"""Coordinate ascent on lists whose right order is known."""

import numpy as np
import pytest

from duckmark.kernels.coordinate_ascent import coordinate_ascent, padded_candidates
from duckmark.kernels.metrics import aim

USERS, PRODUCTS = 30, 60
RANDOM = np.random.default_rng(3)
X = RANDOM.normal(size=(USERS * PRODUCTS, 4))
X[:, 3] = np.repeat(RANDOM.normal(size=USERS), PRODUCTS)  # the same for all products of a user
USER = np.repeat(np.arange(USERS), PRODUCTS)
WORTH = 2 * X[:, 0] - X[:, 1] + 0.3 * RANDOM.normal(size=len(X))
TAKEN = np.quantile(WORTH, 0.9) < WORTH
RELEVANT = np.maximum(1, np.bincount(USER[TAKEN], minlength=USERS))


@pytest.fixture
def candidates():
    return padded_candidates(X, TAKEN, USER, RELEVANT)


def naive(scores):
    """Sort each user's products, and look at the first twenty."""
    hits = [TAKEN[user == USER][np.argsort(-scores[user == USER], kind="stable")[:20]] for user in range(USERS)]
    return aim(np.array(hits), RELEVANT).mean()


@pytest.mark.parametrize("weights", [[1.0, 0, 0, 0], [0.2, -1.0, 0.5, 3.0]])
def test_quality_is_that_of_lists_sorted_one_by_one(candidates, weights):
    weights = np.array(weights)
    assert candidates.quality(candidates.scores(weights)) == pytest.approx(naive(X.astype(np.float32) @ weights))


def test_what_counts_is_found_and_what_tells_nothing_apart_is_left_alone(candidates):
    start = np.array([0.0, 0.0, 1.0, 0.7])
    found = coordinate_ascent(candidates, start)
    assert naive(X @ found) > 0.95 * naive(2 * X[:, 0] - X[:, 1]) > 2 * naive(X @ start)
    assert found[0] > -found[1] > abs(found[2])
    assert found[3] == 0.7


def test_it_ends_where_it_started_if_nothing_is_better(candidates):
    best = coordinate_ascent(candidates, np.array([2.0, -1.0, 0.0, 0.0]))
    again = coordinate_ascent(candidates, best)
    assert candidates.quality(candidates.scores(again)) >= candidates.quality(candidates.scores(best))


def test_fewer_products_than_places():
    few = padded_candidates(X[:6, :2], TAKEN[:6] | True, np.array([0, 0, 0, 1, 1, 1]), np.array([3, 3]))
    assert few.quality(few.scores(np.array([1.0, 0.0]))) == pytest.approx(1)


@pytest.mark.parametrize("hardly", [X[:, 0] * 1e-30, 1 + 6e-8 * (X[:, 0] > 0)])
def test_what_differs_by_next_to_nothing_is_left_alone(hardly):
    """A step by its spread would be endless."""
    found = coordinate_ascent(
        padded_candidates(np.column_stack((X[:, :2], hardly)), TAKEN, USER, RELEVANT), np.array([1.0, 0.0, 0.5])
    )
    assert found[2] == 0.5
    assert naive(X[:, :2] @ found[:2]) > naive(X[:, 0])
