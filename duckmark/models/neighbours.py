"""User-based collaborative filtering: who chooses alike."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.kernels.neighbours import cosine_neighbours, unit_preferences
from duckmark.steps import Inputs, Model, Options, Skipped, Trained

TABLE = "duckmark.user_neighbours"
MOST_NEIGHBOURS = 100
BEST_RATING = 5.0


def train(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """Each user's nearest users by cosine of preferences (Resnick et al. 1994; Herlocker et al. 1999)."""
    k = options.get("neighbours", MOST_NEIGHBOURS)
    interactions = con.sql(
        f"SELECT user_id, product_id, preference FROM {inputs['duckmark.interactions']} ORDER BY user_id, product_id"
    ).to_arrow_table()
    users = interactions["user_id"].unique()
    if len(users) < 2:
        raise Skipped(f"too few users: {len(users)} with events, at least 2 are needed")
    unit = _unit(interactions, users)
    lists = cosine_neighbours(unit, np.arange(len(users)), k)
    metrics = {"users": len(users), "neighbours": len(lists[0])}
    return Trained({TABLE: _table(users, *lists)}, len(interactions), {"neighbours": k}, metrics)


def _unit(interactions: pa.Table, users: pa.Array):
    products = pc.unique(interactions["product_id"]).sort()
    rows, columns = (
        np.asarray(pc.index_in(interactions[name], value_set=ids))
        for name, ids in (("user_id", users), ("product_id", products))
    )
    return unit_preferences(rows, columns, np.asarray(interactions["preference"]), (len(users), len(products)))


def _table(users: pa.Array, row: np.ndarray, neighbour: np.ndarray, cosine: np.ndarray) -> pa.Table:
    totals = np.bincount(row, cosine, minlength=len(users))
    return pa.table(
        {
            "user_id": users.take(pa.array(row)),
            "neighbour_id": users.take(pa.array(neighbour)),
            "similarity": cosine,
            "share": cosine / (BEST_RATING * totals[row]),
        }
    )


MODELS = [
    Model(
        name="user_neighbours",
        kind="user_knn",
        stage="recommend",
        reads=("duckmark.interactions",),
        writes={TABLE: "user_id VARCHAR, neighbour_id VARCHAR, similarity DOUBLE, share DOUBLE"},
        train=train,
    )
]
