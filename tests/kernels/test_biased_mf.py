"""Explicit ratings: the blocked kernel against plain loops, what it finds in planted ratings, and the fold-in law."""

import numpy as np
import pytest
from scipy import sparse

from duckmark.kernels import biased_mf
from duckmark.kernels.biased_mf import SPREAD, WIDE, BiasedFactors, Posterior, biased_factors, fold_in

RANDOM = np.random.default_rng(3)
RATED = RANDOM.random((15, 10)) < 0.5
RATED[2] = False
RATED[:, 4] = False
RATED[7] = np.arange(10) == 1  # one rating
DENSE = np.where(RATED, RANDOM.integers(1, 6, (15, 10)), 0).astype(float)
RATINGS = sparse.csr_array(DENSE)


def naive(d: int, sweeps: int) -> np.ndarray:
    """Expected ratings (u, i), one user, one item and one rating at a time."""
    mean = DENSE[RATED].mean()
    start = np.random.default_rng(0).normal(0, SPREAD, (10, d))
    items = [(np.append(row, 0.0), SPREAD**2 * np.eye(d + 1)) for row in start]
    priors, noise = [np.full(d + 1, WIDE)] * 2, DENSE[RATED].var()

    def solved(others, ratings, prior):
        gram, right = np.diag(noise / prior), np.zeros(d + 1)
        for (other, covariance), rating in zip(others, ratings, strict=True):
            f = np.append(other[:d], 1)
            gram = gram + np.outer(f, f)
            gram[:d, :d] += covariance[:d, :d]
            right = right + f * (rating - mean - other[d])
            right[:d] -= covariance[:d, d]
        return np.linalg.inv(gram) @ right, noise * np.linalg.inv(gram)

    def one_side(others, dense, rated, prior):
        return [
            solved([o for o, r in zip(others, known, strict=True) if r], row[known], prior)
            for row, known in zip(dense, rated, strict=True)
        ]

    def squared_error(user, item, rating):
        (x, c), (y, e) = user, item
        joint = np.zeros((2 * d + 2, 2 * d + 2))
        joint[: d + 1, : d + 1], joint[d + 1 :, d + 1 :] = c, e
        slope = np.concatenate([y[:d], [1], x[:d], [1]])
        both = np.trace(c[:d, :d] @ e[:d, :d])  # the part of the second order, of p . q
        return (rating - mean - x[d] - y[d] - x[:d] @ y[:d]) ** 2 + slope @ joint @ slope + both

    for _ in range(sweeps):
        users = one_side(items, DENSE, RATED, priors[0])
        items = one_side(users, DENSE.T, RATED.T, priors[1])
        priors = [
            np.mean([x**2 + np.diag(c) for (x, c), known in zip(side, rated, strict=True) if known.any()], axis=0)
            for side, rated in ((users, RATED), (items, RATED.T))
        ]
        noise = np.mean([squared_error(users[u], items[i], DENSE[u, i]) for u, i in np.argwhere(RATED)])
    users = one_side(items, DENSE, RATED, priors[0])
    return np.array([[mean + x[d] + y[d] + x[:d] @ y[:d] for y, _ in items] for x, _ in users])


def expected(model: BiasedFactors) -> np.ndarray:
    """Expected ratings (u, i)."""
    taste = model.users.factors @ model.items.factors.T
    return model.mean + model.users.bias[:, None] + model.items.bias + taste


@pytest.mark.parametrize("d", [0, 3])
@pytest.mark.parametrize("cells", [biased_mf.CELLS, 40])
def test_equals_plain_loops_in_blocks_of_any_size(d, cells, monkeypatch):
    monkeypatch.setattr(biased_mf, "CELLS", cells)
    assert expected(biased_factors(RATINGS, d, sweeps=5)) == pytest.approx(naive(d, 5), abs=1e-9)


def planted(users: int = 120, items: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Ratings of one taste and biases with a little noise, and which third of them are left out."""
    random = np.random.default_rng(8)
    taste = np.outer(random.normal(0, 0.7, users), random.normal(0, 0.9, items))
    ratings = 3 + random.normal(0, 0.4, (users, 1)) + random.normal(0, 0.4, items) + taste
    return ratings + random.normal(0, 0.1, ratings.shape), random.random(ratings.shape) < 1 / 3


def test_planted_taste_is_found_to_within_the_noise():
    ratings, left_out = planted()
    rows, columns = np.nonzero(~left_out)
    given = sparse.csr_array((ratings[rows, columns], (rows, columns)), shape=ratings.shape)
    model, biases = biased_factors(given, 4, sweeps=30), biased_factors(given, 0)
    truth = ratings[left_out]
    errors = [np.sqrt(np.mean((expected(one)[left_out] - truth) ** 2)) for one in (model, biases)]
    assert errors[0] < 0.12 < 0.5 < errors[1]
    assert model.noise == pytest.approx(0.1**2, rel=0.15)


def test_biases_by_hand():
    """Everyone rated everything and no one disagrees on what is better: the biases are the differences of means."""
    users, items = np.array([-0.5, 0.0, 0.5, 0.0]), np.array([1.0, 0.0, -1.0])
    model = biased_factors(sparse.csr_array(3 + users[:, None] + items), 0, sweeps=40)
    assert model.users.bias == pytest.approx(users, abs=1e-3)
    assert model.items.bias == pytest.approx(items, abs=1e-3)


def test_who_never_rated_is_expected_to_rate_as_the_mean_does():
    model = biased_factors(RATINGS, 3)
    assert expected(model)[2, 4] == pytest.approx(DENSE[RATED].mean())
    assert expected(model)[2, 0] == pytest.approx(model.mean + model.items.bias[0])


def test_one_rating_moves_its_user_towards_it_but_not_all_the_way():
    ratings, _ = planted()
    model = biased_factors(sparse.csr_array(ratings))
    delighted = sparse.csr_array(np.eye(1, 60) * (model.mean + model.items.bias[0] + 2))
    user = fold_in(delighted, model.items, model.mean, model.noise, model.prior)
    assert 0 < user.bias[0] < 2
    assert (np.diagonal(user.covariance[0]) < model.prior).all()


def test_the_training_users_folded_in_again_are_themselves_also_one_by_one():
    model = biased_factors(RATINGS, 3)
    known = model.items, model.mean, model.noise, model.prior
    together = fold_in(RATINGS, *known)
    alone = [fold_in(RATINGS[[user]], *known) for user in range(15)]
    for part in range(2):
        assert np.array_equal(together[part], model.users[part])
        assert np.array_equal(together[part], np.concatenate([one[part] for one in alone]))


def test_nobody_to_fold_in():
    model = biased_factors(RATINGS, 3)
    nobody = fold_in(RATINGS[:0], model.items, model.mean, model.noise, model.prior)
    assert [part.shape for part in nobody] == [(0, 4), (0, 4, 4)]


def test_factors_are_linear_in_the_ratings():
    model = biased_factors(RATINGS, 3)
    mean, covariance = model.users
    for user in np.flatnonzero(RATED.any(axis=1)):
        given = [(Posterior(*(part[i] for part in model.items)), DENSE[user, i]) for i in np.flatnonzero(RATED[user])]
        parts = [
            np.append(item.mean[:-1], 1) * (rating - model.mean - item.mean[-1])
            - np.append(item.covariance[:-1, -1], 0)
            for item, rating in given
        ]
        assert covariance[user] @ sum(parts) / model.noise == pytest.approx(mean[user])


def test_same_seed_same_factors():
    one, same, other = (biased_factors(RATINGS, 3, seed=seed).items.mean for seed in (0, 0, 1))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_the_rows_may_come_in_any_order():
    order = RANDOM.permutation(15)
    model, shuffled = biased_factors(RATINGS, 3), biased_factors(RATINGS[order], 3)
    assert shuffled.users.mean == pytest.approx(model.users.mean[order], abs=1e-6)


@pytest.mark.parametrize("rating", [3.0, 5.0])
def test_ratings_that_are_all_the_same_are_expected_to_stay_so(rating):
    model = biased_factors(sparse.csr_array(np.full((4, 5), rating)), 2, sweeps=30)
    assert expected(model) == pytest.approx(np.full((4, 5), rating), abs=1e-6)


def test_what_is_no_rating_is_refused():
    holed = sparse.csr_array(np.array([[1.0, np.nan], [2.0, 3.0]]))
    with pytest.raises(ValueError, match="NaN"):
        biased_factors(holed)
    model = biased_factors(RATINGS, 2)
    with pytest.raises(ValueError, match="NaN"):
        fold_in(holed, model.items, model.mean, model.noise, model.prior)
    with pytest.raises(ValueError, match="nothing to factorise"):
        biased_factors(sparse.csr_array((3, 3)))
