"""Products and users: the catalogue first, then what the kept events say."""

from decimal import Decimal

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
