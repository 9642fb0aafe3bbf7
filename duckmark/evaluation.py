"""How good the recommendations are, on events the models have not seen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from duckmark import pipeline
from duckmark.connection import install
from duckmark.kernels.hybrid import Evidence, recommendation_lists
from duckmark.kernels.metrics import ranking_quality
from duckmark.models.recommendations import READS, gather
from duckmark.steps import Inputs, Model, Options, Skipped, Step, Trained

TABLES = ("events", "products", "users", "reviews", "event_kinds", "stop_words", "sources")
GIVEN = frozenset(f"duckmark.{name}" for name in TABLES)
K = 10
FEWEST_USERS = 20
BY_TIME = "train before split_at, test after it; new products only; the whole catalogue ranked"
BY_CHANCE = "no times: a fixed fifth of each user's products held out; the whole catalogue ranked"


def model(steps: list[Step], needs: Mapping[str, Collection[str]]) -> Model:
    """The hold-out check as a step, given the steps that lead to recommendations."""
    return Model(
        name="hold_out",
        kind="time_split",
        stage="report",
        reads=tuple(sorted(f"duckmark.{name}" for name in (*TABLES, "hybrid_weights", "recommendation_lists"))),
        writes={
            "duckmark.evaluation_results": "model VARCHAR, metric VARCHAR, k BIGINT, value DOUBLE, users BIGINT, "
            "split_at TIMESTAMP, protocol VARCHAR"
        },
        train=partial(evaluate, steps, needs),
    )


def evaluate(
    steps: list[Step],
    needs: Mapping[str, Collection[str]],
    con: duckdb.DuckDBPyConnection,
    inputs: Inputs,
    options: Options,
) -> Trained:
    """Recall and NDCG on held-out events, the whole pipeline trained without them, beside popularity."""
    if not options.get("evaluate", True):
        raise Skipped("not asked for")
    split_at = con.execute(
        "SELECT quantile_disc(happened_at, 0.8) FROM duckmark.events WHERE user_id IS NOT NULL"
    ).fetchall()[0][0]
    with duckdb.connect() as trial:
        trial.execute("CREATE SCHEMA duckmark")
        truth = _split(con, trial, split_at)
        install(trial)
        pipeline.run(trial, steps, needs, options)
        weights = con.execute("SELECT content, collaborative, popularity FROM duckmark.hybrid_weights").fetchall()[0]
        rows, users = _compare(trial, truth, weights)
    protocol = BY_TIME if split_at else BY_CHANCE
    table = pa.Table.from_pylist([{**row, "split_at": split_at, "protocol": protocol} for row in rows])
    return Trained({"duckmark.evaluation_results": table}, len(truth), {"k": K}, {"users": users})


def _split(con: duckdb.DuckDBPyConnection, trial: duckdb.DuckDBPyConnection, split_at: object) -> pa.Table:
    """Copy what came before the split into ``trial``; give the (user_id, product_id) that came after it."""
    held_out = (
        "e.happened_at >= $split_at"
        if split_at
        else "md5_number_lower(concat(e.user_id, ' ', e.product_id)) % 5 = 0 AND $split_at IS NULL"
    )
    known = f"SELECT * FROM duckmark.events AS e WHERE e.user_id IS NOT NULL AND NOT coalesce({held_out}, false)"
    parameters = {"split_at": split_at}

    def copy(name: str, query: str) -> None:
        trial.register("_dm_part", con.sql(query, params=parameters if "$" in query else None).to_arrow_table())
        trial.execute(f"CREATE TABLE duckmark.{name} AS FROM _dm_part")
        trial.unregister("_dm_part")

    copy("events", known)
    copy("products", f"FROM duckmark.products SEMI JOIN ({known}) USING (product_id)")
    copy("users", f"FROM duckmark.users SEMI JOIN ({known}) USING (user_id)")
    copy("reviews", f"FROM duckmark.reviews SEMI JOIN ({known}) USING (event_id)")
    for name in ("event_kinds", "stop_words", "sources"):
        copy(name, f"FROM duckmark.{name}")
    later = f"SELECT DISTINCT e.user_id, e.product_id FROM duckmark.events AS e WHERE {held_out}"
    return con.sql(later, params=parameters).to_arrow_table()


def _compare(
    trial: duckdb.DuckDBPyConnection, later: pa.Table, weights: tuple[float, float, float]
) -> tuple[list[dict], int]:
    users, products, evidence = gather(trial, {name: name for name in READS})
    truth = _truth(later, users, products, evidence)
    relevant = np.diff(truth.indptr)
    tested = np.flatnonzero(relevant)
    if len(tested) < FEWEST_USERS:
        raise Skipped(f"too few users to test on: {len(tested)} took something new after the split, "
                      f"at least {FEWEST_USERS} are needed")  # fmt: skip
    named = {
        "hybrid": weights,
        "content": (1.0, 0.0, 0.0),
        "collaborative": (0.0, 1.0, 0.0),
        "popularity": (0.0, 0.0, 1.0),
    }
    rows = []
    for name, mixture in named.items():
        hits = _hits(evidence, truth, tested, mixture)
        quality = ranking_quality(hits, relevant[tested], K)
        rows += [
            {"model": name, "metric": metric, "k": K, "value": float(values.mean()), "users": len(tested)}
            for metric, values in quality.items()
        ]
    return rows, len(tested)


def _truth(later: pa.Table, users: pa.Array, products: pa.Array, evidence: Evidence) -> sparse.csr_array:
    """What each known user took anew after the split, of products known before it: a users x products matrix."""
    row = np.asarray(pc.fill_null(pc.index_in(later["user_id"], value_set=users), -1))
    column = np.asarray(pc.fill_null(pc.index_in(later["product_id"], value_set=products), -1))
    known = (row >= 0) & (column >= 0)
    shape = evidence.preferences.shape
    taken = sparse.csr_array((np.ones(known.sum()), (row[known], column[known])), shape=shape)
    owned = evidence.preferences.copy()
    owned.data[:] = 1
    new = taken - taken * owned
    new.eliminate_zeros()
    new.sort_indices()
    return new


def _hits(evidence: Evidence, truth: sparse.csr_array, tested: np.ndarray, mixture: tuple[float, float, float]):
    hits = np.zeros((len(tested), K))
    place_of = np.full(truth.shape[0], -1)
    place_of[tested] = np.arange(len(tested))
    for lists in recommendation_lists(evidence, tested, K, mixture):
        found = np.asarray(truth[lists.user, lists.product]).ravel() > 0
        hits[place_of[lists.user[found]], lists.place[found] - 1] = 1
    return hits
