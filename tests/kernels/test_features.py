from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from duckmark.kernels.features import FEATURES, TASTE, features, rows, spread, with_taste
from tests.kernels.evidence import PRODUCTS, USERS, naive_features, random_evidence

EVIDENCE = random_evidence()


def test_every_feature_equals_the_loop():
    blocks = features(EVIDENCE, np.arange(USERS))
    assert tuple(blocks) == FEATURES
    user, product = (place.ravel() for place in np.indices((USERS, PRODUCTS)))
    expected = [naive_features(EVIDENCE, u, p) for u, p in zip(user, product, strict=True)]
    assert rows(blocks, user, product) == pytest.approx(np.array(expected), abs=1e-6)


def test_some_users_are_those_rows_of_all():
    every, some = features(EVIDENCE, np.arange(USERS)), features(EVIDENCE, np.array([7, 2]))
    pairs = np.array([0, 1, 1]), np.array([3, 0, 11])
    assert rows(some, *pairs) == pytest.approx(rows(every, np.array([7, 2, 2]), pairs[1]))


def test_who_has_a_taste():
    assert np.flatnonzero(~with_taste(EVIDENCE)).tolist() == [5]


def test_the_spread_is_the_mean_deviation_over_the_catalogue():
    known = np.flatnonzero(with_taste(EVIDENCE))
    values = np.array([[naive_features(EVIDENCE, u, p) for p in range(PRODUCTS)] for u in known])
    expected = dict(zip(TASTE, values.std(axis=1).mean(axis=0)[: len(TASTE)], strict=True))
    assert spread(EVIDENCE) == pytest.approx(expected, abs=1e-6)
    assert spread(EVIDENCE, most=3) == spread(EVIDENCE, most=3) != spread(EVIDENCE)


def test_what_is_the_same_everywhere_is_not_divided_by_nothing():
    flat = replace(EVIDENCE, item_weights=sparse.csr_array((PRODUCTS, PRODUCTS)))
    assert spread(flat)["items"] == 1.0
