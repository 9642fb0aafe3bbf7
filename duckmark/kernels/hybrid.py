"""The hybrid score of `audience` and `explain` for many users at once, and the best products of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from duckmark.kernels.ranking import best_columns, block_length


@dataclass(frozen=True)
class Evidence:
    """What the score of u users for p products is made of.

    ``user_vectors`` (u, d) and ``product_vectors`` (p, d): unit rows, zero where there is no profile;
    ``shares`` (u, u): each neighbour's part of a user's similarities; ``preferences`` (u, p): what each user
    has shown of each product, stored for every product they have; ``popularity`` (p,).
    """

    user_vectors: np.ndarray
    product_vectors: np.ndarray
    shares: sparse.csr_array
    preferences: sparse.csr_array
    popularity: np.ndarray


@dataclass(frozen=True)
class Lists:
    """Flat recommendations: ``user`` and ``product`` rows, ``place`` from 1, and the parts of each score."""

    user: np.ndarray
    product: np.ndarray
    place: np.ndarray
    content: np.ndarray
    collaborative: np.ndarray
    popularity: np.ndarray


def recommendation_lists(
    evidence: Evidence, users: np.ndarray, k: int, weights: tuple[float, float, float]
) -> Iterator[Lists]:
    """The ``k`` best products for each of ``users`` that they do not have, a block of users at a time.

    ``weights`` are those of content, collaborative and popularity. Users of whose taste nothing is known (no
    profile and no neighbour) get none.
    """
    taste = evidence.user_vectors.any(axis=1) | (np.diff(evidence.shares.indptr) > 0)
    users = users[taste[users]]
    step = block_length(len(evidence.popularity))
    for start in range(0, len(users), step):
        yield _block(evidence, users[start : start + step], k, weights)


def _block(evidence: Evidence, users: np.ndarray, k: int, weights: tuple[float, float, float]) -> Lists:
    content = weights[0] * (evidence.user_vectors[users] @ evidence.product_vectors.T).astype(np.float64)
    collaborative = weights[1] * (evidence.shares[users] @ evidence.preferences).toarray()
    popularity = weights[2] * evidence.popularity
    scores = content + collaborative + popularity
    owned = evidence.preferences[users].tocoo()
    scores[owned.row, owned.col] = -np.inf
    row, product = best_columns(scores, k)
    return Lists(
        users[row],
        product,
        np.arange(len(row)) - np.searchsorted(row, row) + 1,
        content[row, product],
        collaborative[row, product],
        popularity[product],
    )
