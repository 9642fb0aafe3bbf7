"""What is known of products and users before they are compared, worked out again from `interactions`."""

import datetime
import statistics
from math import log

import duckdb
import pytest

from tests.statements import statement

DAY = datetime.timedelta(days=1)
LAST = datetime.datetime(2024, 6, 30, 20)
# user, product, days before the last event, preference
SHOWN = [
    ("ann", "pot", 0, 4.0),
    ("ann", "pan", 180, 2.0),
    ("ann", "mat", 360, -3.0),
    ("ann", "rug", 45, -0.5),
    ("ann", "cup", None, 1.0),
    ("bob", "pot", 100, 5.0),
    ("bob", "rug", 460, 3.0),
    ("bob", "mat", 130, 2.0),
    ("cat", "mat", None, -4.0),
    ("dan", "new", 30, 1.0),
    ("dan", "cup", 60, 3.0),
    ("eve", "cup", 7, -2.0),
]
# first and last day, popularity and satisfaction of those that have events
SOLD = {
    "pot": (100, 0, 1.0, 0.9),
    "pan": (180, 170, 0.25, 0.5),
    "mat": (400, 130, 0.0, 0.1),
    "rug": (500, 45, 0.5, None),
    "cup": (None, None, 0.75, 0.7),
    "new": (30, 30, 0.1, None),
}
PRICES = {"pot": 20.0, "pan": 5.0, "mat": 80.0, "rug": 0.0, "cup": 8.0, "new": None, "odd": 40.0}


def at(days):
    return None if days is None else LAST - days * DAY


@pytest.fixture(scope="module")
def known():
    """The three tables, as rows by who or what they are of."""
    with duckdb.connect() as con:
        con.execute("""
            CREATE SCHEMA duckmark;
            CREATE TABLE duckmark.interactions (
                user_id VARCHAR, product_id VARCHAR, last_at TIMESTAMP, preference DOUBLE, rating DOUBLE
            );
            CREATE TABLE duckmark.product_popularity (
                product_id VARCHAR, first_at TIMESTAMP, last_at TIMESTAMP, popularity DOUBLE, satisfaction DOUBLE
            );
            CREATE TABLE duckmark.products (product_id VARCHAR, price DECIMAL(18, 4));
        """)
        for user, product, days, preference in SHOWN:
            con.execute(
                "INSERT INTO duckmark.interactions VALUES (?, ?, ?, ?, ?)",
                [user, product, at(days), preference, preference % 5],
            )
        for product, (first, last, *rest) in SOLD.items():
            con.execute(
                "INSERT INTO duckmark.product_popularity VALUES (?, ?, ?, ?, ?)", [product, at(first), at(last), *rest]
            )
        con.executemany("INSERT INTO duckmark.products VALUES (?, ?)", list(PRICES.items()))
        con.execute(statement("strength", "2_profile"))
        tables = {}
        for name, keys in (("histories", 2), ("product_features", 1), ("user_features", 1)):
            con.execute(statement(name))
            found = con.execute(f"FROM duckmark.{name}")
            columns = [column[0] for column in found.description][keys:]
            tables[name] = {row[:keys]: dict(zip(columns, row[keys:], strict=True)) for row in found.fetchall()}
        return tables


def equal(one, other):
    assert one.keys() == other.keys()
    for key, row in other.items():
        assert one[key] == pytest.approx(row, abs=1e-8), key


def test_histories_fade_by_half_in_half_a_year_and_a_dislike_counts_a_quarter(known):
    last = {}
    for user, _, days, _ in SHOWN:
        if days is not None:
            last[user] = min(days, last.get(user, days))
    expected = {}
    for user, product, days, preference in SHOWN:
        age = 0 if days is None else days - last[user]
        weight = (-0.25 if preference < 0 else 1) * 0.5 ** (age / 180)
        expected[user, product] = {"rating": preference % 5, "preference": preference, "weight": weight}
    equal(known["histories"], expected)
    assert known["histories"]["ann", "pan"]["weight"] == 0.5


def price_features():
    median = log(statistics.median(price for price in PRICES.values() if price))
    return {product: log(price) - median if price else None for product, price in PRICES.items()}


def test_of_products_all_that_the_ranker_knows(known):
    fans = {}
    for _, product, days, preference in SHOWN:
        if preference > 0:
            fans[product] = fans.get(product, 0) + (1 if days is None else 0.5 ** (days / 30))
    most = max(log(1 + choices) for choices in fans.values())
    mean = statistics.mean(satisfaction for *_, satisfaction in SOLD.values() if satisfaction is not None)
    expected = {}
    for product, price in price_features().items():
        first, last, popularity, satisfaction = SOLD.get(product, (None, None, 0, None))
        expected[product,] = {
            "popularity": popularity,
            "recent": log(1 + fans.get(product, 0)) / most,
            "idle": log(1 + (last or 0)),
            "age": log(1 + (first or 0)),
            "price": price,
            "satisfaction": 0 if satisfaction is None else satisfaction - mean,
        }
    equal(known["product_features"], expected)


def test_of_users_all_that_the_ranker_knows(known):
    prices, expected = price_features(), {}
    for user in {user for user, *_ in SHOWN}:
        own = [row[1:] for row in SHOWN if row[0] == user]
        days = [days for _, days, _ in own if days is not None]
        paid = [prices[product] for product, _, preference in own if preference > 0 and prices[product] is not None]
        expected[user,] = {
            "history": log(1 + len(own)),
            "away": log(1 + min(days, default=0)),
            "price": statistics.mean(paid) if paid else None,
        }
    equal(known["user_features"], expected)
