"""Numbers with a comma before their decimals, told from those with commas between thousands by the whole column."""

import pytest

from duckmark.collect import collect


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
    ],
)
def test_columns(con, sql, written, read):
    assert prices(con, sql, written) == read


def test_of_ratings_and_quantities_too(con, sql):
    collect(con, events="SELECT 'p' AS product_id, unnest(['4,0', '3,5']) AS rating, '1,5' AS quantity")
    sql(con)
    found = con.execute("SELECT rating, quantity::DOUBLE FROM duckmark.raw_events ORDER BY event_id").fetchall()
    assert found == [(4, 1.5), (3.5, 1.5)]


def test_a_scale_is_found_behind_commas(con, sql):
    collect(con, events="SELECT 'p' AS product_id, unnest(['10,0', '5,5', '1,0']) AS rating")
    sql(con)
    assert con.execute("SELECT rating FROM duckmark.raw_events ORDER BY event_id").fetchall() == [(5,), (3,), (1,)]
