"""The best products of many users in large catalogues: screened by a linear score, then ranked by the network.

Screening is one product of users' and products' vectors, all of which stand side by side, and the few stored entries
of the sparse features: a small part of what all features of all pairs take. A ranker that is linear loses nothing by
it; for one with units stands the weighted sum that comes nearest to its scores of the best products.
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
from duckmark.kernels.sparse_product import sparse_product

SCREENED, EXACTLY = 8, 2  # products ranked by the network for each place of a list, by one without units
FITTED = 20  # products a place whose scores the weighted sum is fitted to
SAMPLED = 64  # users whose products these are
RIDGE = 1e-3  # of features in unit deviation: enough for those that say nothing
NOTHING = 1e-9  # a deviation that is but rounding
CELLS = 1 << 22  # scores held by a thread


@dataclass(frozen=True)
class Screen:
    """The linear score of a user and a product: left (u, d) . right (p, d), and what price, category and the sparse
    features add to it."""

    evidence: Evidence
    weights: dict[str, float]
    left: np.ndarray
    right: np.ndarray
    category: np.ndarray  # (p,) column of `user_categories`, the number of these where a product has none
    prices: np.ndarray  # (p,), 0 where unknown
    has_price: np.ndarray  # (p,) 1 where known


def screened_lists(evidence: Evidence, users: np.ndarray, k: int, network: Network) -> Iterator[Lists]:
    """As `recommendation_lists` with one network, by screening."""
    users = users[with_taste(evidence)[users]]
    if not len(users):
        return
    screen = _screen(evidence, weighted_sum(evidence, users, k, network))
    step = block_length(len(evidence.of_product), CELLS)
    parts = [users[start : start + step] for start in range(0, len(users), step)]
    yield from side_by_side(lambda some: _best(screen, some, k, network), parts)


def weighted_sum(evidence: Evidence, users: np.ndarray, k: int, network: Network) -> np.ndarray:
    """The weights (f,) whose sum of features is nearest to the network's scores, but for a constant a user, over the
    best products of some of ``users``: least squares. Those of the network itself where it has no units."""
    if not len(network.bias):
        return network.weights
    some = users[np.linspace(0, len(users) - 1, min(SAMPLED, len(users))).astype(int)]
    blocks = features(evidence, some)
    scores = score_blocks(network, blocks, (len(some), len(evidence.of_product)))
    row, column = best_columns(scores, FITTED * k)
    x, y = (_less_mean(values, row) for values in (rows(blocks, row, column), scores[row, column][:, None]))
    spread = x.std(axis=0)
    per_spread = np.divide(1, spread, out=np.zeros_like(spread), where=spread > NOTHING)
    x = x * per_spread
    system = x.T @ x + RIDGE**2 * len(x) * np.eye(x.shape[1])
    return np.linalg.solve(system, x.T @ y)[:, 0] * per_spread


def _less_mean(values: np.ndarray, row: np.ndarray) -> np.ndarray:
    """``values`` (m, c) less the mean of their ``row`` (m,), rows in ascending order."""
    first = np.flatnonzero(np.diff(row, prepend=-1))
    lengths = np.diff(first, append=len(row))
    return values - np.repeat(np.add.reduceat(values, first, axis=0) / lengths[:, None], lengths, axis=0)


def _screen(evidence: Evidence, summed: np.ndarray) -> Screen:
    weights = dict(zip(FEATURES, summed.tolist(), strict=True))
    of_product = evidence.of_product @ np.array([weights[name] for name in PRODUCT])
    one = np.ones((len(evidence.user_prices), 1))
    left = [weights["content"] * evidence.user_vectors, weights["factors"] * evidence.user_factors, one]
    right = [evidence.product_vectors, evidence.product_factors, of_product[:, None]]
    categories = evidence.categories
    category = np.full(categories.shape[0], categories.shape[1])
    filled = np.diff(categories.indptr) > 0
    category[filled] = categories.indices[categories.indptr[:-1][filled]]
    return Screen(
        evidence,
        weights,
        *(np.hstack(side).astype(np.float32) for side in (left, right)),
        category,
        np.nan_to_num(evidence.prices).astype(np.float32),
        np.isfinite(evidence.prices).astype(np.float32),
    )


def _best(screen: Screen, users: np.ndarray, k: int, network: Network) -> Lists:
    evidence = screen.evidence
    shares = _category_shares(evidence, users)
    stored = {
        "collaborative": sparse_product(evidence.shares[users], neighbour_preferences(evidence)),
        "items": sparse_product(evidence.histories[users], evidence.item_weights),
    }
    scores = _scores(screen, users, shares, stored)
    row, product = best_columns(scores, (SCREENED if len(network.bias) else EXACTLY) * k, above=-np.inf)
    x = _features(screen, users, row, product, shares, stored, room=scores.view(np.int32))
    score = network.scores(x)  # in double, as SQL has it
    order = np.lexsort((product, -score, row))
    place = np.arange(len(row)) - np.searchsorted(row, row) + 1
    order, place = order[place <= k], place[place <= k]
    named = dict(zip(FEATURES, x[order].T, strict=True))
    return Lists(users[row[order]], product[order], place, score[order], named)


def _scores(screen: Screen, users: np.ndarray, shares: np.ndarray, stored: dict[str, sparse.csr_array]) -> np.ndarray:
    """The linear scores (n, p) in float32, but for what is the same for all products of a user."""
    scores = screen.left[users] @ screen.right.T
    if screen.weights["price_gap"]:
        price = screen.evidence.user_prices[users, None].astype(np.float32)
        gap = np.subtract(np.nan_to_num(price), screen.prices)
        np.abs(gap, out=gap)
        gap *= screen.has_price
        gap *= np.where(np.isfinite(price), np.float32(screen.weights["price_gap"]), np.float32(0))
        scores += gap
    if screen.weights["category_share"]:
        weighted = (screen.weights["category_share"] * shares).astype(np.float32)
        scores += weighted.take(screen.category, axis=1)
    flat, width = scores.ravel(), scores.shape[1]
    for name, part in stored.items():
        flat[_flat(part, width)] += (screen.weights[name] * part.data).astype(np.float32)
    flat[_flat(screen.evidence.preferences[users], width)] = -np.inf
    return scores


def _category_shares(evidence: Evidence, users: np.ndarray) -> np.ndarray:
    """The share of each category in what users took (n, c + 1), and of none, which is 0."""
    found = np.zeros((len(users), evidence.categories.shape[1] + 1))
    found[:, :-1] = evidence.user_categories[users].toarray()
    return found


def _flat(part: sparse.csr_array, width: int) -> np.ndarray:
    """Where the stored entries of a block stand in it, row by row."""
    return np.repeat(np.arange(part.shape[0]) * width, np.diff(part.indptr)) + part.indices


def _features(
    screen: Screen,
    users: np.ndarray,
    row: np.ndarray,
    product: np.ndarray,
    shares: np.ndarray,
    stored: dict[str, sparse.csr_array],
    room: np.ndarray,
) -> np.ndarray:
    """The features (m, 14) of pairs of a row of ``users`` and a product; ``room`` (n, p) int32 is written over."""
    evidence = screen.evidence
    user = users[row]
    with np.errstate(invalid="ignore"):
        gap = np.nan_to_num(np.abs(evidence.user_prices[user] - evidence.prices[product]))
    found = {
        "content": _dots(evidence.user_vectors[users], row, evidence.product_vectors, product),
        "factors": _dots(evidence.user_factors[users], row, evidence.product_factors, product),
        "category_share": shares[row, screen.category[product]],
        "price_gap": gap,
        **{name: _values(part, row, product, room) for name, part in stored.items()},
        **dict(zip(PRODUCT, evidence.of_product[product].T, strict=True)),
        **dict(zip(USER, evidence.of_user[user].T, strict=True)),
    }
    return np.stack([found[name] for name in FEATURES], axis=1)


def _dots(left: np.ndarray, row: np.ndarray, right: np.ndarray, column: np.ndarray) -> np.ndarray:
    """The dot products (m,) of pairs of a row of ``left`` (n, d) and one of ``right``, rows in ascending order."""
    if len(row) and len(row) % len(left) == 0 and (np.bincount(row, minlength=len(left)) * len(left) == len(row)).all():
        near = right.take(column, axis=0).reshape(len(left), -1, right.shape[1])
        return (near @ left[:, :, None]).ravel()
    return np.einsum("ij,ij->i", left[row], right[column])


def _values(part: sparse.csr_array, row: np.ndarray, column: np.ndarray, room: np.ndarray) -> np.ndarray:
    """The stored values (m,) of a block at pairs, 0 where there are none.

    In ``room``, as large as the block, stands where each value is stored; cells that nobody asks for are left as they
    are.
    """
    room[row, column] = -1
    room.ravel()[_flat(part, part.shape[1])] = np.arange(part.nnz, dtype=np.int32)
    found = room[row, column]
    return np.where(found >= 0, part.data[found] if part.nnz else 0.0, 0.0)
