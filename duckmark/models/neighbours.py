"""User-based collaborative filtering: who chooses alike."""

from __future__ import annotations

from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from duckmark.kernels.neighbours import closeness, cosine_neighbours, on_grid
from duckmark.kernels.weighting import WEIGHTINGS
from duckmark.models.matrices import sparse_by_id
from duckmark.steps import Inputs, Model, Options, Skipped, Trained

TABLE = "duckmark.user_neighbours"
MOST_NEIGHBOURS = 100
BEST_RATING = 5.0


class Similarity(NamedTuple):
    """How users are compared: ``neighbours`` at most, ``user_weighting`` of preferences, ``user_shrinkage``."""

    neighbours: int
    user_weighting: str
    user_shrinkage: float


def train(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """Each user's nearest users by cosine of preferences (Resnick et al. 1994; Herlocker et al. 1999)."""
    how = _similarity(options)
    users, preferences = _read(con, inputs["duckmark.interactions"], how)
    if len(users) < 2:
        raise Skipped(f"too few users: {len(users)} with events, at least 2 are needed")
    lists = _lists(users, preferences, np.arange(len(users)), how)
    return _trained(lists, preferences, how, len(lists))


def refresh(con: duckdb.DuckDBPyConnection, options: Options) -> Trained:
    """Make anew the lists of touched users, and of all whose list a touched user is in or now belongs in.

    Weightings count the users of a product, so that one touched user changes everybody's: then all lists are made anew.
    """
    how = _similarity(options)
    users, preferences = _read(con, "duckmark.interactions", how)
    redo = np.arange(len(users))
    if how.user_weighting == "none":
        touched = _places(con.sql("SELECT user_id FROM touched_users").to_arrow_table()["user_id"], users)
        redo = np.union1d(touched, _affected(con, users, preferences, touched, how))
    con.register("_dm_redo", pa.table({"user_id": users.take(pa.array(redo))}))
    con.execute(f"DELETE FROM {TABLE} WHERE user_id IN (FROM _dm_redo) OR user_id IN (FROM touched_users)")
    con.unregister("_dm_redo")
    lists = _lists(users, preferences, redo, how)
    left = con.execute(f"SELECT count(*) FROM {TABLE}").fetchall()[0][0]
    return _trained(lists, preferences, how, left + len(lists))


def _similarity(options: Options) -> Similarity:
    return Similarity(
        options.get("neighbours", MOST_NEIGHBOURS),
        options.get("user_weighting", "none"),
        float(options.get("user_shrinkage", 0.0)),
    )


def _trained(lists: pa.Table, preferences: sparse.csr_array, how: Similarity, length: int) -> Trained:
    metrics = {"users": preferences.shape[0], "neighbours": length}
    return Trained({TABLE: lists}, preferences.nnz, how._asdict(), metrics)


def _lists(users: pa.Array, preferences: sparse.csr_array, rows: np.ndarray, how: Similarity) -> pa.Table:
    return _table(users, *cosine_neighbours(preferences, rows, how.neighbours, how.user_shrinkage))


def _affected(
    con: duckdb.DuckDBPyConnection, users: pa.Array, preferences: sparse.csr_array, touched: np.ndarray, how: Similarity
) -> np.ndarray:
    """Users whose list holds a touched user, or in whose list a touched user would now find a place."""
    lists = con.sql(
        f"SELECT user_id, min(similarity) AS least, count(*) AS length, "
        f"bool_or(neighbour_id IN (FROM touched_users)) AS is_affected FROM {TABLE} GROUP BY user_id"
    ).to_arrow_table()
    least, affected = np.zeros(len(users)), np.zeros(len(users), bool)
    place = np.asarray(pc.fill_null(pc.index_in(lists["user_id"], value_set=users), -1))
    known = place >= 0
    full = np.asarray(lists["length"]) >= how.neighbours
    least[place[known]] = np.where(full, np.asarray(lists["least"]), 0)[known]
    affected[place[known]] = np.asarray(lists["is_affected"])[known]
    near = closeness(preferences, touched, how.user_shrinkage)
    return np.flatnonzero(affected | ((near > 0) & (near >= least)))


def _read(con: duckdb.DuckDBPyConnection, relation: str, how: Similarity) -> tuple[pa.Array, sparse.csr_array]:
    """Users in ascending order of id, and their weighted preferences."""
    interactions = con.sql(f"SELECT user_id, product_id, preference FROM {relation}").to_arrow_table()
    users, products = (pc.unique(interactions[name]).sort() for name in ("user_id", "product_id"))
    by_user = (interactions["user_id"], interactions["product_id"], np.asarray(interactions["preference"]))
    preferences = sparse_by_id(*by_user, users, products)
    weigh = WEIGHTINGS[how.user_weighting]
    return users, on_grid(sparse.csr_array(weigh(sparse.csr_array(preferences.T)).T))  # products are the words


def _places(ids: pa.ChunkedArray, of: pa.Array) -> np.ndarray:
    """The row of each id; ids that are not among them are left out."""
    return np.asarray(pc.index_in(ids, value_set=of).drop_null())


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
        update="own",
        refresh=refresh,
    )
]
