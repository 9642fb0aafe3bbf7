"""The hybrid recommender: its weights, and the stored lists of the best products for everyone."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from duckmark.arrow import to_matrix
from duckmark.kernels.hybrid import PARTS, Evidence, Lists, recommendation_lists
from duckmark.kernels.profiles import unit_rows
from duckmark.models.matrices import sparse_by_id
from duckmark.steps import Inputs, Model, Options, Skipped, Trained

# Chosen on a later slice of the training events of three shops (benchmarks/README.md).
WEIGHTS = {"content": 0.1, "collaborative": 0.05, "items": 0.7, "popularity": 0.15}
LIST_LENGTH = 50
READS = (
    "duckmark.users",
    "duckmark.products",
    "duckmark.user_vectors",
    "duckmark.product_vectors",
    "duckmark.user_neighbours",
    "duckmark.interactions",
    "duckmark.histories",
    "duckmark.item_weights",
    "duckmark.product_popularity",
)


def weigh(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """The weights of the parts of the hybrid score: content, users, items, popularity (Burke 2002, weighted)."""
    weights = {name: float(options.get(f"{name}_weight", default)) for name, default in WEIGHTS.items()}
    return Trained({"duckmark.hybrid_weights": pa.table({k: [v] for k, v in weights.items()})}, 0, weights)


def recommend(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """The best products for every user of whose taste something is known."""
    k = options.get("list_length", LIST_LENGTH)
    weights = hybrid_weights(con, inputs["duckmark.hybrid_weights"])
    users, products, evidence = gather(con, inputs)
    parts = [
        _rows(lists, users, products) for lists in recommendation_lists(evidence, np.arange(len(users)), k, weights)
    ]
    if not parts:
        raise Skipped("of no user is any taste known")
    return Trained({"duckmark.recommendation_lists": pa.concat_tables(parts)}, len(users), {"list_length": k})


def hybrid_weights(con: duckdb.DuckDBPyConnection, relation: str = "duckmark.hybrid_weights") -> dict[str, float]:
    """The weight of each part of the hybrid score."""
    row = con.execute(f"SELECT {', '.join(PARTS)} FROM {relation}").fetchall()[0]
    return dict(zip(PARTS, row, strict=True))


def gather(con: duckdb.DuckDBPyConnection, inputs: Inputs) -> tuple[pa.Array, pa.Array, Evidence]:
    """Users and products in ascending order of id, and the evidence for the scores of one for the other."""

    def read(name: str, columns: str) -> pa.Table:
        return con.sql(f"SELECT {columns} FROM {inputs[name]}").to_arrow_table()

    users = read("duckmark.users", "user_id")["user_id"].combine_chunks().sort()
    products = read("duckmark.products", "product_id")["product_id"].combine_chunks().sort()
    user_vectors = _vectors(read("duckmark.user_vectors", "user_id AS id, vector"), users)
    product_vectors = _vectors(read("duckmark.product_vectors", "product_id AS id, vector"), products)
    if user_vectors.shape[1] != product_vectors.shape[1]:  # one side has no profile at all
        user_vectors, product_vectors = user_vectors[:, :0], product_vectors[:, :0]
    shares = _sparse(read("duckmark.user_neighbours", "user_id AS r, neighbour_id AS c, share AS v"), users, users)
    preferences, histories = (
        _sparse(read(name, f"user_id AS r, product_id AS c, {value} AS v"), users, products)
        for name, value in (("duckmark.interactions", "preference"), ("duckmark.histories", "weight"))
    )
    goes_with = read("duckmark.item_weights", "product_id AS r, for_product_id AS c, weight AS v")
    item_weights = _sparse(goes_with, products, products)
    known = read("duckmark.product_popularity", "product_id AS id, popularity")
    popularity = np.zeros(len(products))
    popularity[_places(known["id"], products)] = np.asarray(known["popularity"])
    evidence = Evidence(user_vectors, product_vectors, shares, preferences, histories, item_weights, popularity)
    return users, products, evidence


def _places(ids: pa.ChunkedArray, of: pa.Array) -> np.ndarray:
    return np.asarray(pc.index_in(ids, value_set=of))


def _vectors(table: pa.Table, ids: pa.Array) -> np.ndarray:
    rows = unit_rows(to_matrix(table["vector"]))
    vectors = np.zeros((len(ids), rows.shape[1]), np.float32)
    vectors[_places(table["id"], ids)] = rows
    return vectors


def _sparse(table: pa.Table, rows: pa.Array, columns: pa.Array) -> sparse.csr_array:
    return sparse_by_id(table["r"], table["c"], np.asarray(table["v"]), rows, columns)


def _rows(lists: Lists, users: pa.Array, products: pa.Array) -> pa.Table:
    tastes = [name for name in PARTS if name != "popularity"]
    present = np.array([lists.parts[name] != 0 for name in tastes])
    single = np.array(tastes)[present.argmax(axis=0)]
    return pa.table(
        {
            "user_id": users.take(pa.array(lists.user)),
            "rank": lists.place,
            "product_id": products.take(pa.array(lists.product)),
            "score": sum(lists.parts.values()),
            **lists.parts,
            "source": np.select([present.sum(axis=0) == 0, present.sum(axis=0) == 1], ["popular", single], "hybrid"),
        }
    )


MODELS = [
    Model(
        name="hybrid_weights",
        kind="weighted_sum",
        stage="recommend",
        reads=(),
        writes={"duckmark.hybrid_weights": ", ".join(f"{part} DOUBLE" for part in PARTS)},
        train=weigh,
    ),
    Model(
        name="recommendation_lists",
        kind="hybrid",
        stage="recommend",
        reads=("duckmark.hybrid_weights", *READS),
        writes={
            "duckmark.recommendation_lists": "user_id VARCHAR, rank BIGINT, product_id VARCHAR, score DOUBLE, "
            + ", ".join(f"{part} DOUBLE" for part in PARTS)
            + ", source VARCHAR"
        },
        train=recommend,
        update="whole",
    ),
]
