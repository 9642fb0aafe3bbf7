"""The stored lists of the best products for everyone, and what they are scored from."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from duckmark.arrow import to_matrix
from duckmark.kernels.features import PRODUCT, TASTE, USER, Evidence
from duckmark.kernels.hybrid import Lists, recommendation_lists
from duckmark.kernels.network import Network
from duckmark.kernels.profiles import unit_rows
from duckmark.models.matrices import sparse_by_id
from duckmark.steps import Inputs, Model, Options, Skipped, Trained

LIST_LENGTH = 50
SHOWN = (*TASTE, "popularity")
READS = (
    "duckmark.users",
    "duckmark.products",
    "duckmark.user_vectors",
    "duckmark.product_vectors",
    "duckmark.user_neighbours",
    "duckmark.interactions",
    "duckmark.histories",
    "duckmark.item_weights",
    "duckmark.user_factors",
    "duckmark.product_factors",
    "duckmark.user_categories",
    "duckmark.user_features",
    "duckmark.product_features",
)


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


def gather(con: duckdb.DuckDBPyConnection, inputs: Inputs) -> tuple[pa.Array, pa.Array, Evidence]:
    """Users and products in ascending order of id, and the evidence for the scores of one for the other."""

    def read(name: str, columns: str) -> pa.Table:
        return con.sql(f"SELECT {columns} FROM {inputs[f'duckmark.{name}']}").to_arrow_table()

    def between(name: str, columns: str, rows: pa.Array, others: pa.Array) -> sparse.csr_array:
        table = read(name, columns)
        return sparse_by_id(table["r"], table["c"], table["v"], rows, others)

    users = read("users", "user_id")["user_id"].combine_chunks().sort()
    products = read("products", "product_id")["product_id"].combine_chunks().sort()
    categories = pc.unique(read("products", "category")["category"]).drop_null().sort()
    of_user = _columns(read("user_features", f"user_id AS id, price, {', '.join(USER)}"), users)
    of_product = _columns(read("product_features", f"product_id AS id, {', '.join(PRODUCT)}"), products)
    prices = of_product[:, PRODUCT.index("price")]
    evidence = Evidence(
        *_vectors(read, "vectors", "vector", users, products),
        shares=between("user_neighbours", "user_id AS r, neighbour_id AS c, share AS v", users, users),
        preferences=between("interactions", "user_id AS r, product_id AS c, preference AS v", users, products),
        histories=between("histories", "user_id AS r, product_id AS c, weight AS v", users, products),
        item_weights=between("item_weights", "product_id AS r, for_product_id AS c, weight AS v", products, products),
        **dict(zip(("user_factors", "product_factors"), _vectors(read, "factors", "factors", users, products),
                   strict=True)),
        user_categories=between("user_categories", "user_id AS r, category AS c, share AS v", users, categories),
        categories=between("products", "product_id AS r, category AS c, 1 AS v", products, categories),
        user_prices=of_user[:, 0],
        prices=prices,
        of_product=np.nan_to_num(of_product),
        of_user=np.nan_to_num(of_user[:, 1:]),
    )  # fmt: skip
    return users, products, evidence


def _vectors(read, table: str, column: str, users: pa.Array, products: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The vectors of users and products, zero where one has none; no columns where either side has none at all."""
    sides = []
    for side, ids in (("user", users), ("product", products)):
        found = read(f"{side}_{table}", f"{side}_id AS id, {column} AS vector")
        rows = to_matrix(found["vector"])
        placed = np.zeros((len(ids), rows.shape[1]), np.float32)
        known, places = _places(found["id"], ids)
        placed[places] = (unit_rows(rows) if table == "vectors" else rows)[known]
        sides.append(placed)
    if sides[0].shape[1] != sides[1].shape[1]:
        return sides[0][:, :0], sides[1][:, :0]
    return sides[0], sides[1]


def _columns(table: pa.Table, ids: pa.Array) -> np.ndarray:
    """The columns of ``table`` after its id, NaN where unknown, by row of ``ids``."""
    placed = np.full((len(ids), table.num_columns - 1), np.nan)
    known, places = _places(table["id"], ids)
    for column in range(1, table.num_columns):
        values = np.asarray(pc.fill_null(pc.cast(table[column], pa.float64()), np.nan))
        placed[places, column - 1] = values[known]
    return placed


def _places(ids: pa.ChunkedArray, of: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Which of ``ids`` stand in ``of`` (a kept model may know products that are gone), and where those stand."""
    places = pc.index_in(ids, value_set=of)
    return np.asarray(places.is_valid()), np.asarray(places.drop_null())


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
