"""Event kinds: the names shops use, weights of one's own, and the kind of a row that names none."""

import pyarrow as pa
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


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("purchase", ["enrol", "Enroll", "enrolled", "BUY", "bought", "purchased"]),
        ("complete", ["complete", "completed", "finished"]),
        ("wishlist", ["follow", "followed", "bookmarked"]),
        ("like", ["like", "liked"]),
        ("share", ["share", "shared", "repost"]),
        ("review", ["comment", "commented"]),
        ("dislike", ["dislike", "disliked"]),
        ("remove", ["unfollow", "unenroll", "SELL"]),
        ("view", ["viewed", "watched", "played"]),
    ],
)
def test_names_of_other_trades(con, sql, kind, names):
    assert set(kinds(con, sql, names)) == {kind}


def test_who_sells_what_they_bought_has_bought_it(clean):
    rows = "('u', 'f', 'buy', 5, DATE '2020-01-01'), ('u', 'f', 'sell', 5, DATE '2024-01-01')"
    con = clean(f"SELECT * FROM (VALUES {rows}) AS t (investor, isin, side, quantity, trade_date)")
    kinds = con.execute("SELECT kind FROM duckmark.events ORDER BY happened_at").fetchall()
    assert kinds == [("purchase",), ("remove",)]


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


def test_a_weight_of_a_kind_that_no_event_has(con):
    events = "SELECT 1 AS product_id, unnest(['view', 'Demo Booked', NULL]) AS event"
    weights = {"purchse": 5, "demo_booked": 3, "wishlist": 2.5}  # of a kind that is known, others may have events
    assert collect(con, events=events, weights=weights)[0].unseen == ["purchse"]
    assert collect(con, events="SELECT 1 AS product_id", weights={"zap": 1})[0].unseen == ["zap"]
    assert collect(con, events=events, weights={"demo_booked": 3})[0].unseen == []


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


def advised(con, source):
    with pytest.raises(EventKindError) as caught:
        collect(con, events=source)
    return str(caught.value).partition('To leave such rows out: --events "')[2].removesuffix('"')


@pytest.mark.parametrize("name", ["e.csv", "joe's.csv", "e.json", "e.parquet", "events", "FROM events;"])
def test_the_query_that_is_advised_leaves_the_unknown_kinds_out(con, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    rows = "('01', 'view'), ('02', 'zap'), ('03', NULL), ('04', 'it''s'), ('05', 'view')"
    con.execute(f"CREATE TABLE events AS SELECT * FROM (VALUES {rows}) AS t (product_id, event)")
    if "." in name:
        con.execute(f"COPY events TO '{name.replace(chr(39), chr(39) * 2)}'")
    collect(con, events=advised(con, name))
    left = con.execute("SELECT product_id FROM source_events").fetchall()
    assert left == [("01",), ("03",), ("05",)]


def test_the_query_that_is_advised_quotes_a_column_for_the_shell(con):
    con.execute("""CREATE TABLE events AS SELECT 1 AS product_id, unnest(['view', 'zap']) AS "Event Type" """)
    collect(con, events=advised(con, "events").replace('\\"', '"'))
    assert con.execute("SELECT kind FROM source_events").fetchall() == [("view",)]


def test_without_a_query_the_advice_is_a_source_without_them(con):
    frame = pa.table({"product_id": [1], "event": ["zap"]})
    with pytest.raises(EventKindError, match="give events without them, for example a SELECT with a WHERE"):
        collect(con, events=frame)


def test_the_kind_of_a_row_without_a_product_is_not_asked_for(con):
    collect(
        con, events="SELECT unnest([NULL, ' ', 'NaN', 'p']) AS product_id, unnest(['zap', 'zap', 'a', 'buy']) AS event"
    )
    with pytest.raises(EventKindError, match="'zap' in 1 rows, first in row 2"):
        collect(con, events="SELECT unnest([NULL, 'p']) AS product_id, 'zap' AS event")


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
        ("'o1' AS order_id", "purchase"),
        ("'NaN' AS order_id", "view"),
        ("-2 AS quantity", "return"),
        ("2 AS quantity, 'wrap it' AS text", "purchase"),
        ("-2 AS quantity, 'too small' AS text", "return"),
        ("'o1' AS order_id, 'wrap it' AS text", "purchase"),
        ("'NaN' AS order_id, ' ' AS quantity, 'good' AS text", "review"),
        ("2.50 AS price, 'good' AS text", "review"),
        ("'o1' AS order_id, 2 AS quantity, 2.50 AS price, 5 AS rating", "rating"),
        ("'o1' AS order_id, 2 AS quantity, 2.50 AS price, 5 AS rating, 'good' AS text", "review"),
        ("1 AS nothing", "view"),
        ("NULL AS event, 5 AS rating", "rating"),
    ],
)
def test_a_row_without_a_kind_is_what_it_holds(con, sql, columns, kind):
    collect(con, events=f"SELECT 1 AS product_id, {columns}")
    sql(con)
    assert con.execute("SELECT kind FROM duckmark.raw_events").fetchall() == [(kind,)]
