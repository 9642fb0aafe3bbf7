"""The hybrid score of `audience` and `explain` for many users at once, and the best products of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from duckmark.kernels.ranking import best_columns, block_length

PARTS = ("content", "collaborative", "items", "popularity")


@dataclass(frozen=True)
class Evidence:
    """What the score of u users for p products is made of.

    ``user_vectors`` (u, d) and ``product_vectors`` (p, d): unit rows, zero where there is no profile;
    ``shares`` (u, u): each neighbour's part of a user's similarities; ``preferences`` (u, p): what each user
    has shown of each product, stored for every product they have; ``histories`` (u, p): the weight of each
    product in a user's history; ``item_weights`` (p, p): what having one product adds to the score of another;
    ``popularity`` (p,).
    """

    user_vectors: np.ndarray
    product_vectors: np.ndarray
    shares: sparse.csr_array
    preferences: sparse.csr_array
    histories: sparse.csr_array
    item_weights: sparse.csr_array
    popularity: np.ndarray


@dataclass(frozen=True)
class Lists:
    """Flat recommendations: rows of ``user`` and ``product``, ``place`` from 1, and the ``parts`` of each score."""

    user: np.ndarray
    product: np.ndarray
    place: np.ndarray
    parts: Mapping[str, np.ndarray]


def recommendation_lists(
    evidence: Evidence, users: np.ndarray, k: int, weights: Mapping[str, float]
) -> Iterator[Lists]:
    """The ``k`` best products for each of ``users`` that they do not have, a block of users at a time.

    ``weights`` gives that of each of PARTS. Users of whose taste nothing is known (no profile, no neighbour and
    no history) get none.
    """
    links = (matrix.indptr for matrix in (evidence.shares, evidence.histories))
    taste = evidence.user_vectors.any(axis=1) | np.any([np.diff(pointers) > 0 for pointers in links], axis=0)
    users = users[taste[users]]
    step = block_length(len(evidence.popularity))
    for start in range(0, len(users), step):
        yield _block(evidence, users[start : start + step], k, weights)


def _block(evidence: Evidence, users: np.ndarray, k: int, weights: Mapping[str, float]) -> Lists:
    parts = {
        "content": (evidence.user_vectors[users] @ evidence.product_vectors.T).astype(np.float64),
        "collaborative": (evidence.shares[users] @ evidence.preferences).toarray(),
        "items": (evidence.histories[users] @ evidence.item_weights).toarray(),
        "popularity": np.broadcast_to(evidence.popularity, (len(users), len(evidence.popularity))),
    }
    scores = sum(weights[name] * part for name, part in parts.items())
    owned = evidence.preferences[users].tocoo()
    scores[owned.row, owned.col] = -np.inf
    row, product = best_columns(scores, k, above=-np.inf)
    place = np.arange(len(row)) - np.searchsorted(row, row) + 1
    chosen = {name: weights[name] * part[row, product] for name, part in parts.items()}
    return Lists(users[row], product, place, chosen)
