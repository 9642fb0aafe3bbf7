"""User-based collaborative filtering: who chooses alike."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from duckmark.kernels.neighbours import cosine_neighbours, unit_preferences
from duckmark.steps import Inputs, Model, Options, Skipped, Trained

TABLE = "duckmark.user_neighbours"
MOST_NEIGHBOURS = 100
BEST_RATING = 5.0


def train(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """Each user's nearest users by cosine of preferences (Resnick et al. 1994; Herlocker et al. 1999)."""
    k = options.get("neighbours", MOST_NEIGHBOURS)
    users, unit = _read(con, inputs["duckmark.interactions"])
    if len(users) < 2:
        raise Skipped(f"too few users: {len(users)} with events, at least 2 are needed")
    lists = _table(users, *cosine_neighbours(unit, np.arange(len(users)), k))
    return _trained(lists, unit, k, len(lists))


def refresh(con: duckdb.DuckDBPyConnection, options: Options) -> Trained:
    """Make anew the lists of touched users, and of all whose list a touched user is in or now belongs in."""
    k = options.get("neighbours", MOST_NEIGHBOURS)
    users, unit = _read(con, "duckmark.interactions")
    touched = _places(con.sql("SELECT user_id FROM touched_users").to_arrow_table()["user_id"], users)
    redo = np.union1d(touched, _affected(con, users, unit, touched, k))
    con.register("_dm_redo", pa.table({"user_id": users.take(pa.array(redo))}))
    con.execute(f"DELETE FROM {TABLE} WHERE user_id IN (FROM _dm_redo) OR user_id IN (FROM touched_users)")
    con.unregister("_dm_redo")
    lists = _table(users, *cosine_neighbours(unit, redo, k))
    left = con.execute(f"SELECT count(*) FROM {TABLE}").fetchall()[0][0]
    return _trained(lists, unit, k, left + len(lists))


def _trained(lists: pa.Table, unit: sparse.csr_array, k: int, length: int) -> Trained:
    return Trained({TABLE: lists}, unit.nnz, {"neighbours": k}, {"users": unit.shape[0], "neighbours": length})


def _affected(
    con: duckdb.DuckDBPyConnection, users: pa.Array, unit: sparse.csr_array, touched: np.ndarray, k: int
) -> np.ndarray:
    """Users whose list holds a touched user, or in whose list a touched user would now find a place."""
    lists = con.sql(
        f"SELECT user_id, min(similarity) AS least, count(*) AS length, "
        f"bool_or(neighbour_id IN (FROM touched_users)) AS is_affected FROM {TABLE} GROUP BY user_id"
    ).to_arrow_table()
    least, affected = np.zeros(len(users)), np.zeros(len(users), bool)
    place = np.asarray(pc.fill_null(pc.index_in(lists["user_id"], value_set=users), -1))
    known = place >= 0
    full = np.asarray(lists["length"]) >= k
    least[place[known]] = np.where(full, np.asarray(lists["least"]), 0)[known]
    affected[place[known]] = np.asarray(lists["is_affected"])[known]
    closest = (unit[touched] @ unit.T).max(axis=0).toarray().ravel() if len(touched) else np.zeros(len(users))
    return np.flatnonzero(affected | ((closest > 0) & (closest >= least)))


def _read(con: duckdb.DuckDBPyConnection, relation: str) -> tuple[pa.Array, sparse.csr_array]:
    """Users in ascending order of id, and their preferences as sparse unit rows."""
    interactions = con.sql(f"SELECT user_id, product_id, preference FROM {relation}").to_arrow_table()
    users, products = (pc.unique(interactions[name]).sort() for name in ("user_id", "product_id"))
    rows, columns = _places(interactions["user_id"], users), _places(interactions["product_id"], products)
    shape = (len(users), len(products))
    return users, unit_preferences(rows, columns, np.asarray(interactions["preference"]), shape)


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
