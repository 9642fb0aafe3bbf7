"""The stored lists of the best products for everyone, and what they are scored from."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from duckmark.kernels.features import TASTE
from duckmark.kernels.hybrid import Lists, recommendation_lists
from duckmark.kernels.network import Network
from duckmark.models.evidence import READS, gather
from duckmark.steps import Inputs, Model, Options, Skipped, Trained

LIST_LENGTH = 50
SHOWN = (*TASTE, "popularity")


def recommend(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """The best products for every user of whose taste something is known."""
    k = options.get("list_length", LIST_LENGTH)
    networks = {"hybrid": read_network(con, inputs["duckmark.ranker"])}
    users, products, evidence = gather(con, inputs)
    parts = [
        _rows(block["hybrid"], users, products)
        for block in recommendation_lists(evidence, np.arange(len(users)), k, networks)
    ]
    if not parts:
        raise Skipped("of no user is any taste known")
    return Trained({"duckmark.recommendation_lists": pa.concat_tables(parts)}, len(users), {"list_length": k})


def read_network(con: duckdb.DuckDBPyConnection, relation: str = "duckmark.ranker") -> Network:
    """The ranker that a file's recommendations are scored with."""
    base, weights, units = con.execute(f"SELECT base, weights, units FROM {relation}").fetchall()[0]
    bias, output = (np.array([unit[name] for unit in units]) for name in ("bias", "output"))
    hidden = np.array([unit["weights"] for unit in units]).reshape(len(units), len(weights))
    return Network(np.array(weights), base, bias, output, hidden)


def _rows(lists: Lists, users: pa.Array, products: pa.Array) -> pa.Table:
    present = np.array([lists.features[name] != 0 for name in TASTE])
    single = np.array(TASTE)[present.argmax(axis=0)]
    return pa.table(
        {
            "user_id": users.take(pa.array(lists.user)),
            "rank": lists.place,
            "product_id": products.take(pa.array(lists.product)),
            "score": lists.score,
            **{name: lists.features[name] for name in SHOWN},
            "source": np.select([present.sum(axis=0) == 0, present.sum(axis=0) == 1], ["popular", single], "hybrid"),
        }
    )


MODELS = [
    Model(
        name="recommendation_lists",
        kind="hybrid",
        stage="recommend",
        reads=("duckmark.ranker", *READS),
        writes={
            "duckmark.recommendation_lists": "user_id VARCHAR, rank BIGINT, product_id VARCHAR, score DOUBLE, "
            + ", ".join(f"{part} DOUBLE" for part in SHOWN)
            + ", source VARCHAR"
        },
        train=recommend,
        update="whole",
    ),
]
