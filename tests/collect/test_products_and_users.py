"""Products and users: the catalogue first, then what the kept events say."""

from decimal import Decimal

import pytest

EVENTS = """
    SELECT * FROM (VALUES
        ('u1', 'a', 'Cup', 2.0, '2024-01-01', 'DE', 'red', 'o1'),
        ('u1', 'a', 'Cup', 4.0, '2024-01-02', 'DE', 'red', 'o2'),
        ('u1', 'a', 'CUP!', 3.0, '2024-01-03', 'FR', 'blue', 'o3'),
        ('u2', 'b', 'Old name', 1.0, '2024-01-01', NULL, NULL, 'o4'),
        ('u2', 'b', 'New name', 1.0, '2024-01-02', '', NULL, 'o5'),
        ('u3', 'a', 'dropped', 0.0, '2024-01-04', 'IT', 'x', 'o6')
    ) AS t (user_id, product_id, product_name, price, "at", country, colour, order_id)
"""


def products(con):
    return con.execute("SELECT * FROM duckmark.products ORDER BY product_id").fetchall()


def test_products_known_only_from_events(clean):
    assert products(clean(EVENTS)) == [
        ("a", "Cup", None, None, Decimal("3.0000"), {"colour": "red"}),
        ("b", "New name", None, None, Decimal("1.0000"), {}),
    ]


def test_the_catalogue_counts_first_and_events_fill_what_it_leaves_open(clean):
    con = clean(EVENTS, products="""
        SELECT * FROM (VALUES
            ('a', 'Fine cup', NULL, 'kitchen', 'gold'),
            ('a', 'second row', 9.0, 'x', 'x'),
            ('b', NULL, 7.0, NULL, NULL),
            ('never sold', 'Hat', NULL, NULL, NULL),
            ('POST', 'Postage', 1.0, NULL, NULL),
            (NULL, 'no id', NULL, NULL, NULL)
        ) AS t (sku, name, price, category, colour)
    """)  # fmt: skip
    assert products(con) == [
        ("a", "Fine cup", None, "kitchen", Decimal("3.0000"), {"colour": "gold"}),
        ("b", "New name", None, None, Decimal("7.0000"), {}),
        ("never sold", "Hat", None, None, None, {}),
    ]
    counts = con.execute("SELECT rule, action, rows FROM data_quality WHERE source = 'products' ORDER BY 1").fetchall()
    assert counts == [
        ("duplicate", "dropped", 1),
        ("no product", "dropped", 1),
        ("not goods", "dropped", 1),
        ("usable", "kept", 3),
    ]


def test_users(clean):
    con = clean(EVENTS, users="SELECT unnest(['u1', 'u9', 'u9', NULL]) AS id, unnest([30, 40, 50, 60]) AS age")
    assert con.execute("SELECT * FROM duckmark.users ORDER BY user_id").fetchall() == [
        ("u1", {"age": "30", "country": "DE"}),
        ("u2", {}),
        ("u9", {"age": "40"}),
    ]


def test_a_shop_without_users_has_an_empty_table(clean):
    con = clean("SELECT 'p' AS product_id, 5 AS rating, 30 AS age")
    assert con.execute("FROM duckmark.users").fetchall() == []


@pytest.mark.parametrize("unpriced", ["NULL", "0"])
def test_the_price_is_the_middle_one_of_those_paid(clean, unpriced):
    """Views of no price, or of none, are no prices."""
    con = clean(f"""
        SELECT i AS user_id, 'p' AS product_id, if(i < 9, 'view', 'purchase') AS kind,
            CASE WHEN i < 9 THEN {unpriced} ELSE 2.5 END AS price
        FROM range(12) AS t (i)
    """)
    assert con.execute("SELECT price FROM duckmark.products").fetchall() == [(Decimal("2.5"),)]


@pytest.mark.parametrize(
    ("paid", "price"), [([1, 2, 9], 2), ([1, 2, 3, 9], 2), ([5, 5, 1, 9, 5], 5), ([7, 9, 9, 1, 1, 1], 1)]
)
def test_of_an_even_number_of_prices_the_lower_middle_one(clean, paid, price):
    con = clean(f"SELECT i AS user_id, 'p' AS product_id, 'buy' AS kind, {paid}[i] AS price "
                f"FROM range(1, {len(paid) + 1}) AS t (i)")  # fmt: skip
    assert con.execute("SELECT price FROM duckmark.products").fetchall() == [(price,)]
