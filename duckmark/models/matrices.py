"""Tables of ids and values as sparse matrices."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from duckmark.steps import Skipped

HALF_LIFE = 180.0  # days


def sparse_by_id(
    row_ids: pa.ChunkedArray, column_ids: pa.ChunkedArray, values: np.ndarray, rows: pa.Array, columns: pa.Array
) -> sparse.csr_array:
    """The matrix (rows, columns) of ``values`` (m,), each at its two ids; ids that are not among them are left out."""
    places = pc.index_in(row_ids, value_set=rows), pc.index_in(column_ids, value_set=columns)
    known = np.asarray(pc.and_(*(place.is_valid() for place in places)))
    at = tuple(np.asarray(pc.fill_null(place, 0))[known] for place in places)
    matrix = sparse.csr_array((np.asarray(values, np.float64)[known], at), shape=(len(rows), len(columns)))
    matrix.sort_indices()
    return matrix


def choices(
    con: duckdb.DuckDBPyConnection, interactions: str, half_life: float
) -> tuple[pa.Array, pa.Array, sparse.csr_array]:
    """Users and products in ascending order of id, and what each choice of a user weighs: 1, halved every
    ``half_life`` days before the shop's last (0: never); dislikes are left out.

    Raises Skipped where there are fewer than two users or products.
    """
    chosen = con.sql(
        f"""
        SELECT
            user_id,
            product_id,
            coalesce(power(0.5, date_diff('day', last_at, max(last_at) OVER ()) / nullif($half_life, 0)), 1) AS weight
        FROM {interactions}
        WHERE preference > 0
        """,
        params={"half_life": float(half_life)},
    ).to_arrow_table()
    users, products = (pc.unique(chosen[name]).sort() for name in ("user_id", "product_id"))
    if len(users) < 2 or len(products) < 2:
        raise Skipped(f"too little to compare: {len(users)} users with {len(products)} products, at least 2 are needed")
    return users, products, sparse_by_id(chosen["user_id"], chosen["product_id"], chosen["weight"], users, products)
