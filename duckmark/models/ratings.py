"""How many stars a user would give a product: factors and biases learned from the ratings that were given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.arrow import to_matrix
from duckmark.kernels.biased_mf import FACTORS, Posterior, biased_factors, fold_in
from duckmark.memory import rows_at_once
from duckmark.models.matrices import sparse_by_id
from duckmark.models.some_users import at_most, user_ranges
from duckmark.steps import Inputs, Model, Options, Skipped, Trained

MEANS, USERS, PRODUCTS = "duckmark.rating_means", "duckmark.user_ratings", "duckmark.product_ratings"
MOST_RATINGS = 1_000_000  # learned from
LEAST_RATINGS = 100  # with fewer, factors are accidents
MANY_PRODUCTS, FEW_FACTORS = 20_000, 8  # a catalogue this large has half the factors: memory grows with their square
WORST, BEST = 1.0, 5.0  # the ends of the scale; half a star is a rating too, and where one was given it is the worst
SIDE = "bias DOUBLE, factors FLOAT[], covariance FLOAT[][]"


def train(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """Mean, biases and factors of ratings by variational Bayes (Koren et al. 2009; Lim & Teh 2007): the products.

    ``options``: ``rating_factors`` (16, or 8 in catalogues of more than 20,000 products) and ``seed``. Raises Skipped
    where there are fewer than 100 ratings, or fewer than two users or products with any. Of more than a million
    ratings, those of a sample of the users are learned from.
    """
    with at_most(con, inputs["duckmark.ratings"], MOST_RATINGS) as ratings:
        rows = _read(con, ratings)
    users, products = (pc.unique(rows[name]).sort() for name in ("user_id", "product_id"))
    if len(rows) < LEAST_RATINGS or len(users) < 2 or len(products) < 2:
        raise Skipped(
            f"too few ratings: {len(rows)} by {len(users)} users of {len(products)} products; "
            f"at least {LEAST_RATINGS} are needed, by 2 users and of 2 products"
        )
    factors = int(options.get("rating_factors") or (FACTORS if len(products) <= MANY_PRODUCTS else FEW_FACTORS))
    seed = int(options.get("seed", 42))
    stars = np.asarray(rows["rating"])
    model = biased_factors(
        sparse_by_id(rows["user_id"], rows["product_id"], stars, users, products), factors, seed=seed
    )
    scale = {"mean": model.mean, "lowest": min(WORST, stars.min()), "highest": BEST, "noise": model.noise}
    means = pa.table({**{name: [float(value)] for name, value in scale.items()}, "prior": [model.prior.tolist()]})
    metrics = {"users": len(users), "products": len(products), "noise": round(model.noise, 4)}
    tables = {MEANS: means, PRODUCTS: _table("product_id", products, model.items)}
    return Trained(tables, len(rows), {"factors": factors, "seed": seed}, metrics)


def place_users(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """Each user's bias and factors from their own ratings of the known products, in closed form.

    Raises Skipped where no products are known.
    """
    known = con.sql(f"FROM {inputs[MEANS]}").to_arrow_table().to_pylist()
    if not known:
        raise Skipped("there are no ratings that products were learned from")
    side = con.sql(f"SELECT * FROM {inputs[PRODUCTS]} ORDER BY product_id").to_arrow_table()
    products, ratings = side["product_id"].combine_chunks(), inputs["duckmark.ratings"]
    number, users = con.execute(f"SELECT count(*), count(DISTINCT user_id) FROM {ratings}").fetchall()[0]
    blocks = (
        {USERS: _placed(_read(con, some.of(ratings)), products, _posterior(side), known[0])}
        for some in user_ranges(con, ratings, rows_at_once(con) // 10)
    )
    return Trained({}, number, metrics={"users": users}, blocks=blocks)


def _placed(rows: pa.Table, products: pa.Array, side: Posterior, about: Mapping[str, Any]) -> pa.Table:
    rows = rows.filter(pc.is_in(rows["product_id"], value_set=products))
    users = pc.unique(rows["user_id"]).sort()
    ratings = sparse_by_id(rows["user_id"], rows["product_id"], np.asarray(rows["rating"]), users, products)
    return _table("user_id", users, fold_in(ratings, side, about["mean"], about["noise"], np.array(about["prior"])))


def _read(con: duckdb.DuckDBPyConnection, relation: str) -> pa.Table:
    return con.sql(f"SELECT user_id, product_id, rating FROM {relation}").to_arrow_table()


def _table(key: str, ids: pa.Array, side: Posterior) -> pa.Table:
    return pa.table(
        {key: ids, "bias": side.bias, "factors": _lists(side.factors), "covariance": _nested(side.covariance)}
    )


def _lists(rows: np.ndarray) -> pa.ListArray:
    """Rows (n, d) as lists of float32, zeros and all."""
    offsets = pa.array(np.arange(len(rows) + 1, dtype=np.int32) * rows.shape[1])
    return pa.ListArray.from_arrays(offsets, pa.array(rows.astype(np.float32).ravel()))


def _nested(matrices: np.ndarray) -> pa.ListArray:
    """Matrices (n, d, d) as lists of rows."""
    n, d, _ = matrices.shape
    return pa.ListArray.from_arrays(pa.array(np.arange(n + 1, dtype=np.int32) * d), _lists(matrices.reshape(-1, d)))


def _posterior(side: pa.Table) -> Posterior:
    mean = np.column_stack([to_matrix(side["factors"]), np.asarray(side["bias"])])
    rows = to_matrix(side["covariance"].combine_chunks().flatten())
    return Posterior(mean, rows.reshape(len(mean), mean.shape[1], -1).astype(np.float64))


MODELS = [
    Model(
        name="ratings",
        kind="biased_mf",
        stage="recommend",
        reads=("duckmark.ratings",),
        writes={
            MEANS: "mean DOUBLE, lowest DOUBLE, highest DOUBLE, noise DOUBLE, prior DOUBLE[]",
            PRODUCTS: f"product_id VARCHAR, {SIDE}",
        },
        train=train,
    ),
    Model(
        name="user_ratings",
        kind="biased_mf",
        stage="recommend",
        reads=("duckmark.ratings", MEANS, PRODUCTS),
        writes={USERS: f"user_id VARCHAR, {SIDE}"},
        train=place_users,
        update="rows",
        key=("user_id",),
    ),
]
