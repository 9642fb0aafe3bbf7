"""What is known of a user and a product together: the features that the ranker weighs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from duckmark.kernels.ranking import block_length
from duckmark.kernels.sparse_product import dense_product

CELLS = 1 << 20  # of users and products whose features are held at once

TASTE = ("content", "collaborative", "items", "factors")
PAIR = (*TASTE, "category_share", "price_gap")
PRODUCT = ("popularity", "recent", "idle", "age", "price", "satisfaction")
USER = ("history", "away")
FEATURES = (*PAIR, *PRODUCT, *USER)


@dataclass(frozen=True)
class Evidence:
    """What the features of u users and p products are made of.

    ``user_vectors`` (u, d) and ``product_vectors`` (p, d): unit rows, zero where there is no profile;
    ``shares`` (u, u): each neighbour's part of a user's similarities; ``preferences`` (u, p): what each user
    has shown of each product, stored for every product they have; ``histories`` (u, p): the weight of each
    product in a user's history; ``item_weights`` (p, p): what having one product adds to the score of another;
    ``user_factors`` (u, f) and ``product_factors`` (p, f); ``user_categories`` (u, c): the share of each category in
    what a user took; ``categories`` (p, c): 1 in a product's; ``user_prices`` (u,) and ``prices`` (p,): log of what
    they pay and of what it costs, NaN where unknown; ``of_product`` (p, 6) and ``of_user`` (u, 2): as PRODUCT and
    USER. Where these u users are not all of the shop's, ``shares`` (u, n) are of the n users who are anybody's
    neighbours, and ``neighbour_preferences`` (n, p) is what those have shown.
    """

    user_vectors: np.ndarray
    product_vectors: np.ndarray
    shares: sparse.csr_array
    preferences: sparse.csr_array
    histories: sparse.csr_array
    item_weights: sparse.csr_array
    user_factors: np.ndarray
    product_factors: np.ndarray
    user_categories: sparse.csr_array
    categories: sparse.csr_array
    user_prices: np.ndarray
    prices: np.ndarray
    of_product: np.ndarray
    of_user: np.ndarray
    neighbour_preferences: sparse.csr_array | None = None


def with_taste(evidence: Evidence) -> np.ndarray:
    """Whether anything is known of each user's own taste: a profile, a neighbour or a history, (u,)."""
    links = (matrix.indptr for matrix in (evidence.shares, evidence.histories))
    return evidence.user_vectors.any(axis=1) | np.any([np.diff(pointers) > 0 for pointers in links], axis=0)


def neighbour_preferences(evidence: Evidence) -> sparse.csr_array:
    """What those have shown whom ``shares`` are of."""
    return evidence.preferences if evidence.neighbour_preferences is None else evidence.neighbour_preferences


def features(evidence: Evidence, users: np.ndarray) -> dict[str, np.ndarray]:
    """Each of FEATURES for ``users`` (n,) and all products, as (n, p), (1, p) or (n, 1)."""
    with np.errstate(invalid="ignore"):
        gap = np.abs(evidence.user_prices[users, None] - evidence.prices)
    return {
        "content": (evidence.user_vectors[users] @ evidence.product_vectors.T).astype(np.float64),
        "collaborative": dense_product(evidence.shares[users], neighbour_preferences(evidence)),
        "items": dense_product(evidence.histories[users], evidence.item_weights),
        "factors": evidence.user_factors[users] @ evidence.product_factors.T,
        "category_share": (evidence.user_categories[users] @ evidence.categories.T).toarray(),
        "price_gap": np.nan_to_num(gap),
        **{name: evidence.of_product[None, :, place] for place, name in enumerate(PRODUCT)},
        **{name: evidence.of_user[users, place, None] for place, name in enumerate(USER)},
    }


def spread(evidence: Evidence, most: int = 500, seed: int = 0) -> dict[str, float]:
    """The standard deviation over the catalogue of each of TASTE, its mean over at most ``most`` users.

    It depends on the size of the shop, so weights learned on one part of it are for features divided by it; 1 where
    a feature is the same everywhere.
    """
    users = np.flatnonzero(with_taste(evidence))
    if len(users) > most:
        users = np.sort(np.random.default_rng(seed).choice(users, most, replace=False))
    if not len(users):
        return dict.fromkeys(TASTE, 1.0)
    step = block_length(len(evidence.of_product), CELLS)
    parts = [users[start : start + step] for start in range(0, len(users), step)]
    found = np.concatenate([_deviations(evidence, part) for part in parts], axis=1)
    return {name: float(values.mean()) or 1.0 for name, values in zip(TASTE, found, strict=True)}


def _deviations(evidence: Evidence, users: np.ndarray) -> np.ndarray:
    """Of each of TASTE for each of ``users`` (n,), over the catalogue: (4, n)."""
    blocks = features(evidence, users)
    return np.array([blocks[name].std(axis=1) for name in TASTE])


def rows(blocks: dict[str, np.ndarray], row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """The features (m, 14) of pairs in ``blocks`` from `features`, at ``row`` and ``column`` (m,)."""
    return np.column_stack(
        [block[row if len(block) > 1 else 0, column if block.shape[1] > 1 else 0] + np.zeros(len(row))
         for block in blocks.values()]
    )  # fmt: skip
