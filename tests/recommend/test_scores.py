"""`scores`: every product for one user, to filter at will."""

import pytest

from tests.shop import SINGLE, STRANGER


@pytest.mark.parametrize("user", ["0001", "0031", SINGLE])
def test_scores_are_those_of_recommend_and_may_be_filtered(ask, user):
    every = ask(f"FROM scores('{user}') ORDER BY score DESC, product_id")
    listed = ask(f"FROM recommend('{user}', 999)")
    assert [row["product_id"] for row in every] == [row["product_id"] for row in listed]
    assert [row["score"] for row in every] == pytest.approx([row["score"] for row in listed], abs=1e-6)
    cheap = ask(f"FROM scores('{user}') WHERE price < 12 AND category = 'music' ORDER BY score DESC, product_id")
    assert cheap == [row for row in every if float(row["price"]) < 12 and row["category"] == "music"]
    assert cheap


def test_nobody_has_scores_of_whom_nothing_is_known(ask):
    assert ask(f"FROM scores('{STRANGER}')") == ask("FROM scores(NULL)") == []
