"""`explain`: what a score is made of adds up to it, whatever the score is made of."""

from collections.abc import Callable
from functools import partial

import pytest

import duckmark
from tests.client import answers
from tests.shop import DISLIKED, SILENT, SINGLE, STRANGER, UNSOLD, build_shop, event

# Options under which scores are made of other things than by default.
OTHER = {
    "the nearest of each product in a history": {
        "items_model": "item_knn",
        "item_lists": "source",
        "item_neighbours": 2,
        "ranker": "fusion",
    },
    "units that are on or off": {"ranker": "neural"},
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


def test_they_add_up_for_who_has_more_products_than_are_found_by_key(tmp_path):
    """DuckDB looks for up to 50 values by an index, and for more in all rows."""
    bought = [(f"{user:02}", (3 * user + step) % 90) for user in range(30) for step in range(20)]
    bought += [("many", product) for product in range(70)]
    rows = [event(user, f"P{product:02}", "purchase") for user, product in bought]
    path = build_shop(duckmark.build, tmp_path / "shop.duckdb", rows, products=None, users=None)
    pairs = [("many", f"P{product}") for product in (75, 80, 89)]
    expected = {
        (user, product): pytest.approx(row["score"], abs=1e-6)
        for user, product in pairs
        for row in answers(path, f"SELECT score FROM scores('{user}') WHERE product_id = '{product}'")
    }
    assert totals(partial(answers, path), pairs) == expected
    (items,) = answers(path, "SELECT count(DISTINCT item) AS n FROM explain('many', 'P80') WHERE kind = 'item'")
    assert items["n"] == 70


def test_where_nobody_is_known_a_strangers_reason_is_how_many_events_there_were(tmp_path):
    rows = [event(None, f"P{product}", "purchase") for product in (1, 1, 2)]
    path = build_shop(duckmark.build, tmp_path / "shop.duckdb", rows, products=None, users=None)
    assert [row["detail"] for row in answers(path, "FROM explain('anyone', 'P1')")] == ["2 events"]


def test_explaining_the_unknown_gives_no_error(ask):
    assert ask("FROM explain('0003', 'no such product')") == []
    assert ask("FROM explain(NULL, NULL)") == []
    (row,) = ask(f"FROM explain('{STRANGER}', '00100')")
    assert (row["kind"], row["item"]) == ("factor", "popular with everyone")
