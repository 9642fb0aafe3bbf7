"""A shop of any size as Parquet, made of the real Online Retail: who takes what, what goes together, when and how much.

Usage: python benchmarks/shop.py FOLDER --events 1000000 [--users N] [--products N] [--views 0.2] [--reviews 0.05]
                                 [--seed 0]

writes events.parquet, products.parquet and users.parquet, a block at a time: memory does not grow with the shop.

As in `expand.py` this is a fractal expansion (Belletti et al. 2019): the real users and products are copied. A copy of
the users deals what each of them took among copies of the catalogue, in shares of its own from a Dirichlet
distribution, and most of what one user took to one of these; all events of a user with a product stay together. So
users keep their number of products, orders and repeats, products their skewed popularity, and what goes together in
the real shop does so within a copy of the catalogue. However large it is, the taste of one copy of the users spreads
over about ten copies of it. A copied title has one word of the shop's put in place of another; prices differ by copy.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

EVENTS = """
SELECT DISTINCT
    CustomerID AS user_id, StockCode AS product_id, InvoiceNo AS order_id, InvoiceDate AS happened_at,
    UnitPrice AS price, Quantity AS quantity
FROM read_parquet($path)
WHERE CustomerID IS NOT NULL AND Quantity > 0 AND UnitPrice > 0 AND regexp_matches(StockCode, '^[0-9]{5}')
ORDER BY ALL
"""
PRODUCTS = """
SELECT StockCode AS product_id, mode(Description ORDER BY Description) AS title, median(UnitPrice) AS price
FROM read_parquet($path)
WHERE CustomerID IS NOT NULL AND Quantity > 0 AND UnitPrice > 0 AND regexp_matches(StockCode, '^[0-9]{5}')
GROUP BY StockCode
ORDER BY StockCode
"""
COUNTRIES = """
SELECT CustomerID AS user_id, min(Country) AS country
FROM read_parquet($path)
WHERE CustomerID IS NOT NULL
GROUP BY CustomerID
"""
REVIEWS = 'SELECT CAST("Rating" AS DOUBLE) AS rating, "Review Text" AS text FROM read_parquet($path) ORDER BY ALL'
TASTES = 8.0  # a copy of the users spreads over about so many copies of the catalogue
LOYAL = 0.7  # what a user takes from one of them
FLATTEST = 0.5  # concentration of its shares in a small catalogue, as in `expand.py`
CATEGORIES = 30


@dataclass(frozen=True)
class Real:
    """The real shop: its ``events`` with places of users, products and orders, and what is known of each."""

    user: np.ndarray
    product: np.ndarray
    order: np.ndarray
    at: np.ndarray
    price: np.ndarray
    quantity: np.ndarray
    pair: np.ndarray
    user_of_pair: np.ndarray
    users: pa.Array
    countries: pa.Array
    products: pa.Array
    titles: list[str]
    prices: np.ndarray
    orders: int
    ratings: np.ndarray
    texts: pa.Array


@dataclass(frozen=True)
class Size:
    """What is asked for."""

    events: int
    users: int
    products: int
    views: float
    reviews: float
    seed: int


def write_shop(
    folder: str | Path,
    events: int,
    users: int | None = None,
    products: int | None = None,
    views: float = 0.2,
    reviews: float = 0.0,
    seed: int = 0,
) -> Path:
    """Write about ``events`` events of ``users`` with ``products``, where ``views`` and ``reviews`` are the shares of
    events that are a view or a review with rating and text; give the folder.

    Unless told there are as many events a user as in the real shop, and with c times its events sqrt(c) times its
    products.
    """
    real = read_real()
    factor = events / len(real.user)
    users = users or max(2, round(len(real.users) * factor))
    products = products or round(len(real.products) * max(1.0, factor) ** 0.5)
    size = Size(events, users, products, views, reviews, seed)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    catalogue = product_ids(real, size)
    _write(folder / "products.parquet", product_blocks(real, size))
    _write(folder / "users.parquet", user_blocks(real, size))
    _write(folder / "events.parquet", event_blocks(real, size, catalogue))
    return folder


def read_real() -> Real:
    """Online Retail as it comes with the package, and the real reviews that come beside it."""
    data = files("duckmark") / "data"
    with (
        as_file(data / "online_retail.parquet") as retail,
        as_file(data / "clothing_reviews.parquet") as reviews,
        duckdb.connect() as con,
    ):
        events, products, countries = (
            con.sql(query, params={"path": str(retail)}).to_arrow_table() for query in (EVENTS, PRODUCTS, COUNTRIES)
        )
        said = con.sql(REVIEWS, params={"path": str(reviews)}).to_arrow_table()
    users, ids = events["user_id"].combine_chunks().unique().sort(), products["product_id"].combine_chunks()
    user, product = _places(events["user_id"], users), _places(events["product_id"], ids)
    orders = events["order_id"].combine_chunks().dictionary_encode()
    of_user = countries["country"].combine_chunks().take(pa.compute.index_in(users, countries["user_id"]))
    pairs, pair = np.unique(user.astype(np.int64) * len(ids) + product, return_inverse=True)
    return Real(
        user,
        product,
        np.asarray(orders.indices),
        np.asarray(events["happened_at"]).astype("datetime64[s]"),
        np.asarray(events["price"]),
        np.asarray(events["quantity"]),
        pair,
        pairs // len(ids),
        users.cast(pa.string()),
        of_user,
        ids,
        products["title"].to_pylist(),
        np.asarray(products["price"]),
        len(orders.dictionary),
        np.asarray(said["rating"]),
        said["text"].combine_chunks(),
    )


def event_blocks(real: Real, size: Size, catalogue: pa.Array) -> Iterator[pa.Table]:
    """The events of one copy of the users after the other."""
    copies = -(-size.users // len(real.users))
    share = size.events / (len(real.user) * size.users / len(real.users))
    share /= min(1.0, size.products / len(real.products))
    for copy in range(copies):
        random = np.random.default_rng([size.seed, copy])
        count = min(len(real.users), size.users - copy * len(real.users))
        chosen = np.zeros(len(real.users), bool)
        chosen[random.permutation(len(real.users))[:count]] = True
        rounds = max(1, int(np.ceil(share)))  # more than the real users took is taken in several rounds
        parts = [_dealt(real, size, random, chosen, share / rounds, number) for number in range(rounds)]
        place, product, late = (np.concatenate(column) for column in zip(*parts, strict=True))
        yield _events(real, size, random, copy, catalogue, place, product, late)


def _dealt(
    real: Real, size: Size, random: np.random.Generator, users: np.ndarray, share: float, number: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places of the real events that are kept, the product each is of, and the round."""
    copies = -(-size.products // len(real.products))
    shares = random.dirichlet(np.full(copies, min(FLATTEST, TASTES / copies)))
    pairs = len(real.user_of_pair)
    kept = random.random(pairs) < share
    dealt = random.choice(copies, pairs, p=shares)
    mostly = random.choice(copies, len(real.users), p=shares)
    dealt = np.where(random.random(pairs) < LOYAL, mostly[real.user_of_pair], dealt)
    place = np.flatnonzero(kept[real.pair] & users[real.user])
    product = dealt[real.pair[place]] * len(real.products) + shuffled(real, size)[real.product[place]]
    beyond = product >= size.products  # the last copy of the catalogue is not a whole one
    product[beyond] %= len(real.products)
    known = product < size.products
    return place[known], product[known], np.full(known.sum(), number)


def shuffled(real: Real, size: Size) -> np.ndarray:
    """Each real product's place in a copy of the catalogue, so that part of a copy is a sample of it."""
    return np.random.default_rng(size.seed).permutation(len(real.products))


def _events(
    real: Real,
    size: Size,
    random: np.random.Generator,
    copy: int,
    catalogue: pa.Array,
    place: np.ndarray,
    product: np.ndarray,
    late: np.ndarray,
) -> pa.Table:
    fate = random.random(len(place))
    is_view, is_review = fate < size.views, fate > 1 - size.reviews
    is_purchase = ~(is_view | is_review)
    said = random.integers(len(real.ratings), size=len(place))
    minutes = random.integers(0, 60, (late.max(initial=0) + 1, real.orders))  # one order is one moment
    at = real.at[place] + (minutes[late, real.order[place]] + late * 60).astype("timedelta64[m]")
    order = (copy * (late.max(initial=0) + 1) + late) * real.orders + real.order[place]
    prices = np.round(real.price[place] * _factors(real, size, product), 2)
    return pa.table(
        {
            "user_id": _user_ids(real, copy).take(pa.array(real.user[place])),
            "product_id": catalogue.take(pa.array(product)),
            "kind": pa.array(["purchase", "view", "review"]).take(pa.array(is_view + 2 * is_review)),
            "happened_at": pa.array(at.astype("datetime64[us]")),
            "order_id": pa.array(order, mask=~is_purchase).cast(pa.string()),
            "quantity": pa.array(real.quantity[place], mask=~is_purchase),
            "price": pa.array(np.maximum(prices, 0.01), mask=~is_purchase),
            "rating": pa.array(real.ratings[said], mask=~is_review),
            "text": real.texts.take(pa.array(said, mask=~is_review)),
        }
    )


def product_blocks(real: Real, size: Size) -> Iterator[pa.Table]:
    """The catalogue, one copy after the other."""
    ids, order = product_ids(real, size), np.argsort(shuffled(real, size))
    words = [title.split() for title in real.titles]
    said = np.array([word for title in words for word in title])
    names, counts = np.unique(said, return_counts=True)
    common = set(names[np.argsort(-counts, kind="stable")][: 2 * CATEGORIES])
    common = {word for word in common if len(word) > 3 and word.isalpha()}
    for start in range(0, size.products, len(real.products)):
        random = np.random.default_rng([size.seed, 1, start])
        places = order[: size.products - start]
        titles = [_retitled(words[place], said, random) if start else real.titles[place] for place in places]
        number = np.arange(start, start + len(places))
        prices = np.maximum(np.round(real.prices[places] * _factors(real, size, number), 2), 0.01)
        categories = [next((word for word in reversed(words[place]) if word in common), "OTHER") for place in places]
        yield pa.table(
            {"product_id": ids.slice(start, len(places)), "title": titles, "category": categories, "price": prices}
        )


def _retitled(words: list[str], said: np.ndarray, random: np.random.Generator) -> str:
    place = random.integers(len(words))
    return " ".join([*words[:place], str(said[random.integers(len(said))]), *words[place + 1 :]])


def product_ids(real: Real, size: Size) -> pa.Array:
    """The id of every product, those of the first copy as in the real shop."""
    of_copy = real.products.take(pa.array(np.argsort(shuffled(real, size)))).to_pylist()
    copies = -(-size.products // len(of_copy))
    ids = [code if copy == 0 else f"{code}-{copy}" for copy in range(copies) for code in of_copy]
    return pa.array(ids[: size.products])


def user_blocks(real: Real, size: Size) -> Iterator[pa.Table]:
    """The users, one copy after the other; of the last as many as are asked for."""
    for copy in range(-(-size.users // len(real.users))):
        random = np.random.default_rng([size.seed, copy])
        chosen = pa.array(np.sort(random.permutation(len(real.users))[: size.users - copy * len(real.users)]))
        yield pa.table({"user_id": _user_ids(real, copy).take(chosen), "country": real.countries.take(chosen)})


def _user_ids(real: Real, copy: int) -> pa.Array:
    return pa.compute.binary_join_element_wise(real.users, str(copy), "-") if copy else real.users


def _factors(real: Real, size: Size, product: np.ndarray) -> np.ndarray:
    """What a product costs against the real one, by the copy of the catalogue."""
    copies = -(-size.products // len(real.products))
    factors = np.random.default_rng([size.seed, 2]).lognormal(0, 0.3, copies)
    factors[0] = 1
    return factors[product // len(real.products)]


def _places(ids: pa.ChunkedArray, of: pa.Array) -> np.ndarray:
    return np.asarray(pa.compute.index_in(ids, value_set=of))


def _write(path: Path, blocks: Iterator[pa.Table]) -> None:
    first = next(blocks)
    with pq.ParquetWriter(path, first.schema, compression="zstd") as writer:
        writer.write_table(first)
        for block in blocks:
            writer.write_table(block)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--events", type=int, required=True)
    for name in ("users", "products"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--views", type=float, default=0.2)
    parser.add_argument("--reviews", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=0)
    write_shop(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
