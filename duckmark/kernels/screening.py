"""The best products of many users in large catalogues: screened by a linear score, then ranked by the network.

Screening is one matrix product of users and products, all of whose vectors stand side by side, and the few stored
entries of the sparse features: an eighth of the time that all features of all pairs take. A ranker that is linear
loses nothing by it; of one with units the slope around the best products stands for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from duckmark.kernels.blocks import side_by_side
from duckmark.kernels.features import (
    FEATURES,
    PRODUCT,
    USER,
    Evidence,
    features,
    neighbour_preferences,
    rows,
    with_taste,
)
from duckmark.kernels.hybrid import Lists
from duckmark.kernels.network import Network, score_blocks
from duckmark.kernels.ranking import best_columns, block_length

SCREENED = 4  # products ranked by the network for each place of a list
CELLS = 1 << 22  # scores held by a thread
SAMPLED = 64  # users around whose best products the slope is taken


@dataclass(frozen=True)
class Screen:
    """The linear score of a user and a product: left (u, d) . right (p, d) + what is added of the sparse features."""

    evidence: Evidence
    weights: dict[str, float]
    left: np.ndarray
    right: np.ndarray
    category: np.ndarray  # (p,) column of `user_categories`, the number of these where a product has none


def screened_lists(evidence: Evidence, users: np.ndarray, k: int, network: Network) -> Iterator[Lists]:
    """As `recommendation_lists` with one network, by screening."""
    users = users[with_taste(evidence)[users]]
    if not len(users):
        return
    screen = _screen(evidence, slope(evidence, users, k, network))
    step = block_length(len(evidence.of_product), CELLS)
    parts = [users[start : start + step] for start in range(0, len(users), step)]
    yield from side_by_side(lambda some: _best(screen, some, k, network), parts)


def slope(evidence: Evidence, users: np.ndarray, k: int, network: Network) -> np.ndarray:
    """The weights (f,) that a network gives the features, on average around the best products of some of ``users``."""
    if not len(network.bias):
        return network.weights
    some = users[np.linspace(0, len(users) - 1, min(SAMPLED, len(users))).astype(int)]
    blocks = features(evidence, some)
    scores = score_blocks(network, blocks, (len(some), len(evidence.of_product)))
    x = rows(blocks, *best_columns(scores, SCREENED * k))
    on = (x @ network.units.T + network.bias > 0) * network.output
    return network.weights + on.mean(axis=0) @ network.units


def _screen(evidence: Evidence, slopes: np.ndarray) -> Screen:
    weights = dict(zip(FEATURES, slopes.tolist(), strict=True))
    of_product = evidence.of_product @ np.array([weights[name] for name in PRODUCT])
    left = [weights["content"] * evidence.user_vectors, weights["factors"] * evidence.user_factors]
    right = [evidence.product_vectors, evidence.product_factors, of_product[:, None]]
    left.append(np.ones((len(evidence.user_prices), 1)))
    category = np.full(evidence.categories.shape[0], evidence.categories.shape[1])
    filled = np.diff(evidence.categories.indptr) > 0
    category[filled] = evidence.categories.indices[evidence.categories.indptr[:-1][filled]]
    return Screen(evidence, weights, *(np.hstack(side).astype(np.float32) for side in (left, right)), category)


def _best(screen: Screen, users: np.ndarray, k: int, network: Network) -> Lists:
    evidence = screen.evidence
    scores = screen.left[users] @ screen.right.T
    width = scores.shape[1]
    stored = {
        "collaborative": evidence.shares[users] @ neighbour_preferences(evidence),
        "items": evidence.histories[users] @ evidence.item_weights,
    }
    if screen.weights["price_gap"]:
        scores += np.float32(screen.weights["price_gap"]) * _gap(evidence, users).astype(np.float32)
    if screen.weights["category_share"] and evidence.categories.shape[1]:
        shares = np.zeros((len(users), evidence.categories.shape[1] + 1), np.float32)
        shares[:, :-1] = evidence.user_categories[users].toarray() * screen.weights["category_share"]
        scores += shares[:, screen.category]
    flat = scores.ravel()
    for name, part in stored.items():
        flat[_flat(part, width)] += (screen.weights[name] * part.data).astype(np.float32)
    flat[_flat(evidence.preferences[users], width)] = -np.inf
    row, product = best_columns(scores, SCREENED * k, above=-np.inf)
    x = _features(evidence, users, row, product, stored)
    score = network.scores(x)  # in double, as SQL has it
    order = np.lexsort((product, -score, row))
    place = np.arange(len(row)) - np.searchsorted(row, row) + 1
    order, place = order[place <= k], place[place <= k]
    named = dict(zip(FEATURES, x[order].T, strict=True))
    return Lists(users[row[order]], product[order], place, score[order], named)


def _flat(part: sparse.csr_array, width: int) -> np.ndarray:
    """Where the stored entries of a block stand in it, row by row."""
    return np.repeat(np.arange(part.shape[0]) * width, np.diff(part.indptr)) + part.indices


def _gap(evidence: Evidence, users: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(np.abs(evidence.user_prices[users, None] - evidence.prices))


def _features(
    evidence: Evidence, users: np.ndarray, row: np.ndarray, product: np.ndarray, stored: dict[str, sparse.csr_array]
) -> np.ndarray:
    """The features (m, 14) of pairs of a row of ``users`` and a product."""
    user = users[row]
    with np.errstate(invalid="ignore"):
        gap = np.nan_to_num(np.abs(evidence.user_prices[user] - evidence.prices[product]))
    found = {
        "content": _dots(evidence.user_vectors, user, evidence.product_vectors, product),
        "factors": _dots(evidence.user_factors, user, evidence.product_factors, product),
        "category_share": (evidence.user_categories[users] @ evidence.categories.T)[row, product],
        "price_gap": gap,
        **{name: _values(part, row, product) for name, part in stored.items()},
        **{name: evidence.of_product[product, place] for place, name in enumerate(PRODUCT)},
        **{name: evidence.of_user[user, place] for place, name in enumerate(USER)},
    }
    return np.column_stack([np.asarray(found[name], np.float64).ravel() for name in FEATURES])


def _dots(left: np.ndarray, row: np.ndarray, right: np.ndarray, column: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", left[row], right[column])


def _values(part: sparse.csr_array, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """The stored values (m,) of a block at pairs, 0 where there are none."""
    place = np.full(part.shape, -1, np.int32)
    place.ravel()[_flat(part, part.shape[1])] = np.arange(part.nnz, dtype=np.int32)
    found = place[row, column]
    return np.where(found >= 0, part.data[found] if part.nnz else 0.0, 0.0)
