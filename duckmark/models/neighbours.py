"""User-based collaborative filtering: who chooses alike."""

from __future__ import annotations

import json
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from duckmark.kernels.neighbours import cosine_neighbours, on_grid
from duckmark.kernels.references import nearest_references
from duckmark.kernels.weighting import WEIGHTINGS
from duckmark.models.matrices import ids_of, read_matrix
from duckmark.models.some_users import drawn
from duckmark.steps import Inputs, Model, Options, Skipped, Trained

TABLE, COMPARED = "duckmark.user_neighbours", "duckmark.compared_users"
MOST_NEIGHBOURS = 100
MOST_USERS = 20_000  # of more, neighbours are sought among one in 2, 4, 8, ...: at most so many
AT_ONCE = 20_000  # users whose lists are held at once
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
    preferences, parts = _preferences(con, inputs["duckmark.interactions"], users, how), _parts(len(users))
    return _trained(users, preferences, np.arange(len(users)), _references(con, users, parts), how, parts)


def refresh(con: duckdb.DuckDBPyConnection, options: Options) -> Trained:
    """Make anew the lists of the users that are due, sought among as many of all as when all were made; others keep
    theirs. All are made where there are none yet.

    Weightings count the users of a product, and so need them all.
    """
    how = _similarity(options)
    users = ids_of(con, "duckmark.interactions", "user_id")
    parts = _parts_before(con)
    if parts is None:
        return train(con, {"duckmark.interactions": "duckmark.interactions"}, options)
    due = _places(con.sql("SELECT user_id FROM due_users").to_arrow_table()["user_id"], users)
    references = _references(con, users, parts)
    con.execute(
        f"DELETE FROM {TABLE} WHERE user_id IN (SELECT d.user_id FROM due_users AS d WHERE d.user_id IS NOT NULL);"
        f"DELETE FROM {COMPARED}"
    )
    is_part = parts > 1 and how.user_weighting == "none"
    of = users.take(pa.array(np.union1d(references, due))) if is_part else None
    return _trained(users, _preferences(con, "duckmark.interactions", users, how, of), due, references, how, parts)


def _similarity(options: Options) -> Similarity:
    return Similarity(
        options.get("neighbours", MOST_NEIGHBOURS),
        options.get("user_weighting", "none"),
        float(options.get("user_shrinkage", 0.0)),
    )


def _trained(
    users: pa.Array,
    preferences: sparse.csr_array,
    rows: np.ndarray,
    references: np.ndarray,
    how: Similarity,
    parts: int,
) -> Trained:
    """The lists of ``rows``, and the users among whom their neighbours were sought."""
    metrics = {"users": len(users), "compared_with": len(references)}
    blocks = (
        {TABLE: _lists(users, preferences, rows[start : start + AT_ONCE], references, how)}
        for start in range(0, len(rows), AT_ONCE)
    )
    compared = pa.table({"user_id": users.take(pa.array(references))})
    return Trained({COMPARED: compared}, preferences.nnz, {**how._asdict(), "one_in": parts}, metrics, blocks)


def _parts(users: int) -> int:
    """Neighbours are sought among one in so many users: a power of two, so that it seldom changes."""
    parts = 1
    while users > parts * MOST_USERS:
        parts *= 2
    return parts


def _parts_before(con: duckdb.DuckDBPyConnection) -> int | None:
    """The same when all lists were made; None where they never were."""
    rows = con.execute("SELECT options FROM duckmark.model_runs WHERE model = 'user_neighbours'").fetchall()
    return json.loads(rows[0][0]).get("one_in") if rows else None


def _references(con: duckdb.DuckDBPyConnection, users: pa.Array, parts: int) -> np.ndarray:
    """The users among whom neighbours are sought, (r,): one in so many."""
    if parts == 1:
        return np.arange(len(users))
    con.register("_dm_users", pa.table({"user_id": users}))
    references = con.sql(drawn("_dm_users", parts)).to_arrow_table()["user_id"]
    con.unregister("_dm_users")
    return np.sort(_places(references, users))


def _lists(
    users: pa.Array, preferences: sparse.csr_array, rows: np.ndarray, references: np.ndarray, how: Similarity
) -> pa.Table:
    if len(references) == len(users):
        return _table(users, *cosine_neighbours(preferences, rows, how.neighbours, how.user_shrinkage))
    return _table(users, *nearest_references(preferences, rows, references, how.neighbours, how.user_shrinkage))


def _preferences(
    con: duckdb.DuckDBPyConnection, relation: str, users: pa.Array, how: Similarity, of: pa.Array | None = None
) -> sparse.csr_array:
    """The weighted preferences of ``users``; those ``of`` some alone, where they are given, and none of others."""
    query = f"SELECT user_id, product_id, preference FROM {relation}"
    if of is not None:
        con.register("_dm_users", pa.table({"user_id": of}))
        query = f"{query} SEMI JOIN _dm_users USING (user_id)"
    preferences = read_matrix(con, query, users, ids_of(con, relation, "product_id"))
    if of is not None:
        con.unregister("_dm_users")
    if how.user_weighting != "none":  # products are the words
        weigh = WEIGHTINGS[how.user_weighting]
        preferences = sparse.csr_array(weigh(sparse.csr_array(preferences.T)).T)
    return on_grid(preferences)


def _places(ids: pa.ChunkedArray, of: pa.Array) -> np.ndarray:
    """The row of each id; ids that are not among them are left out."""
    return np.asarray(pc.index_in(ids, value_set=of).drop_null())


def _table(users: pa.Array, row: np.ndarray, neighbour: np.ndarray, cosine: np.ndarray) -> pa.Table:
    totals = np.bincount(row, cosine, minlength=len(users))
    return pa.table(
        {
            "user_id": pa.DictionaryArray.from_arrays(pa.array(row, pa.int32()), users),
            "neighbour_id": pa.DictionaryArray.from_arrays(pa.array(neighbour, pa.int32()), users),
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
        writes={
            TABLE: "user_id VARCHAR, neighbour_id VARCHAR, similarity DOUBLE, share DOUBLE",
            COMPARED: "user_id VARCHAR",
        },
        train=train,
        update="own",
        compression="dictionary",
        refresh=refresh,
    )
]
