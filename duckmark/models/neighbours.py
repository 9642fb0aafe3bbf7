"""User-based collaborative filtering: who chooses alike."""

from __future__ import annotations

import json
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from duckmark.kernels.neighbours import brought_up_to_date, cosine_neighbours, cosines, on_grid
from duckmark.kernels.references import nearest_references
from duckmark.kernels.weighting import WEIGHTINGS
from duckmark.models.matrices import ids_of, read_matrix
from duckmark.steps import Inputs, Model, Options, Skipped, Trained

TABLE = "duckmark.user_neighbours"
MOST_NEIGHBOURS = 100
MOST_USERS = 20_000  # of more, neighbours are sought among one in 2, 4, 8, ...: at most so many
AT_ONCE = 20_000  # users whose lists are held at once
MOST_COSINES = 1 << 24  # of touched users with all: 128 MiB; beyond it all lists are sought anew
BEST_RATING = 5.0


class Similarity(NamedTuple):
    """How users are compared: ``neighbours`` at most, ``user_weighting`` of preferences, ``user_shrinkage``."""

    neighbours: int
    user_weighting: str
    user_shrinkage: float


def train(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """Each user's nearest users by cosine of preferences (Resnick et al. 1994; Herlocker et al. 1999).

    In a shop of more than 20,000 users, the nearest of one in 2, 4, 8, ... of them, drawn by the md5 sums of their ids.
    """
    how = _similarity(options)
    users = ids_of(con, inputs["duckmark.interactions"], "user_id")
    if len(users) < 2:
        raise Skipped(f"too few users: {len(users)} with events, at least 2 are needed")
    preferences = _preferences(con, inputs["duckmark.interactions"], users, how)
    return _trained(con, users, preferences, np.arange(len(users)), how, _parts(len(users)))


def refresh(con: duckdb.DuckDBPyConnection, options: Options) -> Trained:
    """Make anew the lists of touched users, and bring up to date those that a touched user is in or now belongs in;
    only those of touched users where neighbours are sought among some.

    Weightings count the users of a product, so that one touched user changes everybody's: then all lists are made anew;
    so they are where another share of the users is compared with.
    """
    how = _similarity(options)
    users = ids_of(con, "duckmark.interactions", "user_id")
    redo = np.arange(len(users))
    parts = _parts(len(users))
    needed = "duckmark.interactions"
    if how.user_weighting == "none" and parts == _parts_before(con):
        redo = _places(con.sql("SELECT user_id FROM touched_users").to_arrow_table()["user_id"], users)
        if parts > 1:
            needed = _of_references_and_touched(parts)
    preferences = _preferences(con, needed, users, how)
    merged = pa.table({"user_id": pa.array([], pa.string())})
    if parts == 1 and len(redo) * len(users) > MOST_COSINES:
        redo = np.arange(len(users))
    elif parts == 1 and len(redo) < len(users):
        merged, redo = _merged(con, users, preferences, redo, how)
    changed = pa.chunked_array([users.take(pa.array(redo)), *merged["user_id"].chunks])
    con.register("_dm_changed", pa.table({"user_id": changed}))
    con.execute(f"DELETE FROM {TABLE} WHERE user_id IN (FROM _dm_changed) OR user_id IN (FROM touched_users)")
    con.unregister("_dm_changed")
    return _trained(con, users, preferences, redo, how, parts, merged)


def _similarity(options: Options) -> Similarity:
    return Similarity(
        options.get("neighbours", MOST_NEIGHBOURS),
        options.get("user_weighting", "none"),
        float(options.get("user_shrinkage", 0.0)),
    )


def _trained(
    con: duckdb.DuckDBPyConnection,
    users: pa.Array,
    preferences: sparse.csr_array,
    rows: np.ndarray,
    how: Similarity,
    parts: int,
    merged: pa.Table | None = None,
) -> Trained:
    """The lists of ``rows``, beside those already ``merged``."""
    references = _references(con, users, parts)
    metrics = {"users": len(users), "compared_with": len(references)}
    blocks = (
        {TABLE: _lists(users, preferences, rows[start : start + AT_ONCE], references, how)}
        for start in range(0, len(rows), AT_ONCE)
    )
    return Trained(
        {TABLE: merged} if merged else {}, preferences.nnz, {**how._asdict(), "one_in": parts}, metrics, blocks
    )


def _parts(users: int) -> int:
    """Neighbours are sought among one in so many users: a power of two, so that it seldom changes."""
    parts = 1
    while users > parts * MOST_USERS:
        parts *= 2
    return parts


def _parts_before(con: duckdb.DuckDBPyConnection) -> int | None:
    rows = con.execute("SELECT options FROM duckmark.model_runs WHERE model = 'user_neighbours'").fetchall()
    return json.loads(rows[0][0]).get("one_in") if rows else None


def _references(con: duckdb.DuckDBPyConnection, users: pa.Array, parts: int) -> np.ndarray:
    """The users among whom neighbours are sought, (r,): one in so many."""
    if parts == 1:
        return np.arange(len(users))
    con.register("_dm_users", pa.table({"user_id": users}))
    drawn = con.sql(
        "SELECT user_id FROM _dm_users WHERE md5_number_lower(user_id) % $parts = 0", params={"parts": parts}
    )
    drawn = drawn.to_arrow_table()["user_id"]
    con.unregister("_dm_users")
    return np.sort(_places(drawn, users))


def _lists(
    users: pa.Array, preferences: sparse.csr_array, rows: np.ndarray, references: np.ndarray, how: Similarity
) -> pa.Table:
    if len(references) == len(users):
        return _table(users, *cosine_neighbours(preferences, rows, how.neighbours, how.user_shrinkage))
    return _table(users, *nearest_references(preferences, rows, references, how.neighbours, how.user_shrinkage))


def _merged(
    con: duckdb.DuckDBPyConnection, users: pa.Array, preferences: sparse.csr_array, touched: np.ndarray, how: Similarity
) -> tuple[pa.Table, np.ndarray]:
    """The lists that follow from what they were and from the cosines of touched users, and the users, those touched
    among them, whose list is to be sought anew."""
    near = cosines(preferences, touched, how.user_shrinkage)
    affected = np.setdiff1d(_affected(con, users, near.max(axis=0, initial=0), how), touched)
    con.register("_dm_affected", pa.table({"user_id": users.take(pa.array(affected))}))
    before = con.sql(f"SELECT * FROM {TABLE} SEMI JOIN _dm_affected USING (user_id)").to_arrow_table()
    con.unregister("_dm_affected")
    row, other = (
        np.asarray(pc.fill_null(pc.index_in(before[name], value_set=users), -1)) for name in ("user_id", "neighbour_id")
    )
    cosine = np.asarray(before["similarity"])
    order = np.lexsort((other, -cosine, row))
    old = row[order], other[order], cosine[order]
    lists, is_true = brought_up_to_date(old, near, touched, affected, how.neighbours)
    kept = np.isin(lists[0], affected[is_true])
    return _table(users, *(flat[kept] for flat in lists)), np.union1d(touched, affected[~is_true])


def _affected(con: duckdb.DuckDBPyConnection, users: pa.Array, near: np.ndarray, how: Similarity) -> np.ndarray:
    """Users whose list holds a touched user, or in whose list a touched user, ``near`` (u,) to them, would now find a
    place."""
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
    return np.flatnonzero(affected | ((near > 0) & (near >= least)))


def _of_references_and_touched(parts: int) -> str:
    return (
        "(SELECT * FROM duckmark.interactions SEMI JOIN ("
        f"SELECT user_id FROM duckmark.users WHERE md5_number_lower(user_id) % {parts} = 0 "
        "UNION FROM touched_users) USING (user_id))"
    )


def _preferences(con: duckdb.DuckDBPyConnection, relation: str, users: pa.Array, how: Similarity) -> sparse.csr_array:
    """The weighted preferences of ``users``."""
    products = ids_of(con, relation, "product_id")
    preferences = read_matrix(con, f"SELECT user_id, product_id, preference FROM {relation}", users, products)
    weigh = WEIGHTINGS[how.user_weighting]
    return on_grid(sparse.csr_array(weigh(sparse.csr_array(preferences.T)).T))  # products are the words


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
