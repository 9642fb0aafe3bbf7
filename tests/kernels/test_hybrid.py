from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from duckmark.kernels import hybrid as module
from duckmark.kernels.hybrid import PARTS, Evidence, recommendation_lists
from duckmark.kernels.profiles import unit_rows

RANDOM = np.random.default_rng(4)
USERS, PRODUCTS = 9, 12
MIXED = {"content": 0.2, "collaborative": 0.3, "items": 0.4, "popularity": 0.1}
ALONE = {name: {part: float(part == name) for part in PARTS} for name in PARTS}


def random_evidence() -> Evidence:
    """User 3 has no profile, user 4 no neighbour, user 5 neither, user 6 has all products but one."""
    user_vectors = unit_rows(RANDOM.normal(size=(USERS, 3)).astype(np.float32))
    user_vectors[[3, 5]] = 0
    product_vectors = unit_rows(RANDOM.normal(size=(PRODUCTS, 3)).astype(np.float32))
    product_vectors[7] = 0
    shares = RANDOM.random((USERS, USERS)) * (RANDOM.random((USERS, USERS)) < 0.4)
    shares[[4, 5]] = 0
    preferences = RANDOM.integers(-4, 6, (USERS, PRODUCTS)) * (RANDOM.random((USERS, PRODUCTS)) < 0.3)
    preferences[6] = 3
    preferences[6, 8] = 0
    histories = RANDOM.random((USERS, PRODUCTS)) * (preferences != 0)
    histories[[5, 7]] = 0
    item_weights = RANDOM.normal(size=(PRODUCTS, PRODUCTS)) * (RANDOM.random((PRODUCTS, PRODUCTS)) < 0.3)
    matrices = shares, preferences, histories, item_weights
    sparse_parts = (sparse.csr_array(matrix.astype(float)) for matrix in matrices)
    return Evidence(user_vectors, product_vectors, *sparse_parts, RANDOM.random(PRODUCTS))


EVIDENCE = random_evidence()


def naive(evidence: Evidence, user: int, k: int, weights: dict[str, float]) -> list[tuple[int, int, float]]:
    shares, preferences = evidence.shares.toarray()[user], evidence.preferences.toarray()
    history, goes_with = evidence.histories.toarray()[user], evidence.item_weights.toarray()
    if not evidence.user_vectors[user].any() and not shares.any() and not history.any():
        return []
    scores = {}
    for product in range(PRODUCTS):
        if preferences[user, product] == 0:
            content = float(evidence.user_vectors[user] @ evidence.product_vectors[product])
            collaborative = sum(shares[v] * preferences[v, product] for v in range(USERS))
            items = sum(history[had] * goes_with[had, product] for had in range(PRODUCTS))
            parts = content, collaborative, items, evidence.popularity[product]
            scores[product] = sum(weights[name] * part for name, part in zip(PARTS, parts, strict=True))
    best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:k]
    return [(user, product, score) for product, score in best]


def kernel(evidence: Evidence, users: list[int], k: int, weights: dict[str, float]) -> list:
    found = []
    for lists in recommendation_lists(evidence, np.array(users, int), k, weights):
        score = sum(lists.parts.values())
        found += zip(lists.user.tolist(), lists.product.tolist(), score.tolist(), lists.place.tolist(), strict=True)
    return found


@pytest.mark.parametrize("users_at_once", [1, 2, 100])
@pytest.mark.parametrize("weights", [MIXED, *ALONE.values()])
@pytest.mark.parametrize("k", [1, 4, 50])
def test_blocks_of_any_size_equal_the_loop(monkeypatch, users_at_once, weights, k):
    monkeypatch.setattr(module, "block_length", lambda columns: users_at_once)
    found = kernel(EVIDENCE, list(range(USERS)), k, weights)
    expected = [row for user in range(USERS) for row in naive(EVIDENCE, user, k, weights)]
    assert [row[:2] for row in found] == [row[:2] for row in expected]
    assert [row[2] for row in found] == pytest.approx([row[2] for row in expected], abs=1e-6)
    for user in range(USERS):
        places = [row[3] for row in found if row[0] == user]
        assert places == list(range(1, len(places) + 1))


def test_who_is_unknown_gets_nothing_and_who_has_almost_all_gets_the_rest():
    found = kernel(EVIDENCE, [5, 6], 10, MIXED)
    assert [row[:2] for row in found] == [(6, 8)]


def test_equal_scores_by_product():
    level = replace(EVIDENCE, popularity=np.ones(PRODUCTS))
    products = [row[1] for row in kernel(level, [0], 50, ALONE["popularity"])]
    assert products == sorted(products)


def test_nobody_asked():
    assert kernel(EVIDENCE, [], 3, MIXED) == []
