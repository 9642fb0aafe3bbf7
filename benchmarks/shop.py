"""A shop of any size as Parquet, made of the real Online Retail: who takes what, what goes together, when and how much.

Usage: python -m benchmarks.shop FOLDER --events 1000000 [--users N] [--products N] [--views 0.2] [--reviews 0.05]
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
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.catalogue import Size, price_factors, product_blocks, product_ids, shuffled
from benchmarks.real_shop import Real, read_real

TASTES = 8.0  # a copy of the users spreads over about so many copies of the catalogue
LOYAL = 0.7  # what a user takes from one of them
FLATTEST = 0.5  # concentration of its shares in a small catalogue, as in `expand.py`


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
    prices = np.round(real.price[place] * price_factors(real, size, product), 2)
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


def user_blocks(real: Real, size: Size) -> Iterator[pa.Table]:
    """The users, one copy after the other; of the last as many as are asked for."""
    for copy in range(-(-size.users // len(real.users))):
        random = np.random.default_rng([size.seed, copy])
        chosen = pa.array(np.sort(random.permutation(len(real.users))[: size.users - copy * len(real.users)]))
        yield pa.table({"user_id": _user_ids(real, copy).take(chosen), "country": real.countries.take(chosen)})


def _user_ids(real: Real, copy: int) -> pa.Array:
    return pa.compute.binary_join_element_wise(real.users, str(copy), "-") if copy else real.users


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
