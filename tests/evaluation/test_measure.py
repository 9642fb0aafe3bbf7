"""Measures over users and folds, and their intervals."""

import numpy as np
import pytest

from duckmark.evaluation.measure import Measured, joined, summary
from duckmark.kernels.metrics import bootstrap_intervals

NDCG = np.random.default_rng(0).random(60)
USERS = np.array([f"u{i}" for i in range(60)])
SEGMENTS = np.where(np.arange(60) < 20, "new", "loyal")


def rows(*folds: np.ndarray) -> dict:
    parts = [Measured({"ndcg": ndcg}, SEGMENTS, USERS, 0.5) for ndcg in folds]
    return {(row["metric"], row["segment"]): row for row in summary({"hybrid": joined(parts)}, seed=1)}


def test_of_one_fold_they_are_those_of_its_users():
    row = rows(NDCG)["ndcg", None]
    low, high = bootstrap_intervals(NDCG[np.argsort(USERS), None], seed=1)
    assert (row["value"], row["users"]) == (pytest.approx(NDCG.mean()), 60)
    assert (row["low"], row["high"]) == (pytest.approx(low[0]), pytest.approx(high[0]))


def test_folds_that_say_the_same_of_the_same_users_tell_no_more_than_one():
    once, again = rows(NDCG), rows(NDCG, NDCG, NDCG)
    assert set(once) == set(again)
    for key, row in once.items():
        assert again[key] == pytest.approx(row)


def test_what_is_unknown_of_a_user_in_one_fold_counts_in_the_others():
    known = np.where(np.arange(60) < 30, np.nan, NDCG)
    row = rows(NDCG, known)["ndcg", None]
    assert row["value"] == pytest.approx((NDCG.sum() + NDCG[30:].sum()) / 90)
    assert row["users"] == 60
    assert rows(known)["ndcg", None]["users"] == 30
    assert ("ndcg", "new") not in rows(known)
