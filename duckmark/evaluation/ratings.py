"""How near expected ratings come to those that were held out."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.kernels.biased_mf import biased_factors
from duckmark.kernels.metrics import bootstrap_intervals, by_user
from duckmark.models.matrices import sparse_by_id

READS = ("duckmark.ratings", "duckmark.rating_means", "duckmark.user_segments", "predict_rating")
MODELS = ("ratings", "biases", "mean")


def predicted(con: duckdb.DuckDBPyConnection, later: pa.Table) -> pa.Table:
    """The held-out ratings among ``later`` (user_id, product_id, rating or NULL), beside those that are expected.

    ``con`` holds the models trained without them. A row is a rating by a known user of a known product that they had
    not rated before: ``user_id``, ``segment``, the ``rating``, and the ratings expected by `predict_rating`
    (``ratings``), by biases learned without factors (``biases``) and by the ``mean`` alone. None where too little was
    rated to learn from.
    """
    con.register("_dm_later", later)
    rows = con.sql("""
        SELECT
            l.user_id,
            l.product_id,
            s.segment,
            l.rating,
            predict_rating(l.user_id, l.product_id) AS ratings,
            m.mean
        FROM _dm_later AS l
        JOIN duckmark.user_segments AS s
            ON s.user_id = l.user_id
        SEMI JOIN duckmark.products AS p
            ON p.product_id = l.product_id
        ANTI JOIN duckmark.ratings AS r
            ON r.user_id = l.user_id AND r.product_id = l.product_id
        CROSS JOIN duckmark.rating_means AS m
        WHERE l.rating IS NOT NULL
        ORDER BY l.user_id, l.product_id
    """).to_arrow_table()
    con.unregister("_dm_later")
    if not len(rows):
        return rows.append_column("biases", pa.array([], pa.float64()))
    return rows.append_column("biases", pa.array(_by_biases(con, rows)))


def _by_biases(con: duckdb.DuckDBPyConnection, asked: pa.Table) -> np.ndarray:
    given = con.sql("SELECT user_id, product_id, rating FROM duckmark.ratings").to_arrow_table()
    users, products = (pc.unique(given[name]).sort() for name in ("user_id", "product_id"))
    ratings = sparse_by_id(given["user_id"], given["product_id"], np.asarray(given["rating"]), users, products)
    model = biased_factors(ratings, factors=0)
    expected = np.full(len(asked), model.mean)
    for ids, known, bias in (
        (asked["user_id"], users, model.users.bias),
        (asked["product_id"], products, model.items.bias),
    ):
        place = np.asarray(pc.fill_null(pc.index_in(ids, value_set=known), len(known)))
        expected += np.append(bias, 0)[place]
    return expected


def summary(rows: pa.Table, seed: int) -> Iterator[dict]:
    """RMSE and MAE of each model over the rows of `predicted`, of all users and of each segment.

    The intervals draw users with replacement, each with all of their ratings, as one person's are alike.
    """
    stars, segments = np.asarray(rows["rating"]), np.asarray(rows["segment"])
    user = np.unique(np.asarray(rows["user_id"]).astype(str), return_inverse=True)[1]
    groups = {None: np.ones(len(rows), bool), **{name: segments == name for name in np.unique(segments.astype(str))}}
    for segment, members in groups.items():
        off = np.column_stack([(np.asarray(rows[model]) - stars)[members] for model in MODELS])
        for metric, losses, back in (("rmse", off**2, np.sqrt), ("mae", np.abs(off), np.asarray)):
            sums, counts = by_user(losses, user[members])
            found = (losses.mean(axis=0), *bootstrap_intervals(sums, seed, counts=counts))
            for model, value, low, high in zip(MODELS, *(back(means).tolist() for means in found), strict=True):
                measured = {"model": model, "metric": metric, "segment": segment, "users": len(counts)}
                yield {**measured, "value": value, "low": low, "high": high}
