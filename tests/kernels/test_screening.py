"""Lists by screening are those of ranking every product, where the ranker is linear; near them where it is not."""

from dataclasses import replace

import numpy as np
import pytest

from duckmark.kernels import screen, screening
from duckmark.kernels.features import FEATURES, PRODUCT, USER
from duckmark.kernels.hybrid import recommendation_lists
from duckmark.kernels.network import Network, linear
from duckmark.kernels.screening import screened_lists, weighted_sum
from tests.kernels.evidence import PRODUCTS, USERS, random_evidence

WEIGHTS = dict(zip(FEATURES, (1, 0.7, 0.4, 0.2, 0.5, -0.3, 1, 0.2, -0.1, 0.1, 0.3, 0.2, 0.1, -0.2), strict=True))


def lists(parts) -> dict[str, np.ndarray]:
    parts = list(parts)
    columns = {name: np.concatenate([getattr(part, name) for part in parts])
               for name in ("user", "product", "place", "score")}  # fmt: skip
    return columns | {name: np.concatenate([part.features[name] for part in parts]) for name in FEATURES}


@pytest.mark.parametrize("cells", [8, 1 << 22])  # a user a block, and all at once
@pytest.mark.parametrize("left_out", [(), ("category_share", "price_gap")])
def test_a_linear_ranker_loses_nothing(monkeypatch, cells, left_out):
    monkeypatch.setattr(screening, "CELLS", cells)
    evidence = random_evidence()
    network = linear({name: weight for name, weight in WEIGHTS.items() if name not in left_out}, FEATURES)
    screened = lists(screened_lists(evidence, np.arange(USERS), 2, network))
    whole = lists(block["all"] for block in recommendation_lists(evidence, np.arange(USERS), 2, {"all": network}))
    for name, values in whole.items():
        np.testing.assert_allclose(screened[name], values, rtol=1e-6, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("sign", [-1, 1])  # of what price and category add, whose bounds differ by it
def test_products_that_are_not_compared_enter_where_something_leads_to_them(monkeypatch, sign):
    """The lists of ranking every product, less those that neither stand alone well nor have a link to the user."""
    monkeypatch.setattr(screen, "COMPARED", 4)
    evidence = random_evidence()
    network = linear(WEIGHTS | {"price_gap": 0.3 * sign, "category_share": 0.5 * sign}, FEATURES)
    alone = evidence.of_product @ [WEIGHTS[name] for name in PRODUCT]
    allowed = (evidence.shares @ evidence.preferences + evidence.histories @ evidence.item_weights).toarray() != 0
    assert not allowed.all()
    allowed[:, np.argsort(-alone)[:4]] = True
    whole = lists(
        block["all"] for block in recommendation_lists(evidence, np.arange(USERS), PRODUCTS, {"all": network})
    )
    found = lists(screened_lists(evidence, np.arange(USERS), 3, network))
    for user in range(USERS):
        expected = [product for product in whole["product"][whole["user"] == user] if allowed[user, product]]
        assert found["product"][found["user"] == user].tolist() == expected[:3]


def test_what_is_the_same_for_all_products_does_not_matter():
    """However much it is: beside a hundred million, float32 holds whole numbers alone."""
    evidence, network = random_evidence(), linear(WEIGHTS, FEATURES)
    more = replace(evidence, of_product=evidence.of_product + 1e8)
    screened = lists(screened_lists(more, np.arange(USERS), 3, network))
    whole = lists(screened_lists(evidence, np.arange(USERS), 3, network))
    assert screened["product"].tolist() == whole["product"].tolist()


def test_neighbours_who_are_not_among_the_users_asked_for():
    evidence = random_evidence()
    network = linear(WEIGHTS, FEATURES)
    some = np.array([1, 2, 8])
    part = replace(
        evidence,
        user_vectors=evidence.user_vectors[some],
        shares=evidence.shares[some],
        preferences=evidence.preferences[some],
        histories=evidence.histories[some],
        user_factors=evidence.user_factors[some],
        user_categories=evidence.user_categories[some],
        user_prices=evidence.user_prices[some],
        of_user=evidence.of_user[some],
        neighbour_preferences=evidence.preferences,
    )
    of_part = lists(screened_lists(part, np.arange(3), 4, network))
    of_whole = lists(screened_lists(evidence, some, 4, network))
    assert (some[of_part.pop("user")] == of_whole.pop("user")).all()
    for name, values in of_whole.items():
        np.testing.assert_allclose(of_part[name], values, rtol=1e-6, atol=1e-9, err_msg=name)


def test_a_weighted_sum_stands_for_a_network():
    """Units that are on everywhere, and one on nowhere, make a linear score: its weights are found."""
    base = linear({name: 0.0 if name in USER else weight for name, weight in WEIGHTS.items()}, FEATURES)
    units = np.zeros((2, len(FEATURES)))
    units[:, FEATURES.index("popularity")] = 3.0
    network = Network(base.weights, 0.0, np.array([100.0, -100.0]), np.array([2.0, 5.0]), units)
    found = weighted_sum(random_evidence(), np.arange(USERS), 2, network)
    np.testing.assert_allclose(found, base.weights + 2 * units[0], atol=2e-3)
