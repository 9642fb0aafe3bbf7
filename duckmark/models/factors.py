"""Implicit matrix factorisation: factors of products are trained, those of users follow in closed form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from scipy import sparse
from threadpoolctl import threadpool_limits

from duckmark.arrow import to_lists, to_matrix
from duckmark.kernels.ials import Loss, fold_in, ials
from duckmark.kernels.pattern import with_data
from duckmark.kernels.weighting import by_activity
from duckmark.memory import rows_at_once
from duckmark.models.matrices import choices, half_life, ids_of, read_matrix
from duckmark.models.some_users import user_ranges
from duckmark.steps import Inputs, Model, Options, Skipped, Trained

PRODUCTS, USERS, WEIGHTS = "duckmark.product_factors", "duckmark.user_factors", "duckmark.factor_weights"
SWEEPS = 16
# Chosen on later slices of the training events of several shops (benchmarks/README.md).
REGULARISATION, UNOBSERVED, ACTIVITY = 3.0, 0.2, 0.25


def train(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """Product factors by iALS (Hu et al. 2008, Rendle et al. 2021) on who chose what, older choices weighing less."""
    _, products, taken = choices(con, inputs["duckmark.interactions"], half_life(options))
    factors, used = item_factors(taken, options)
    table = pa.table({"product_id": products, "factors": to_lists(factors)})
    return Trained({PRODUCTS: table}, taken.nnz, used, {"products": len(products)})


def item_factors(taken: sparse.csr_array, options: Options) -> tuple[np.ndarray, dict[str, Any]]:
    """Factors (i, d) of the items that users have ``taken`` (u, i), and the parameters used.

    The choices of a user of n of them weigh n^-``ials_activity_discount`` by those of a user of the mean number, as
    otherwise those few who choose much would have most of the say. It holds for training alone: users are folded in
    with the whole of their history.
    """
    discount = float(options.get("ials_activity_discount", ACTIVITY))
    weighed = by_activity(taken, discount)
    loss = loss_of(weighed, options)
    with threadpool_limits(1):  # its products are small: a second thread costs more than it brings
        factors = ials(weighed, loss, SWEEPS, seed=options.get("seed", 42))
    return factors, {**asdict(loss), "activity_discount": discount, "sweeps": SWEEPS}


def loss_of(taken: sparse.csr_array, options: Options) -> Loss:
    """The loss for what people have ``taken`` (u, i).

    The ``ials_regularisation`` r is that of a user with the mean number of choices: their ridge is r w^(1/4), w being
    what the mean user's choices weigh. What suits a shop hardly depends on how many products it has, while the loss
    multiplies its regularisation by them too, and little on how many choices; a ridge that did not depend on them at
    all would leave nothing of the factors where choices are few and old.
    """
    number, weight = (max(float(total) / taken.shape[0], 1.0) for total in (taken.nnz, taken.sum()))
    unobserved = float(options.get("ials_unobserved", UNOBSERVED))
    ridge = float(options.get("ials_regularisation", REGULARISATION)) * weight**0.25
    return Loss(
        factors=min(options.get("factors", Loss.factors), *taken.shape),
        regularisation=ridge / (number + unobserved * taken.shape[1]),
        unobserved=unobserved,
    )


def fold_users_in(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """Each user's factors from their history, in closed form, and what each product of it weighs in them."""
    trained = con.sql(f"SELECT product_id, factors FROM {inputs[PRODUCTS]} ORDER BY product_id").to_arrow_table()
    if not trained.num_rows:
        raise Skipped("there are no product factors")
    products, factors = trained["product_id"].combine_chunks(), to_matrix(trained["factors"])
    histories = inputs["duckmark.histories"]
    rows = con.execute(f"SELECT count(*) FROM {histories}").fetchall()[0][0]
    return Trained({}, rows, blocks=_folded_in(con, histories, products, factors))


def _folded_in(
    con: duckdb.DuckDBPyConnection, histories: str, products: pa.Array, factors: np.ndarray
) -> Iterator[Mapping[str, pa.Table]]:
    """The users' factors and the weights behind them, a range of users after the other."""
    for some in user_ranges(con, histories, rows_at_once(con)):
        history = some.of(histories)
        users = ids_of(con, history, "user_id")
        weights = read_matrix(con, f"SELECT user_id, product_id, weight FROM {history}", users, products)
        with threadpool_limits(1):
            found, parts = fold_in(weights, factors)
        known = pa.array(np.diff(weights.indptr) > 0)
        placed = with_data(weights, parts).tocoo()
        yield {
            USERS: pa.table(
                {"user_id": users.filter(known), "factors": to_lists(found.astype(np.float32)).filter(known)}
            ),
            WEIGHTS: pa.table(
                {
                    "user_id": users.take(pa.array(placed.row)),
                    "product_id": products.take(pa.array(placed.col)),
                    "weight": placed.data,
                }
            ),
        }


MODELS = [
    Model(
        name="product_factors",
        kind="ials",
        stage="recommend",
        reads=("duckmark.interactions",),
        writes={PRODUCTS: "product_id VARCHAR, factors FLOAT[]"},
        train=train,
    ),
    Model(
        name="user_factors",
        kind="ials",
        stage="recommend",
        reads=("duckmark.histories", PRODUCTS),
        writes={
            USERS: "user_id VARCHAR, factors FLOAT[]",
            WEIGHTS: "user_id VARCHAR, product_id VARCHAR, weight DOUBLE",
        },
        train=fold_users_in,
        update="rows",
        key=("user_id",),
    ),
]
