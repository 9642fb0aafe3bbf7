"""Numbers with a comma before their decimals, told from those with commas between thousands by the whole column; marks
between thousands and currencies."""

import pytest

from duckmark.collect import collect
from duckmark.collect.decimals import described


def prices(con, sql, values):
    rows = ", ".join(f"('p', '{value}')" for value in values)
    collect(con, events=f"SELECT * FROM (VALUES {rows}) AS t (product_id, price)")
    sql(con)
    return [
        value if value is None else float(value)
        for (value,) in con.execute("SELECT price FROM duckmark.raw_events ORDER BY event_id").fetchall()
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["12,50", "3,9", "7", ""], [12.5, 3.9, 7, None]),
        (["1.299,00 €", "€ 12,50", "1 299,5", "1.299"], [1299, 12.5, 1299.5, 1299]),
        (["12,50", "free", "-3,00"], [12.5, None, -3]),
        (["1,299", "12,500"], [1299, 12500]),  # thousands
        (["1,299.00", "12,50"], [1299, None]),  # points before decimals decide
        (["12.50", "12,50"], [12.5, None]),
        (["12.50", "1.299"], [12.5, 1.299]),  # no commas
        (["12,3456", "1.234,5678"], [12.3456, 1234.5678]),  # no thousands: more than three digits,
        (["1.234,567", "1,5"], [1234.567, 1.5]),  # other thousands before,
        (["0,500", "1,200"], [0.5, 1.2]),  # or nothing
        (["1,759", "12,90"], [1.759, 12.9]),  # one plain decimal comma decides
        (["12,50", "on request, or not"], [12.5, None]),
        (["1,234,567", "12,50"], [1234567, None]),
        (["41.163", "1.299.990"], [41163, 1299990]),  # thousands by points
        (["$ 41.163", "$ 1.299.990"], [41163, 1299990]),
        (["1.250", "0.750", "1.250.000"], [1.25, 0.75, None]),
        (["41.163", "1.299.990", "9.5"], [41.163, None, 9.5]),
        (["(12,34)", "5,00"], [-12.34, 5]),  # bookkeepers' minus
        (["(12.34)", "$(1,234.50)"], [-12.34, -1234.5]),
        (["\u221212,34", "-$5"], [-12.34, -5]),
        (["-$12.34", "12", "\u22122.5"], [-12.34, 12, -2.5]),
    ],
)
def test_columns(con, sql, written, read):
    assert prices(con, sql, written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("12.34 EUR", 12.34),
        ("12.50€", 12.5),
        ("USD12.50", 12.5),
        ("US$ 1,299.00", 1299),
        ("12 kr.", 12),
        ("Rs. 1200", 1200),
        ("Rs. 1,200.50", 1200.5),
        ("\u20b91,23,456.00", 123456),
        ("1''234.50", 1234.5),
        ("1\u2019234", 1234),
        ("1\u202f234,50 \u20ac", 1234.5),
        ("1 234.50", 1234.5),
        ("1.2k", None),
        ("2 for 5", None),
        ("12,34,56", None),
    ],
)
def test_currencies_and_marks_between_thousands(con, sql, written, read):
    assert prices(con, sql, [written]) == [read]


@pytest.mark.parametrize(("others", "are_thousands"), [(150, True), (60, False)])
def test_one_comma_out_of_place_does_not_divide_all_by_a_thousand(con, sql, others, are_thousands):
    found = prices(con, sql, [f"1,{100 + i}" for i in range(others)] + ["12,50"])
    by, last = (1, None) if are_thousands else (1000, 12.5)
    assert found == [*((1100 + i) / by for i in range(others)), last]


@pytest.mark.parametrize(("written", "read"), [("1,500", 1500), ("(2)", -2), ("1.5 kg", 1.5)])
def test_quantities_are_read_by_the_same_rule(con, sql, written, read):
    collect(con, events=f"SELECT 'p' AS product_id, '{written}' AS quantity")
    sql(con)
    assert con.execute("SELECT quantity::DOUBLE FROM duckmark.raw_events").fetchall() == [(read,)]


def test_prices_of_a_catalogue_and_of_categories_too(con, sql):
    products = "SELECT 'p' AS product_id, CAST('£1,299.00' AS ENUM('£1,299.00')) AS price"
    collect(con, events="SELECT 'p' AS product_id", products=products)
    sql(con)
    assert con.execute("SELECT price::DOUBLE FROM duckmark.raw_products").fetchall() == [(1299,)]


def test_of_ratings_and_quantities_too(con, sql):
    collect(con, events="SELECT 'p' AS product_id, unnest(['4,0', '3,5']) AS rating, '1,5' AS quantity")
    sql(con)
    found = con.execute("SELECT rating, quantity::DOUBLE FROM duckmark.raw_events ORDER BY event_id").fetchall()
    assert found == [(4, 1.5), (3.5, 1.5)]


def test_a_scale_is_found_behind_commas(con, sql):
    collect(con, events="SELECT 'p' AS product_id, unnest(['10,0', '5,5', '1,0']) AS rating")
    sql(con)
    assert con.execute("SELECT rating FROM duckmark.raw_events ORDER BY event_id").fetchall() == [(5,), (3,), (1,)]


@pytest.mark.parametrize(
    ("written", "said"),
    [("12,50", '"price" (decimal commas)'), ("$1,299.00", '"price" (decimal points)'), ("12.5", '"price"')],
)
def test_the_mapping_is_told_in_words(con, written, said):
    (source,) = collect(con, events=f"SELECT 'p' AS product_id, '{written}' AS price")
    assert described(source.mapping["events.price"]) == said
    assert described(f"2 * ({source.mapping['events.price']})") == f"2 * ({said})"
