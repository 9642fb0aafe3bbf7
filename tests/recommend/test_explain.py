"""`explain`: what a score is made of adds up to it, whatever the score is made of."""

from collections.abc import Callable
from functools import partial

import pytest

import duckmark
from tests.client import answers
from tests.shop import DISLIKED, SILENT, SINGLE, STRANGER, UNSOLD, build_shop

# Options under which scores are made of other tables than by default.
OTHER = {
    "the nearest of each product in a history": {
        "items_model": "item_knn",
        "item_lists": "source",
        "item_neighbours": 2,
        "ranker": "fusion",
    },
}


@pytest.fixture(scope="module")
def other(request, tmp_path_factory) -> Callable[[str], list[dict]]:
    """A shop built with some of OTHER, as `ask` is the one by default."""
    path = tmp_path_factory.mktemp("other") / "shop.duckdb"
    return partial(answers, build_shop(duckmark.build, path, options=OTHER[request.param]))


def totals(ask: Callable[[str], list[dict]], pairs: list[tuple[str, str]]) -> dict[tuple[str, str], float]:
    """What the contributions to the score of each pair of a user and a product add up to."""
    sums = " UNION ALL ".join(
        f"SELECT '{user}' AS u, '{product}' AS p, sum(contribution) AS total FROM explain('{user}', '{product}')"
        for user, product in pairs
    )
    return {(row["u"], row["p"]): row["total"] for row in ask(sums)}


@pytest.mark.parametrize("user", ["0001", "0014", "0029", "0030", "0058", SINGLE, SILENT, STRANGER])
def test_contributions_add_up_to_the_score_of_recommend(ask, user):
    rows = ask(f"SELECT product_id, score FROM recommend('{user}', 30) WHERE rank IN (1, 2, 9, 15, 16, 25)")
    assert len(rows) >= 5  # OPTIONS store lists of 15: what lies beyond comes from the segment and from everyone
    expected = {(user, row["product_id"]): pytest.approx(row["score"], abs=1e-6) for row in rows}
    assert totals(ask, list(expected)) == expected


@pytest.mark.parametrize("product", ["00100", DISLIKED, "00121", UNSOLD])
def test_contributions_add_up_to_the_score_of_audience(ask, product):
    rows = ask(f"SELECT user_id, score FROM audience('{product}', 99) WHERE rank % 9 = 1 ORDER BY rank")
    assert len(rows) >= 5
    expected = {(row["user_id"], product): pytest.approx(row["score"], abs=1e-6) for row in rows}
    assert totals(ask, list(expected)) == expected


@pytest.mark.parametrize("other", OTHER, indirect=True)
def test_they_add_up_under_other_options(other):
    """The stored list, the score of every product and that of a user in an audience are one, and so explained."""
    rows = other("SELECT product_id, score, items FROM recommendations WHERE user_id = '0001' AND rank % 4 = 1")
    expected = {("0001", row["product_id"]): pytest.approx(row["score"], abs=1e-6) for row in rows}
    assert any(row["items"] for row in rows)
    assert totals(other, list(expected)) == expected
    scores = other("SELECT product_id, score FROM scores('0001')")
    found = {("0001", row["product_id"]): row["score"] for row in scores}
    assert {pair: found[pair] for pair in expected} == expected
    for user, product in expected:
        audience = other(f"SELECT score FROM audience('{product}', 99) WHERE user_id = '{user}'")
        assert [row["score"] for row in audience] == [expected[user, product]]


def test_explaining_the_unknown_gives_no_error(ask):
    assert ask("FROM explain('0003', 'no such product')") == []
    assert ask("FROM explain(NULL, NULL)") == []
    (row,) = ask(f"FROM explain('{STRANGER}', '00100')")
    assert (row["kind"], row["item"]) == ("factor", "popular with everyone")
