"""The texts and prices of a generated shop's products: copies of the real catalogue, each with titles of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from benchmarks.real_shop import Real

CATEGORIES = 30


@dataclass(frozen=True)
class Size:
    """What is asked for."""

    events: int
    users: int
    products: int
    views: float
    reviews: float
    seed: int


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
        prices = np.maximum(np.round(real.prices[places] * price_factors(real, size, number), 2), 0.01)
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


def shuffled(real: Real, size: Size) -> np.ndarray:
    """Each real product's place in a copy of the catalogue, so that part of a copy is a sample of it."""
    return np.random.default_rng(size.seed).permutation(len(real.products))


def price_factors(real: Real, size: Size, product: np.ndarray) -> np.ndarray:
    """What a product costs against the real one, by the copy of the catalogue."""
    copies = -(-size.products // len(real.products))
    factors = np.random.default_rng([size.seed, 2]).lognormal(0, 0.3, copies)
    factors[0] = 1
    return factors[product // len(real.products)]
