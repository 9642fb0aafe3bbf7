"""A small made-up shop with known structure, the same on every machine.

Users 0001-0029 like music and 0030-0058 gardens; each chooses among the products of their taste. 0059 has one
event, 0060 is known by attributes only. Product 00139 was never sold; 00105 is music that its buyers dislike.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

MUSIC = ("guitar", "violin", "drum", "piano", "trumpet", "flute", "cello", "harp", "banjo", "organ")
GARDEN = ("spade", "rake", "hose", "shears", "trowel", "planter", "mower", "barrow", "trellis", "compost")
STYLES = {
    "music": ("classical concert", "travel practice"),
    "garden": ("steel weatherproof", "wooden handmade"),
}
TASTE = {user: "music" if user < 30 else "garden" for user in range(1, 59)}
SINGLE, SILENT, STRANGER = "0059", "0060", "nobody"
DISLIKED, UNSOLD = "00105", "00139"
START = datetime.datetime(2024, 1, 1, 9)
PRAISE = (
    "I love this {noun}, the sound and the finish are wonderful.",
    "A great {noun}! Works perfectly, arrived early and my daughter is happy with the quality.",
    "Beautiful red {noun} of good quality, very easy to use. I would recommend it to friends.",
)
COMPLAINTS = (
    "Terrible {noun}. It broke after two days and the seller refused a refund.",
    "The {noun} arrived broken, the box was damaged and customer service was awful.",
    "I hate this {noun}: poor quality, it broke again and the refund never arrived.",
)
OPTIONS = {"dimensions": 16, "topics": 2, "neighbours": 8, "list_length": 15, "seed": 7}
EVENT = {
    "user_id": pa.string(),
    "product_id": pa.string(),
    "kind": pa.string(),
    "rating": pa.float64(),
    "text": pa.string(),
    "quantity": pa.int64(),
    "price": pa.float64(),
    "at": pa.timestamp("us"),
    "channel": pa.string(),
}


def product_rows() -> list[dict[str, Any]]:
    """40 products: 00100-00119 music, 00120-00139 garden."""
    rows = []
    for category, nouns in (("music", MUSIC), ("garden", GARDEN)):
        for style in STYLES[category]:
            for noun in nouns:
                number = 100 + len(rows)
                rows.append(
                    {
                        "product_id": f"{number:05}",
                        "title": f"{style.split()[0].title()} {noun.title()}",
                        "description": f"A {style} {noun} for the {category} lover",
                        "category": category,
                        "price": float(10 + number % 7),
                    }
                )
    return rows


def products() -> pa.Table:
    return pa.Table.from_pylist(product_rows())


def users() -> pa.Table:
    """60 users with a country and an age."""
    return pa.Table.from_pylist(
        [{"user_id": f"{n:04}", "country": ("FR", "DE", "IE")[n % 3], "age": str(20 + n % 40)} for n in range(1, 61)]
    )


def event_rows(seed: int = 1) -> list[dict[str, Any]]:
    """Some 700 events over five months: views, purchases, ratings and reviews, in order of time."""
    chance = random.Random(seed)
    catalogue = product_rows()
    sold = {taste: [p for p in catalogue if p["category"] == taste and p["product_id"] != UNSOLD] for taste in STYLES}
    rows = []
    for user, taste in TASTE.items():
        for product in chance.sample(sold[taste], 5):
            rows += _visit(chance, f"{user:04}", product)
    for user in range(1, 13):  # the disliked product has a dozen buyers, who all say so
        if not any(row["user_id"] == f"{user:04}" and row["product_id"] == DISLIKED for row in rows):
            rows += _visit(chance, f"{user:04}", catalogue[5])
    rows += [event(SINGLE, "00121", "view", at=START + datetime.timedelta(days=60))]
    return sorted(rows, key=lambda row: (row["at"], row["user_id"], row["product_id"], row["kind"]))


def _visit(chance: random.Random, user: str, product: dict[str, Any]) -> list[dict[str, Any]]:
    """One user's way with one product: a view, mostly a purchase, and for many of these what they say of it."""
    at = START + datetime.timedelta(days=chance.randrange(150), minutes=chance.randrange(600))
    minutes = datetime.timedelta(minutes=1)
    name, disliked = product["product_id"], product["product_id"] == DISLIKED
    rows = [event(user, name, "view", at=at, channel=chance.choice(("web", "app")))]
    if disliked or chance.random() < 0.8:
        quantity, price = chance.randrange(1, 4), product["price"]
        rows.append(event(user, name, "purchase", at=at + minutes, quantity=quantity, price=price, channel="web"))
        if disliked or chance.random() < 0.6:
            text = chance.choice(COMPLAINTS if disliked else PRAISE)
            text = text.format(noun=product["title"].split()[-1].lower())
            rating = 1.0 if disliked else chance.choice((4.0, 5.0))
            rows.append(event(user, name, "review", at=at + 2 * minutes, rating=rating, text=text))
        elif chance.random() < 0.5:
            rows.append(event(user, name, "rating", at=at + 2 * minutes, rating=chance.choice((3.0, 4.0))))
    return rows


def event(user: str | None, product: str | None, kind: str, **values: Any) -> dict[str, Any]:
    """One event; what is not given is unknown."""
    return {**dict.fromkeys(EVENT), "user_id": user, "product_id": product, "kind": kind, **values}


def events(rows: list[dict[str, Any]] | None = None, columns: dict[str, pa.DataType] = EVENT) -> pa.Table:
    """Events as an Arrow table: these, or all of the shop's."""
    return pa.Table.from_pylist(event_rows() if rows is None else rows, schema=pa.schema(columns))


def build_shop(build: Callable[..., Any], path: Path, rows: list[dict[str, Any]] | None = None, **given: Any) -> Path:
    """Build the shop into a file with small models; `given` goes to `duckmark.build` before the shop's own."""
    options = {**OPTIONS, "evaluate": False, **given.pop("options", {})}
    build(path, **{"events": events(rows), "products": products(), "users": users(), **given}, options=options)
    return path
