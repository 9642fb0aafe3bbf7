"""Event kinds: the names shops use, weights of one's own, and the kind of a row that names none."""

import pytest

from duckmark.collect import collect
from duckmark.errors import EventKindError


def kinds(con, sql, values, **options):
    rows = ", ".join(f"('p', '{value}')" for value in values)
    collect(con, events=f"SELECT * FROM (VALUES {rows}) AS t (product_id, event)", **options)
    sql(con)
    return [kind for (kind,) in con.execute("SELECT kind FROM duckmark.raw_events ORDER BY event_id").fetchall()]


def test_other_names(con, sql):
    names = ["View", "page-view", "addtocart", "Add to Cart", "transaction", "BUY", "fav", "refund", ""]
    found = kinds(con, sql, names)
    assert found == ["view", "view", "cart", "cart", "purchase", "purchase", "wishlist", "return", "view"]


def test_weights(con, sql):
    found = kinds(con, sql, ["demo booked", "wishlist"], weights={"wishlist": 2.5, "demo_booked": 3, "buy": 4.5})
    assert found == ["demo_booked", "wishlist"]
    weights = dict(con.execute("SELECT kind, weight FROM duckmark.event_kinds").fetchall())
    assert (weights["wishlist"], weights["demo_booked"], weights["purchase"], weights["view"]) == (
        2.5,
        3,
        4.5,
        1,
    )


def test_a_name_stands_for_one_kind(con):
    collect(con, events="SELECT 1 AS product_id")
    names = "SELECT unnest(names) AS name FROM duckmark.event_kinds"
    assert con.execute(f"SELECT name FROM ({names}) GROUP BY name HAVING count(*) > 1").fetchall() == []


def test_an_unknown_kind_is_named_with_its_rows(con):
    query = "SELECT 1 AS product_id, unnest(['view', 'Demo Booked', 'demo_booked', 'zap']) AS event"
    with pytest.raises(EventKindError) as caught:
        collect(con, events=query)
    for words in ("in 2 rows, first in row 2", "'zap' in 1 rows", "cart,", "--weight", "=1.0"):
        assert words in str(caught.value)


@pytest.mark.parametrize("weights", [{"view": "high"}, {"view": float("nan")}, {"view": True}, {"--": 1}])
def test_weights_that_are_none(con, weights):
    with pytest.raises(EventKindError, match="give a n"):
        collect(con, events="SELECT 1 AS product_id", weights=weights)


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ("5 AS rating, 'good' AS text", "review"),
        ("5 AS rating, ' ' AS text", "rating"),
        ("'unreadable' AS rating", "rating"),
        ("'good' AS text", "review"),
        ("2 AS quantity", "purchase"),
        ("2.50 AS price", "purchase"),
        ("-2 AS quantity", "return"),
        ("1 AS nothing", "view"),
        ("NULL AS event, 5 AS rating", "rating"),
    ],
)
def test_a_row_without_a_kind_is_what_it_holds(con, sql, columns, kind):
    collect(con, events=f"SELECT 1 AS product_id, {columns}")
    sql(con)
    assert con.execute("SELECT kind FROM duckmark.raw_events").fetchall() == [(kind,)]
