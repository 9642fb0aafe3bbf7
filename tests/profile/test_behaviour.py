"""How users behave and products do: full rows of a few events, worked out by hand."""

import datetime
from decimal import Decimal

import duckdb
import pytest

from tests.statements import statement

DAYS = [datetime.datetime(2024, 3, day, 10) for day in range(1, 10)]
LATER = datetime.timedelta(hours=3)
# user, product, kind, rating, quantity, price, time, channel, order
EVENTS = [
    ("ann", "pot", "view", None, None, 9, DAYS[0], "web", None),
    ("ann", "pot", "purchase", None, 3, 2.5, DAYS[0] + LATER, "shop", None),  # of one day one order
    ("ann", "pan", "purchase", None, 1, 10, DAYS[0] + LATER, "shop", None),
    ("ann", "pot", "purchase", None, None, 2.25, DAYS[2], "app", "o1"),  # a quantity that is not known is one
    ("ann", "cup", "purchase", None, 2, None, DAYS[3], "app", "o1"),  # one order on two days
    ("ann", "cup", "rating", 4, None, None, DAYS[5], "app", None),
    ("ann", "mat", "rating", 1.5, None, None, None, None, None),  # a visit by itself
    ("ann", "rug", "view", None, 50, 50, DAYS[1], None, None),
    ("bob", "pot", "view", None, None, None, None, None, None),
    ("cat", "rug", "review", 2, None, None, DAYS[7], "b", None),
    ("cat", "mat", "view", None, None, None, DAYS[7], "a", None),  # of equals the first by name
    (None, "pot", "purchase", 5, 4, 0.5, DAYS[8], "web", None),
]
CATEGORIES = {"pot": "kitchen", "pan": "kitchen", "cup": "table", "mat": "floor", "rug": "floor", "new": "attic"}
SATISFACTION = {6: 0.75, 7: 0.125, 10: 0.25}  # of an event, by its place


@pytest.fixture
def con():
    with duckdb.connect() as con:
        con.execute("""
            CREATE SCHEMA duckmark;
            CREATE TABLE duckmark.events (
                user_id VARCHAR, product_id VARCHAR, kind VARCHAR, rating DOUBLE, quantity DECIMAL(18, 3),
                price DECIMAL(18, 4), happened_at TIMESTAMP, channel VARCHAR, order_id VARCHAR, event_id BIGINT
            );
            CREATE TABLE duckmark.products (product_id VARCHAR, category VARCHAR);
            CREATE TABLE duckmark.reviews (event_id BIGINT, satisfaction DOUBLE);
            CREATE TABLE duckmark.interactions (user_id VARCHAR, product_id VARCHAR, preference DOUBLE);
        """)
        con.executemany(
            f"INSERT INTO duckmark.events VALUES ({', '.join('?' * 10)})",
            [(*event, place) for place, event in enumerate(EVENTS, 1)],
        )
        con.executemany("INSERT INTO duckmark.products VALUES (?, ?)", list(CATEGORIES.items()))
        con.executemany("INSERT INTO duckmark.reviews VALUES (?, ?)", list(SATISFACTION.items()))
        yield con


def rows(con, table):
    con.execute(statement(table, "2_profile"))
    described = con.execute(f"FROM duckmark.{table}")
    names = [column[0] for column in described.description]
    return [dict(zip(names, row, strict=True)) for row in described.fetchall()]


def test_how_users_behave(con):
    assert rows(con, "user_behaviour") == [
        {
            "user_id": "ann",
            "first_at": DAYS[0],
            "last_at": DAYS[5],
            "events": 8,
            "visits": 5,
            "orders": 2,
            "products": 5,
            "units": Decimal(7),
            "spend": Decimal("19.75"),
            "mean_rating": 2.75,
            "favourite_categories": ["kitchen", "floor", "table"],
            "favourite_channel": "app",
        },
        {
            "user_id": "bob",
            "first_at": None,
            "last_at": None,
            "events": 1,
            "visits": 1,
            "orders": 0,
            "products": 1,
            "units": None,
            "spend": None,
            "mean_rating": None,
            "favourite_categories": ["kitchen"],
            "favourite_channel": None,
        },
        {
            "user_id": "cat",
            "first_at": DAYS[7],
            "last_at": DAYS[7],
            "events": 2,
            "visits": 1,
            "orders": 0,
            "products": 2,
            "units": None,
            "spend": None,
            "mean_rating": 2.0,
            "favourite_categories": ["floor"],
            "favourite_channel": "a",
        },
    ]


def test_three_categories_are_favourites(con):
    for place, category in enumerate(["garden", "garden", "garden", "attic", "attic", "floor"], 100):
        con.execute("INSERT INTO duckmark.products VALUES (?, ?)", [str(place), category])
        con.execute(
            "INSERT INTO duckmark.events (user_id, product_id, event_id) VALUES ('ann', ?, ?)", [str(place), place]
        )
    favourites = {row["user_id"]: row["favourite_categories"] for row in rows(con, "user_behaviour")}
    assert favourites["ann"] == ["kitchen", "floor", "garden"]


def test_how_products_do(con):
    liked = [("ann", "pot", 4), ("bob", "pot", 1), ("eve", "pot", 2), ("ann", "cup", 3), ("eve", "mat", -2)]
    liked += [("ann", "rug", 4), ("cat", "rug", -1), ("dan", "rug", 0.5), ("ann", "mat", -3)]
    con.executemany("INSERT INTO duckmark.interactions VALUES (?, ?, ?)", liked)
    found = {row.pop("product_id"): row for row in rows(con, "product_popularity")}
    popularity = {product: row.pop("popularity") for product, row in found.items()}
    columns = (
        "users", "events", "first_at", "last_at", "units", "revenue", "mean_rating", "satisfaction", "fans",
    )  # fmt: skip
    expected = {
        "cup": (1, 2, DAYS[3], DAYS[5], Decimal(2), None, 4.0, 0.75, 1),
        "mat": (2, 2, DAYS[7], DAYS[7], None, None, 1.5, 0.125, 0),
        # Nobody known has shown anything of it: its event stands for a fan.
        "pan": (0, 1, DAYS[0] + LATER, DAYS[0] + LATER, Decimal(1), Decimal(10), None, None, 1),
        "pot": (3, 5, DAYS[0], DAYS[8], Decimal(8), Decimal("11.75"), 5.0, None, 3),
        "rug": (3, 2, DAYS[1], DAYS[7], None, None, 2.0, 0.25, 1),
    }
    assert found == {product: dict(zip(columns, row, strict=True)) for product, row in expected.items()}
    assert popularity == pytest.approx({"cup": 0.5, "mat": 0, "pan": 0.5, "pot": 1, "rug": 0.5})  # ln 2 of ln 4
