"""`audience`: the users whom a product suits best."""

import pytest

from tests.shop import DISLIKED, TASTE, UNSOLD


def test_audience_and_recommend_agree_on_the_score(ask):
    both = ask(
        "SELECT a.user_id, a.score AS a, r.score AS r FROM audience('00103', 99) AS a "
        "JOIN recommendations AS r ON r.user_id = a.user_id AND r.product_id = '00103'"
    )
    assert len(both) > 10
    assert [row["a"] for row in both] == pytest.approx([row["r"] for row in both], abs=1e-6)


def test_the_audience_leaves_out_who_has_it(ask):
    rows = ask("SELECT user_id FROM audience('00103', 99) SEMI JOIN "
               "(FROM duckmark.interactions WHERE product_id = '00103') USING (user_id)")  # fmt: skip
    assert rows == []


def test_what_people_disliked_is_recommended_less_than_its_like(ask):
    """The travel flute is described as the disliked classical flute is, but for its style."""
    query = "SELECT avg(score) AS score, avg(collaborative) AS collaborative FROM audience('{}', 99)"
    (disliked,), (alike,) = ask(query.format(DISLIKED)), ask(query.format("00115"))
    assert disliked["collaborative"] < 0 < alike["collaborative"]
    assert disliked["score"] < alike["score"]


def test_a_product_never_sold_has_an_audience_and_alike(ask):
    assert len(ask(f"FROM similar_products('{UNSOLD}', 4)")) == 4
    rows = ask(f"FROM audience('{UNSOLD}', 5)")
    assert {TASTE[int(row["user_id"])] for row in rows} == {"garden"}
