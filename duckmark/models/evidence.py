"""What the scores of users for products are made of, read from the tables of a file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from duckmark.arrow import to_matrix
from duckmark.kernels.features import PRODUCT, USER, Evidence
from duckmark.kernels.profiles import unit_rows
from duckmark.models.matrices import sparse_by_id
from duckmark.steps import Inputs

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


@dataclass(frozen=True)
class Tables:
    """The tables of a file, and its ``users``, ``products`` and ``categories`` in ascending order: the rows and columns
    of all matrices."""

    con: duckdb.DuckDBPyConnection
    inputs: Inputs
    users: pa.Array
    products: pa.Array
    categories: pa.Array

    def read(self, name: str, columns: str) -> pa.Table:
        return _read(self.con, self.inputs, name, columns)

    def matrix(self, name: str, columns: str, rows: pa.Array, others: pa.Array) -> sparse.csr_array:
        """``columns`` name the row, the column and the value."""
        row, column, value = self.read(name, columns).columns
        return sparse_by_id(row, column, value, rows, others)


def gather(con: duckdb.DuckDBPyConnection, inputs: Inputs) -> tuple[pa.Array, pa.Array, Evidence]:
    """Users and products in ascending order of id, and the evidence for the scores of one for the other."""
    tables = _opened(con, inputs)
    fields: dict[str, Any] = {}
    for part in PARTS.values():
        fields |= part(tables)
    return tables.users, tables.products, Evidence(**fields)


def renewed(evidence: Evidence, con: duckdb.DuckDBPyConnection, inputs: Inputs, changed: Collection[str]) -> Evidence:
    """``evidence`` with what is made of the tables ``changed`` read again; its users and products are the same."""
    tables = _opened(con, inputs)
    fields: dict[str, Any] = {}
    for names, part in PARTS.items():
        if not set(changed).isdisjoint(f"duckmark.{name}" for name in names):
            fields |= part(tables)
    return replace(evidence, **fields)


def _opened(con: duckdb.DuckDBPyConnection, inputs: Inputs) -> Tables:
    users, products, categories = (
        _read(con, inputs, *what)[0].combine_chunks()
        for what in (("users", "user_id"), ("products", "product_id"), ("products", "DISTINCT category"))
    )
    return Tables(con, inputs, users.sort(), products.sort(), categories.drop_null().sort())


def _read(con: duckdb.DuckDBPyConnection, inputs: Inputs, name: str, columns: str) -> pa.Table:
    return con.sql(f"SELECT {columns} FROM {inputs[f'duckmark.{name}']}").to_arrow_table()


def _vectors(tables: Tables) -> dict[str, np.ndarray]:
    return _both_sides(tables, "vectors", "vector")


def _factors(tables: Tables) -> dict[str, np.ndarray]:
    return _both_sides(tables, "factors", "factors")


def _shares(tables: Tables) -> dict[str, sparse.csr_array]:
    columns = "user_id, neighbour_id, share"
    return {"shares": tables.matrix("user_neighbours", columns, tables.users, tables.users)}


def _preferences(tables: Tables) -> dict[str, sparse.csr_array]:
    columns = "user_id, product_id, preference"
    return {"preferences": tables.matrix("interactions", columns, tables.users, tables.products)}


def _histories(tables: Tables) -> dict[str, sparse.csr_array]:
    columns = "user_id, product_id, weight"
    return {"histories": tables.matrix("histories", columns, tables.users, tables.products)}


def _item_weights(tables: Tables) -> dict[str, sparse.csr_array]:
    columns = "product_id, for_product_id, weight"
    return {"item_weights": tables.matrix("item_weights", columns, tables.products, tables.products)}


def _categories(tables: Tables) -> dict[str, sparse.csr_array]:
    of_user, of_product = "user_id, category, share", "product_id, category, 1 AS one"
    return {
        "user_categories": tables.matrix("user_categories", of_user, tables.users, tables.categories),
        "categories": tables.matrix("products", of_product, tables.products, tables.categories),
    }


def _features(tables: Tables) -> dict[str, np.ndarray]:
    of_user = _columns(tables.read("user_features", f"user_id AS id, price, {', '.join(USER)}"), tables.users)
    of_product = _columns(tables.read("product_features", f"product_id AS id, {', '.join(PRODUCT)}"), tables.products)
    return {
        "user_prices": of_user[:, 0],
        "prices": of_product[:, PRODUCT.index("price")],
        "of_product": np.nan_to_num(of_product),
        "of_user": np.nan_to_num(of_user[:, 1:]),
    }


# The fields of Evidence that are made of each group of tables.
PARTS: Mapping[tuple[str, ...], Callable[[Tables], dict[str, Any]]] = {
    ("user_vectors", "product_vectors"): _vectors,
    ("user_neighbours",): _shares,
    ("interactions",): _preferences,
    ("histories",): _histories,
    ("item_weights",): _item_weights,
    ("user_factors", "product_factors"): _factors,
    ("user_categories", "products"): _categories,
    ("user_features", "product_features"): _features,
}


def _both_sides(tables: Tables, name: str, column: str) -> dict[str, np.ndarray]:
    """The vectors of users and products, zero where one has none; no columns where either side has none at all."""
    sides = {}
    for side, ids in (("user", tables.users), ("product", tables.products)):
        found = tables.read(f"{side}_{name}", f"{side}_id AS id, {column} AS vector")
        rows = to_matrix(found["vector"])
        placed = np.zeros((len(ids), rows.shape[1]), np.float32)
        known, places = _places(found["id"], ids)
        placed[places] = (unit_rows(rows) if name == "vectors" else rows)[known]
        sides[f"{side}_{name}"] = placed
    if len({side.shape[1] for side in sides.values()}) > 1:
        return {key: side[:, :0] for key, side in sides.items()}
    return sides


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
