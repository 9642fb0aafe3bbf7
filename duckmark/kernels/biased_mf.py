"""Explicit ratings as mean + user bias + item bias + user factors . item factors, learned as distributions.

    rating = mean + b_u + b_i + p_u . q_i + noise

Variational Bayes (Lim & Teh 2007; Nakajima et al. 2013): each user's and each item's factors and bias have a normal
posterior with a full covariance, given the others'. How wide the priors and the noise are is learned as well, so there
is no regularisation to choose, and whoever rated little stays near the mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import sparse

from duckmark.kernels.pattern import with_data

# Ten sweeps from wide priors did best on ratings held out from the training part of MovieLens-100K (its first fold),
# from goodbooks and from Amazon's musical instruments; further sweeps narrow the priors until they fit noise.
FACTORS, SWEEPS = 16, 10
WIDE, SPREAD = 0.5, 0.1
LEAST = 1e-6  # variances do not fall below this: ratings that are all the same leave none
CELLS = 1 << 22  # second moments held at once: 32 MiB of float64


class Posterior(NamedTuple):
    """``mean`` (n, d + 1) of each row's factors and, last, its bias, with their ``covariance`` (n, d + 1, d + 1)."""

    mean: np.ndarray
    covariance: np.ndarray

    @property
    def factors(self) -> np.ndarray:
        return self.mean[:, :-1]

    @property
    def bias(self) -> np.ndarray:
        return self.mean[:, -1]


@dataclass(frozen=True)
class BiasedFactors:
    """``mean`` of all ratings, variance of the ``noise``, the users' ``prior`` variances (d + 1,), and both sides."""

    mean: float
    noise: float
    prior: np.ndarray
    users: Posterior
    items: Posterior


def biased_factors(
    ratings: sparse.csr_array, factors: int = FACTORS, sweeps: int = SWEEPS, seed: int = 0
) -> BiasedFactors:
    """Factorise the stored ``ratings`` (u, i), which are on any scale; without factors, biases alone.

    The users are those that `fold_in` gives for the items. Holds a matrix (factors + 1)^2 for each item. Raises
    ValueError where nothing is rated or a rating is not finite.
    """
    mean = _checked(ratings).data.mean(dtype=np.float64)
    centred = with_data(ratings, ratings.data - mean)
    rated = [np.diff(side.indptr) > 0 for side in (centred, centred.tocsc())]
    start = np.random.default_rng(seed).normal(0, SPREAD, (ratings.shape[1], factors))
    width = factors + 1
    items = Posterior(np.pad(start, ((0, 0), (0, 1))), np.tile(SPREAD**2 * np.eye(width), (len(start), 1, 1)))
    priors, noise = np.full((2, width), WIDE), max(LEAST, float(centred.data.var()))
    for _ in range(sweeps):
        items, priors, noise = _sweep(centred, rated, items, priors, noise)
    return BiasedFactors(float(mean), noise, priors[0], fold_in(ratings, items, float(mean), noise, priors[0]), items)


def fold_in(ratings: sparse.csr_array, items: Posterior, mean: float, noise: float, prior: np.ndarray) -> Posterior:
    """The users who gave ``ratings`` (u, i) to the known items: each from their own ratings alone, in closed form.

    With x = (p_u, b_u), f = (q_i, 1) and C the covariance of q_i and b_i, the sums over what they rated:
    (sum of E[f f'] + diag(noise / prior)) x = sum of E[f] (rating - mean) - E[f b_i].
    Raises ValueError where a rating is not finite.
    """
    centred = with_data(_checked(ratings, least=0), ratings.data - mean)
    blocks = list(_blocks(centred, items, noise, prior))
    width = len(prior)
    nobody = Posterior(np.zeros((0, width)), np.zeros((0, width, width)))
    return Posterior(*map(np.concatenate, zip(*(block for _, block in blocks), strict=True))) if blocks else nobody


def _checked(ratings: sparse.csr_array, least: int = 1) -> sparse.csr_array:
    if ratings.nnz < least:
        raise ValueError("no ratings: there is nothing to factorise")
    if not np.isfinite(ratings.data).all():
        raise ValueError("a rating is NaN or infinite: leave out what was not rated")
    return ratings


def _blocks(
    centred: sparse.csr_array, items: Posterior, noise: float, prior: np.ndarray
) -> Iterator[tuple[slice, Posterior]]:
    """The users, as many at a time as `CELLS` allows."""
    features, moments = _seen(items)
    rows = max(1, CELLS // moments.shape[1])
    for start in range(0, centred.shape[0], rows):
        part = slice(start, start + rows)
        some = centred[part]
        sums = with_data(some, np.ones(some.nnz)) @ moments
        yield part, _posterior(sums, some @ features, noise, prior)[0]


def _seen(side: Posterior) -> tuple[np.ndarray, np.ndarray]:
    """What one side is to the other: E[f] (n, w) of f = (factors, 1), and E[f f'] with E[f bias] beside it, flat."""
    n, width = side.mean.shape
    features = side.mean.copy()
    features[:, -1] = 1
    moments = np.empty((n, width, width + 1))
    moments[:, :, :-1] = features[:, :, None] * features[:, None, :]
    moments[:, :, -1] = features * side.bias[:, None]
    moments[:, :-1, :-2] += side.covariance[:, :-1, :-1]
    moments[:, :-1, -1] += side.covariance[:, :-1, -1]
    return features, moments.reshape(n, -1)


def _posterior(
    sums: np.ndarray, targets: np.ndarray, noise: float, prior: np.ndarray
) -> tuple[Posterior, np.ndarray, np.ndarray]:
    """The rows whose rated others' `_seen` moments have these ``sums``; with the two sides of their equations."""
    width = len(prior)
    moments = sums.reshape(len(sums), width, width + 1)
    gram, right = moments[:, :, :-1], targets - moments[:, :, -1]
    inverse = np.linalg.inv(gram + np.diag(noise / prior))
    return Posterior((inverse @ right[:, :, None])[:, :, 0], noise * inverse), gram, right


def _sweep(
    centred: sparse.csr_array, rated: list[np.ndarray], items: Posterior, priors: np.ndarray, noise: float
) -> tuple[Posterior, np.ndarray, float]:
    """All users given the items, all items given the users, and then the priors and the noise that fit them best."""
    width = priors.shape[1]
    sums, targets = np.zeros((len(rated[1]), width * (width + 1))), np.zeros((len(rated[1]), width))
    spread, of_users = np.zeros(width), 0.0
    for part, users in _blocks(centred, items, noise, priors[0]):
        features, moments = _seen(users)
        some = centred[part]
        sums += with_data(some, np.ones(some.nnz)).T @ moments
        targets += some.T @ features
        squares = _squares(users)
        spread += squares[rated[0][part]].sum(axis=0)
        of_users += np.diff(some.indptr) @ squares[:, -1] - 2 * some.sum(axis=1) @ users.bias
    items, gram, right = _posterior(sums, targets, noise, priors[1])
    second = items.mean[:, :, None] * items.mean[:, None, :] + items.covariance
    error = centred.data @ centred.data + of_users - 2 * np.vdot(items.mean, right) + np.vdot(gram, second)
    fitting = np.stack([spread / rated[0].sum(), _squares(items)[rated[1]].mean(axis=0)])
    return items, np.maximum(fitting, LEAST), max(LEAST, error / centred.nnz)


def _squares(side: Posterior) -> np.ndarray:
    """E of each factor and bias, squared (n, w)."""
    return side.mean**2 + np.einsum("ijj->ij", side.covariance)
