"""The real shop that generated ones are made of: Online Retail as it comes with the package, and real reviews."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import as_file, files

import duckdb
import numpy as np
import pyarrow as pa

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


def _places(ids: pa.ChunkedArray, of: pa.Array) -> np.ndarray:
    return np.asarray(pa.compute.index_in(ids, value_set=of))
