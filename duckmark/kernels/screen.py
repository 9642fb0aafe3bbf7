"""The linear score by which products are screened, and what it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy import sparse

from duckmark.kernels.features import FEATURES, PRODUCT, Evidence, neighbour_preferences
from duckmark.kernels.ranking import block_length
from duckmark.kernels.scratch import scratch
from duckmark.kernels.segments import segment_of
from duckmark.kernels.sparse_product import sparse_product

COMPARED = 1 << 14  # products that are compared with every user
TILE = 1 << 18  # scores that are added to while they are in a core's cache


@dataclass(frozen=True)
class Products:
    """What some products bring to the score: ``which`` (p,), in ascending order.

    ``right`` (p, d) is multiplied with users' vectors; ``alone`` (p,) is what is the same for all users, which stands
    in ``right`` too, and ``reach`` (p,) the length of the factors. ``category`` (p,) is a column of
    `user_categories`, the number of these where there is none; ``prices`` (p,) are 0 where unknown, as is ``has_price``
    (p,). ``chosen`` (n, p) is what neighbours have shown, ``item_weights`` (q, p) are for all products that one may
    have, and ``owned`` (u, p) is stored where a user has a product.
    """

    which: np.ndarray
    right: np.ndarray
    alone: np.ndarray
    reach: np.ndarray
    category: np.ndarray
    prices: np.ndarray
    has_price: np.ndarray
    chosen: sparse.csr_array
    item_weights: sparse.csr_array
    owned: sparse.csr_array


@dataclass(frozen=True)
class Screen:
    """The linear score of a user and a product: ``left`` (u, d) . right (p, d), and what price, category and the sparse
    features add to it by their ``weights``. Products are ``compared`` with every user; the ``others`` are looked at
    where a neighbour or a product of the history leads to them: ``links`` (u, n + q) @ ``linked`` (n + q, p).
    """

    evidence: Evidence
    weights: dict[str, float]
    left: np.ndarray
    compared: Products
    others: Products
    links: sparse.csr_array
    linked: sparse.csr_array  # of complex numbers, so that one product gives both features of the pairs that it finds


class Some(NamedTuple):
    """Some ``users`` (n,), and the ``shares`` (n, c + 1) of categories in what they took and of none, which is 0."""

    users: np.ndarray
    shares: np.ndarray


def screen_of(evidence: Evidence, summed: np.ndarray) -> Screen:
    """The score that weighs the features (f,) by ``summed``."""
    weights = dict(zip(FEATURES, summed.tolist(), strict=True))
    alone = evidence.of_product @ np.array([weights[name] for name in PRODUCT])
    alone -= alone.mean() if len(alone) else 0  # orders nothing, and float32 would hold less of the rest beside it
    one = np.ones((len(evidence.user_vectors), 1), np.float32)
    left = [weights["content"] * evidence.user_vectors, weights["factors"] * evidence.user_factors, one]
    left = np.hstack(left, dtype=np.float32, casting="same_kind")
    compared, others = (_products(evidence, alone, which) for which in _parted(alone))
    links = sparse.hstack([evidence.shares, evidence.histories], format="csr")
    linked = sparse.vstack([others.chosen.astype(np.complex128), 1j * others.item_weights], format="csr")
    return Screen(evidence, weights, left, compared, others, sparse.csr_array(links), sparse.csr_array(linked))


def _parted(alone: np.ndarray) -> list[np.ndarray]:
    """The products that are compared with everyone, which score best ``alone`` (p,), and the others."""
    if len(alone) <= COMPARED:
        return [np.arange(len(alone)), np.empty(0, int)]
    return [np.sort(part) for part in np.split(np.argsort(-alone, kind="stable"), [COMPARED])]


def _products(evidence: Evidence, alone: np.ndarray, which: np.ndarray) -> Products:
    prices, categories = evidence.prices[which], evidence.categories[which]
    right = [evidence.product_vectors[which], evidence.product_factors[which], alone[which, None]]
    category = np.full(len(which), categories.shape[1])
    filled = np.diff(categories.indptr) > 0
    category[filled] = categories.indices[categories.indptr[:-1][filled]]
    by_product = (neighbour_preferences(evidence), evidence.item_weights, evidence.preferences)
    return Products(
        which,
        np.hstack(right, dtype=np.float32, casting="same_kind"),
        alone[which].astype(np.float32),
        np.linalg.norm(right[1], axis=1).astype(np.float32),
        category,
        np.nan_to_num(prices).astype(np.float32),
        np.isfinite(prices).astype(np.float32),
        *(matrix if len(which) == len(alone) else matrix[:, which] for matrix in by_product),
    )


def some_of(screen: Screen, users: np.ndarray) -> Some:
    shares = np.zeros((len(users), screen.evidence.categories.shape[1] + 1))
    shares[:, :-1] = screen.evidence.user_categories[users].toarray()
    return Some(users, shares)


def cells(block: sparse.csr_array) -> np.ndarray:
    """Where the stored entries of a block stand in it, row by row."""
    return np.repeat(np.arange(block.shape[0]) * block.shape[1], np.diff(block.indptr)) + block.indices


def scores(screen: Screen, of: Some, known: Mapping[str, np.ndarray]) -> np.ndarray:
    """The scores (n, p) in float32 with the products that are compared, less what is the same for all products of a
    user, where the features ``known`` are (n, p)."""
    products, weights = screen.compared, screen.weights
    block = np.empty((len(of.users), len(products.which)), np.float32)
    left, price = screen.left[of.users], screen.evidence.user_prices[of.users, None].astype(np.float32)
    per_gap = np.where(np.isfinite(price), np.float32(weights["price_gap"]), np.float32(0))
    per_category = (weights["category_share"] * of.shares).astype(np.float32)
    price = np.nan_to_num(price)
    step = block_length(len(of.users), TILE)
    for start in range(0, block.shape[1], step):
        part = slice(start, start + step)
        tile = np.matmul(left, products.right[part].T, out=block[:, part])
        room = scratch(*tile.shape)
        if weights["price_gap"]:
            np.subtract(price, products.prices[part], out=room)
            np.abs(room, out=room)
            room *= products.has_price[part]
            room *= per_gap
            tile += room
        if weights["category_share"]:
            tile += per_category.take(products.category[part], axis=1, out=room, mode="clip")
        for name, feature in known.items():
            if weights[name]:
                tile += np.multiply(feature[:, part], weights[name], out=room, casting="same_kind")
    return block


def above(screen: Screen, of: Some, least: np.ndarray) -> sparse.csr_array:
    """The sparse features of users (n,) and other products whose score is above ``least`` (n,): collaborative is the
    real part, items the imaginary one.

    Most are ruled out by what a score can reach: a profile has length 1, and no two factors' product exceeds that of
    their lengths.
    """
    weights, others = screen.weights, screen.others
    found = sparse_product(screen.links[of.users].astype(np.complex128), screen.linked)
    row, column = segment_of(found.indptr), found.indices
    score = weights["collaborative"] * found.data.real + weights["items"] * found.data.imag + others.alone[column]
    factors = np.linalg.norm(weights["factors"] * screen.evidence.user_factors[of.users], axis=1)
    wanted = least - np.abs(weights["content"])
    most = max(0, weights["category_share"]) * of.shares.max(axis=1)
    most += max(0, weights["price_gap"]) * _largest_gap(screen, of)
    entry = np.flatnonzero(score + factors[row] * others.reach[column] > (wanted - most)[row])
    row, column, score = row[entry], column[entry], score[entry]
    gap = np.abs(screen.evidence.user_prices[of.users][row] - others.prices[column]) * others.has_price[column]
    score += weights["price_gap"] * np.nan_to_num(gap)
    score += weights["category_share"] * of.shares[row, others.category[column]]
    near = np.flatnonzero(score + factors[row] * others.reach[column] > wanted[row])
    entry, row, column, score = entry[near], row[near], column[near], score[near]
    score += dots(screen.left[of.users], row, others.right, column) - others.alone[column]
    last = score > least[row]
    return sparse.csr_array((found.data[entry[last]], (row[last], column[last])), shape=found.shape)


def dots(left: np.ndarray, row: np.ndarray, right: np.ndarray, column: np.ndarray) -> np.ndarray:
    """The dot products (m,) of pairs of a row of ``left`` (n, d) and one of ``right``, rows in ascending order: a row
    after the other, so that none of ``left`` is copied."""
    if not left.shape[1]:
        return np.zeros(len(row), np.result_type(left, right))
    offsets = np.searchsorted(row, np.arange(len(left) + 1)).tolist()
    found = np.empty(len(row), np.result_type(left, right))
    for vector, (start, end) in zip(left, pairwise(offsets), strict=True):
        np.matmul(right.take(column[start:end], axis=0), vector, out=found[start:end])
    return found


def _largest_gap(screen: Screen, of: Some) -> np.ndarray:
    known = screen.others.prices[screen.others.has_price > 0]
    price = np.nan_to_num(screen.evidence.user_prices[of.users])
    return np.maximum(price - known.min(initial=0), known.max(initial=0) - price)
