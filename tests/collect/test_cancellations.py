"""Returns against purchases: the window arithmetic equals a pile that is really piled up and taken down."""

from decimal import Decimal

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duckmark.collect import collect
from tests.verdicts import reasons

HOURS = st.integers(0, 5)
MOVES = st.lists(
    st.tuples(st.sampled_from("uv"), st.sampled_from("pq"), st.integers(-4, 4).filter(bool), HOURS),
    max_size=14,
)


def piled(moves):
    """The naive way: one pile of purchases per customer and product, returns taking from its top."""
    left, matched, piles = {}, {}, {}
    ordered = sorted(enumerate(moves, 1), key=lambda move: (move[1][3], move[1][2] < 0, move[0]))
    for number, (user, product, quantity, _) in ordered:
        pile = piles.setdefault((user, product), [])
        if quantity > 0:
            left[number] = quantity
            pile.append(number)
            continue
        owed = -quantity
        while owed and pile:
            taken = min(owed, left[pile[-1]])
            left[pile[-1]] -= taken
            owed -= taken
            if not left[pile[-1]]:
                pile.pop()
        matched[number] = -quantity - owed
    return left, matched


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_netting_equals_the_naive_pile(sql, moves):
    left, matched = piled(moves)
    kept, reasons = netted(moves, sql)
    assert kept == {number: units for number, units in left.items() if units}
    assert reasons == {
        **{number: "cancelled purchase" for number, units in left.items() if not units},
        **{n: "cancellation" if units else "cancellation without a purchase" for n, units in matched.items()},
    }


def netted(moves, sql):
    """What the stage keeps and why it drops the rest, by the number of the move."""
    # The order number keeps equal rows from being one row written twice; row 0 is there for an empty list.
    rows = ["('w', 'w', 1, NULL, NULL)"]
    for number, (user, product, quantity, hour) in enumerate(moves):
        time = f"TIMESTAMP '2024-01-01 0{hour}:00:00'"
        rows.append(f"('{user}', '{product}', {quantity}, {time}, {number})")
    columns = 'user_id, product_id, quantity, "at", order_id'
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA duckmark")
        collect(con, events=f"SELECT * FROM (VALUES {', '.join(rows)}) AS t ({columns})")
        sql(con)
        kept = con.execute("SELECT event_id - 1, quantity FROM duckmark.events WHERE event_id > 1").fetchall()
        dropped = con.execute(
            "SELECT event_id - 1, reason FROM duckmark.event_checks WHERE reason IS NOT NULL"
        ).fetchall()
    return dict(kept), dict(dropped)


def test_partly_cancelled_purchases_are_counted(clean):
    con = clean("SELECT 1 AS user_id, 2 AS product_id, unnest([5, -2]) AS quantity")
    assert con.execute("SELECT quantity FROM duckmark.events").fetchall() == [(Decimal(3),)]
    adjusted = con.execute("SELECT rule, rows, share FROM data_quality WHERE action = 'adjusted'").fetchall()
    assert adjusted == [("partly cancelled", 1, 0.5)]


@pytest.mark.parametrize("kind", ["return", "Refund", "cancelled"])
def test_a_return_without_a_quantity_takes_one_unit_back(clean, kind):
    rows = f"(VALUES ('buy', 1), ('buy', 2), ('{kind}', 3)) AS t (event, order_id)"
    con = clean(f"SELECT 1 AS user_id, 2 AS product_id, * FROM {rows}")
    assert con.execute("SELECT event_id, quantity FROM duckmark.events").fetchall() == [(1, None)]


def test_strangers_do_not_cancel_for_one_another(clean):
    con = clean("SELECT 2 AS product_id, unnest([5, -5]) AS quantity, unnest(['a', 'b']) AS order_id")
    assert reasons(con) == [None, "cancellation without a purchase"]


def test_a_dropped_purchase_is_not_there_to_be_cancelled(clean):
    con = clean("SELECT 1 AS user_id, 2 AS product_id, unnest([5, -5]) AS quantity, unnest([0.0, 1.0]) AS price")
    assert reasons(con) == ["price not positive", "cancellation without a purchase"]
