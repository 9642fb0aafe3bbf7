"""What the scores of users for products are made of, read from the tables of a file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from duckmark.arrow import to_matrix
from duckmark.kernels.features import PRODUCT, USER, Evidence
from duckmark.kernels.profiles import unit_rows
from duckmark.models.matrices import ids_of, read_matrix
from duckmark.models.some_users import Listed, UserRange
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
OF_USERS = frozenset(("users", "user_vectors", "user_neighbours", "interactions", "histories", "user_factors",
                      "user_categories", "user_features", "user_terms"))  # fmt: skip


@dataclass(frozen=True)
class Tables:
    """The tables of a file, and its ``users``, ``products`` and ``categories`` in ascending order: the rows and columns
    of all matrices.

    ``some`` are those of the users that are meant, where it is not all; ``near`` is the relation of all neighbours that
    may be asked for. What concerns products alone is ``kept``, for other users to be asked for.
    """

    con: duckdb.DuckDBPyConnection
    inputs: Inputs
    users: pa.Array
    products: pa.Array
    categories: pa.Array
    near: str
    some: UserRange | Listed | None = None
    kept: dict[tuple[str, str], Any] = field(default_factory=dict)

    def of(self, some: UserRange | Listed) -> Tables:
        """The tables of some users."""
        users = ids_of(self.con, some.of(self.inputs["duckmark.users"]), "user_id")
        return replace(self, users=users, some=some)

    @property
    def neighbours(self) -> pa.Array:
        """The users that are anybody's neighbours, in ascending order of id."""
        return self.once("neighbours", "neighbour_id", lambda: ids_of(self.con, self.near, "neighbour_id"))

    def read(self, name: str, columns: str) -> pa.Table:
        return self.con.sql(f"SELECT {columns} FROM {self.relation(name)}").to_arrow_table()

    def relation(self, name: str) -> str:
        relation = self.inputs[f"duckmark.{name}"]
        return self.some.of(relation) if self.some and name in OF_USERS else relation

    def matrix(self, name: str, columns: str, rows: pa.Array, others: pa.Array) -> sparse.csr_array:
        """``columns`` name the row, the column and the value."""
        return self.once(
            name, columns, lambda: read_matrix(self.con, f"SELECT {columns} FROM {self.relation(name)}", rows, others)
        )

    def once(self, name: str, columns: str, make: Callable[[], Any]) -> Any:
        """What is made of a table, made but once where it has no users."""
        if name in OF_USERS:
            return make()
        if (name, columns) not in self.kept:
            self.kept[name, columns] = make()
        return self.kept[name, columns]


def gather(con: duckdb.DuckDBPyConnection, inputs: Inputs) -> tuple[pa.Array, pa.Array, Evidence]:
    """Users and products in ascending order of id, and the evidence for the scores of one for the other."""
    tables = opened(con, inputs)
    return tables.users, tables.products, evidence_of(tables)


def evidence_of(tables: Tables) -> Evidence:
    """The evidence for the scores of the users that are meant."""
    fields: dict[str, Any] = {}
    for part in PARTS.values():
        fields |= part(tables)
    return Evidence(**fields)


def renewed(evidence: Evidence, con: duckdb.DuckDBPyConnection, inputs: Inputs, changed: Collection[str]) -> Evidence:
    """``evidence`` with what is made of the tables ``changed`` read again; its users and products are the same."""
    tables = opened(con, inputs)
    fields: dict[str, Any] = {}
    for names, part in PARTS.items():
        if not set(changed).isdisjoint(f"duckmark.{name}" for name in names):
            fields |= part(tables)
    return replace(evidence, **fields)


def opened(con: duckdb.DuckDBPyConnection, inputs: Inputs, only: Listed | None = None) -> Tables:
    """The tables of a file. ``only`` are the users that will be asked for, where it is not all."""
    users, products, categories = (
        ids_of(con, inputs[f"duckmark.{name}"], column)
        for name, column in (("users", "user_id"), ("products", "product_id"), ("products", "category"))
    )
    relation = inputs["duckmark.user_neighbours"]
    return Tables(con, inputs, users, products, categories, only.of(relation) if only else relation)


def _vectors(tables: Tables) -> dict[str, np.ndarray]:
    return _both_sides(tables, "vectors", "vector")


def _factors(tables: Tables) -> dict[str, np.ndarray]:
    return _both_sides(tables, "factors", "factors")


def _shares(tables: Tables) -> dict[str, sparse.csr_array]:
    others = tables.neighbours if tables.some else tables.users
    return {"shares": tables.matrix("user_neighbours", "user_id, neighbour_id, share", tables.users, others)}


def _preferences(tables: Tables) -> dict[str, sparse.csr_array]:
    columns = "user_id, product_id, preference"
    found = {"preferences": tables.matrix("interactions", columns, tables.users, tables.products)}
    if tables.some:
        query = f"SELECT {columns} FROM {tables.inputs['duckmark.interactions']}"
        found["neighbour_preferences"] = tables.once(
            "neighbours", columns, lambda: read_matrix(tables.con, query, tables.neighbours, tables.products)
        )
    return found


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
        table, columns = f"{side}_{name}", f"{side}_id AS id, {column} AS vector"
        sides[table] = tables.once(table, columns, partial(_placed, tables, table, columns, ids))
    if len({side.shape[1] for side in sides.values()}) > 1:
        return {key: side[:, :0] for key, side in sides.items()}
    return sides


def _placed(tables: Tables, table: str, columns: str, ids: pa.Array) -> np.ndarray:
    """The vectors of ``ids``, profiles in unit length."""
    found = tables.read(table, columns)
    rows = to_matrix(found["vector"])
    placed = np.zeros((len(ids), rows.shape[1]), np.float32)
    known, places = _places(found["id"], ids)
    placed[places] = (unit_rows(rows) if table.endswith("vectors") else rows)[known]
    return placed


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
