"""A shop of free things: purchases of no price stay, those of a price of 0 go, and a message says so."""

import pytest

from duckmark.collect.prices import advice_on_prices

HEADER = "user_id,product_id,kind,price\n"


def orders(*prices: object) -> str:
    return HEADER + "".join(f"u{i},p{i % 3},purchase,{price}\n" for i, price in enumerate(prices))


@pytest.mark.parametrize(
    ("prices", "is_told"),
    [([0] * 5, True), ([0] * 9 + [5], True), ([0] * 8 + [5, 5], False), ([5, 5], False), ([], False)],
)
def test_a_price_of_nothing_throughout_is_told(clean, write, prices, is_told):
    con = clean(write("orders.csv", orders(*prices) + "u,p,view,0\n"))
    advice = advice_on_prices(con)
    assert (advice is not None) is is_told
    if is_told:
        assert f"Of {len(prices)} purchases {prices.count(0)} have a price that is not positive" in advice
        assert "--map price=NULL" in advice


def test_what_the_advice_says_keeps_free_things(clean, write):
    some, query = write("orders.csv", orders(0, 0, 5)), "SELECT price FROM duckmark.events WHERE kind = 'purchase'"
    prices = [
        clean(some, mapping={"price": price}).execute(f"{query} ORDER BY price").fetchall()
        for price in ("NULL", "nullif(price, 0)")
    ]
    assert prices == [[(None,)] * 3, [(5,), (None,), (None,)]]


def test_a_kind_by_itself_makes_purchases_of_rows_that_told_theirs_by_the_price(clean, write):
    path = write("orders.csv", "user_id,product_id,price\n1,a,0\n2,b,0\n")
    con = clean(path, mapping={"price": "NULL", "kind": "'purchase'"})
    assert con.execute("SELECT DISTINCT kind FROM duckmark.events").fetchall() == [("purchase",)]


@pytest.mark.parametrize(("name", "typed"), [("Betrag", "-Betrag"), ("Betrag (EUR)", '-\\"Betrag (EUR)\\"')])
def test_amounts_spent_are_told_to_turn_their_sign(clean, write, name, typed):
    path = write("bank.csv", f"user_id,product_id,kind,{name}\nu,a,purchase,-5.50\nv,b,purchase,-3.20\n")
    con = clean(path, mapping={"price": name})
    advice = advice_on_prices(con, f'"{name}"')
    assert advice == (
        "Of 2 purchases 2 have a price that is not positive. If they are amounts spent, turn their sign: "
        f'--map price="{typed}".'
    )
    con = clean(path, mapping={"price": typed.replace("\\", "")})
    assert con.execute("SELECT price::DOUBLE FROM duckmark.events ORDER BY price").fetchall() == [(3.2,), (5.5,)]


@pytest.mark.parametrize("written", ["-£5.00", "-1,299.00", "-£1,299.00", "(£5.00)", "£0.00", "0"])
def test_dressed_or_not_a_price_below_something_is_none(clean, write, written):
    """Beside one that is, so that the column is read as its other numbers are."""
    rows = f'u,a,purchase,"{written}"\nv,a,purchase,"£1,299.00"\n'
    con = clean(write("orders.csv", HEADER + rows))
    reasons = con.execute("SELECT reason FROM duckmark.event_checks").fetchall()
    assert reasons == [("price not positive",)]
    assert con.execute("SELECT user_id, price::DOUBLE FROM duckmark.events").fetchall() == [("v", 1299)]
