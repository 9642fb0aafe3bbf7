"""Expected ratings and their reasons, as any client asks for them."""

import duckdb
import pytest

import duckmark
from tests.client import answers
from tests.shop import DISLIKED, SILENT, STRANGER, build_shop, event_rows, events

PAIRS = [("0003", "00103"), ("0003", DISLIKED), ("0031", "00125"), (STRANGER, "00103"), (SILENT, DISLIKED)]


def test_ratings_given_are_expected_to_within_a_star(ask):
    query = "SELECT sqrt(avg((rating - predict_rating(user_id, product_id)) ** 2)) AS rmse FROM duckmark.ratings"
    assert ask(query)[0]["rmse"] < 1


def test_what_all_its_buyers_dislike_is_expected_to_be_rated_lower(ask):
    (row,) = ask(f"SELECT predict_rating('0020', '{DISLIKED}') AS disliked, predict_rating('0020', '00103') AS other")
    assert row["disliked"] < row["other"] - 1


def test_of_whom_nothing_is_known_nothing_is_added(ask):
    query = f"""
        SELECT
            predict_rating('{STRANGER}', '{DISLIKED}') - m.mean - p.bias AS of_stranger,
            predict_rating('0003', 'no such product') - m.mean - u.bias AS of_nothing,
            predict_rating(NULL, NULL) - m.mean AS of_neither
        FROM duckmark.rating_means AS m, duckmark.product_ratings AS p, duckmark.user_ratings AS u
        WHERE p.product_id = '{DISLIKED}' AND u.user_id = '0003'
    """
    assert list(ask(query)[0].values()) == pytest.approx([0, 0, 0], abs=1e-9)


def test_a_column_of_any_name_may_be_asked_of(ask):
    """A macro's argument is put in as text: it must not meet a column of the same name inside."""
    names = ("user_id", "asked_user", "bias", "mean", "product_id", "factors")
    expected = ask("SELECT predict_rating('0003', '00103') AS stars")[0]["stars"]
    for name in names:
        query = f"SELECT predict_rating({name}, other) AS stars FROM (SELECT '0003' AS {name}, '00103' AS other)"
        assert ask(query)[0]["stars"] == expected


@pytest.mark.parametrize(("user", "product"), PAIRS)
def test_contributions_add_up(ask, user, product):
    rows = ask(f"FROM explain_rating('{user}', '{product}')")
    (scale,) = ask("SELECT lowest, highest FROM duckmark.rating_means")
    expected = ask(f"SELECT predict_rating('{user}', '{product}') AS stars")[0]["stars"]
    total = sum(row["contribution"] for row in rows)
    assert min(max(total, scale["lowest"]), scale["highest"]) == pytest.approx(expected, abs=1e-5)
    assert rows[0]["kind"] == "mean"


def test_the_items_are_those_the_user_rated_and_make_up_their_taste(ask):
    rows = ask(f"SELECT item, contribution FROM explain_rating('0003', '{DISLIKED}') WHERE kind = 'item'")
    rated = ask("SELECT product_id FROM duckmark.ratings WHERE user_id = '0003'")
    assert {row["item"] for row in rows} == {row["product_id"] for row in rated} != set()
    taste = ask(f"""
        SELECT list_dot_product(u.factors, p.factors) AS stars
        FROM duckmark.user_ratings AS u, duckmark.product_ratings AS p
        WHERE u.user_id = '0003' AND p.product_id = '{DISLIKED}'
    """)[0]["stars"]
    assert sum(row["contribution"] for row in rows) == pytest.approx(taste, abs=1e-5)


def test_explaining_the_unknown_gives_no_error(ask):
    kinds = {
        ("0003", "no such product"): ["mean", "user"],
        (STRANGER, "00103"): ["mean", "product"],
        (STRANGER, "no such product"): ["mean"],
    }
    for (user, product), expected in kinds.items():
        assert [row["kind"] for row in ask(f"FROM explain_rating('{user}', '{product}')")] == expected
    assert [row["kind"] for row in ask("FROM explain_rating(NULL, NULL)")] == ["mean"]


def test_a_shop_without_ratings(tmp_path):
    rows = [{**row, "rating": None} for row in event_rows()[:60]]
    path = build_shop(duckmark.build, tmp_path / "shop.duckdb", events=events(rows))
    assert answers(path, "SELECT predict_rating('0003', '00103') AS stars") == [{"stars": None}]
    assert answers(path, "FROM explain_rating('0003', '00103')") == []
    with duckdb.connect(str(path), read_only=True) as con:
        reasons = con.execute("SELECT reason FROM models WHERE kind = 'biased_mf' AND status = 'skipped'").fetchall()
    assert len(reasons) == 2
    assert ("too few ratings: 0 by 0 users of 0 products; at least 100 are needed, by 2 users and of 2 products",) in (
        reasons
    )
