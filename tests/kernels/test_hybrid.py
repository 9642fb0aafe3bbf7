from dataclasses import replace

import numpy as np
import pytest

from duckmark.kernels import hybrid as module
from duckmark.kernels.features import FEATURES, with_taste
from duckmark.kernels.hybrid import recommendation_lists
from duckmark.kernels.network import Network, linear
from tests.kernels.evidence import PRODUCTS, USERS, naive_features, random_evidence

EVIDENCE = random_evidence()
RANDOM = np.random.default_rng(8)
NETWORKS = {
    "linear": linear({"content": 0.2, "collaborative": 0.3, "items": 0.4, "popularity": 0.1}, FEATURES),
    "neural": Network(
        RANDOM.normal(size=14), 1.0, RANDOM.normal(size=3), RANDOM.normal(size=3), RANDOM.normal(size=(3, 14))
    ),
    **{name: linear({name: 1.0}, FEATURES) for name in ("content", "factors", "popularity")},
}


def naive(evidence, user: int, k: int, network: Network) -> list[tuple[int, int, float]]:
    if not with_taste(evidence)[user]:
        return []
    owned = evidence.preferences.toarray()[user]
    scores = {
        product: float(network.scores(np.array([naive_features(evidence, user, product)]))[0])
        for product in range(PRODUCTS)
        if owned[product] == 0
    }
    best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:k]
    return [(user, product, score) for product, score in best]


def kernel(evidence, users: list[int], k: int, networks: dict[str, Network]) -> dict[str, list]:
    found = {name: [] for name in networks}
    for block in recommendation_lists(evidence, np.array(users, int), k, networks):
        for name, lists in block.items():
            columns = lists.user, lists.product, lists.score, lists.place
            found[name] += zip(*(column.tolist() for column in columns), strict=True)
    return found


@pytest.mark.parametrize("users_at_once", [1, 2, 100])
@pytest.mark.parametrize("k", [1, 4, 50])
def test_blocks_of_any_size_equal_the_loop(monkeypatch, users_at_once, k):
    monkeypatch.setattr(module, "CELLS", users_at_once * PRODUCTS)
    monkeypatch.setattr(module, "TOGETHER", 3)
    for name, found in kernel(EVIDENCE, list(range(USERS)), k, NETWORKS).items():
        expected = [row for user in range(USERS) for row in naive(EVIDENCE, user, k, NETWORKS[name])]
        assert [row[:2] for row in found] == [row[:2] for row in expected]
        assert [row[2] for row in found] == pytest.approx([row[2] for row in expected], abs=1e-5)
        for user in range(USERS):
            places = [row[3] for row in found if row[0] == user]
            assert places == list(range(1, len(places) + 1))


def test_who_is_unknown_gets_nothing_and_who_has_almost_all_gets_the_rest():
    found = kernel(EVIDENCE, [5, 6], 10, NETWORKS)
    assert all([row[:2] for row in rows] == [(6, 8)] for rows in found.values())


def test_equal_scores_by_product():
    level = replace(EVIDENCE, of_product=np.ones((PRODUCTS, 6)))
    products = [row[1] for row in kernel(level, [0], 50, NETWORKS)["popularity"]]
    assert products == sorted(products)


def test_the_features_go_with_their_pairs():
    (block,) = recommendation_lists(EVIDENCE, np.arange(USERS), 3, {"all": NETWORKS["linear"]})
    lists = block["all"]
    for place, name in enumerate(FEATURES):
        expected = [naive_features(EVIDENCE, u, p)[place] for u, p in zip(lists.user, lists.product, strict=True)]
        assert lists.features[name] == pytest.approx(expected, abs=1e-6)


def test_nobody_asked():
    assert kernel(EVIDENCE, [], 3, {"linear": NETWORKS["linear"]}) == {"linear": []}
