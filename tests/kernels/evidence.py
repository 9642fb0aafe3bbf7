"""A small shop's evidence at random, and the features of a pair by the plainest loop."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from duckmark.kernels.features import FEATURES, Evidence
from duckmark.kernels.profiles import unit_rows

USERS, PRODUCTS, CATEGORIES = 9, 12, 3


def random_evidence(seed: int = 4) -> Evidence:
    """User 3 has no profile, user 4 no neighbour, user 5 neither, user 6 has all products but one."""
    random = np.random.default_rng(seed)
    user_vectors = unit_rows(random.normal(size=(USERS, 3)).astype(np.float32))
    user_vectors[[3, 5]] = 0
    product_vectors = unit_rows(random.normal(size=(PRODUCTS, 3)).astype(np.float32))
    product_vectors[7] = 0
    shares = random.random((USERS, USERS)) * (random.random((USERS, USERS)) < 0.4)
    shares[[4, 5]] = 0
    preferences = random.integers(-4, 6, (USERS, PRODUCTS)) * (random.random((USERS, PRODUCTS)) < 0.3)
    preferences[6] = 3
    preferences[6, 8] = 0
    histories = random.random((USERS, PRODUCTS)) * (preferences != 0)
    histories[[5, 7]] = 0
    item_weights = random.normal(size=(PRODUCTS, PRODUCTS)) * (random.random((PRODUCTS, PRODUCTS)) < 0.3)
    prices = random.normal(size=PRODUCTS)
    prices[2] = np.nan
    user_prices = random.normal(size=USERS)
    user_prices[1] = np.nan
    return Evidence(
        user_vectors,
        product_vectors,
        *(sparse.csr_array(matrix.astype(float)) for matrix in (shares, preferences, histories, item_weights)),
        user_factors=random.normal(size=(USERS, 2)),
        product_factors=random.normal(size=(PRODUCTS, 2)),
        user_categories=sparse.csr_array(random.random((USERS, CATEGORIES))),
        categories=sparse.csr_array(np.eye(CATEGORIES)[random.integers(0, CATEGORIES, PRODUCTS)]),
        user_prices=user_prices,
        prices=prices,
        of_product=random.random((PRODUCTS, 6)),
        of_user=random.random((USERS, 2)),
    )


def naive_features(evidence: Evidence, user: int, product: int) -> list[float]:
    """The features of one pair, in the order of FEATURES."""
    shares, preferences = evidence.shares.toarray()[user], evidence.preferences.toarray()
    history, goes_with = evidence.histories.toarray()[user], evidence.item_weights.toarray()
    tastes, categories = evidence.user_categories.toarray()[user], evidence.categories.toarray()[product]
    gap = abs(evidence.user_prices[user] - evidence.prices[product])
    found = [
        float(evidence.user_vectors[user] @ evidence.product_vectors[product]),
        sum(shares[other] * preferences[other, product] for other in range(USERS)),
        sum(history[had] * goes_with[had, product] for had in range(PRODUCTS)),
        float(evidence.user_factors[user] @ evidence.product_factors[product]),
        sum(taste * member for taste, member in zip(tastes, categories, strict=True)),
        0.0 if np.isnan(gap) else gap,
        *evidence.of_product[product],
        *evidence.of_user[user],
    ]
    assert len(found) == len(FEATURES)
    return found
