"""Tables of ids and values as sparse matrices."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from duckmark.models.some_users import at_most
from duckmark.steps import Options, Skipped

HALF_LIFE = 180.0  # days
MOST_CHOICES = 10_000_000  # that models of products learn from; of a larger shop as many users as have so many
BATCH = 1 << 18  # rows read at once: of two ids and a value about 12 MiB
FEW_IDS = 1 << 16  # whose places Arrow finds for less than DuckDB takes to plan a join; it hashes them for each batch
Ids = pa.Array | pa.ChunkedArray
Placed = tuple[np.ndarray, np.ndarray, np.ndarray]  # row and column int32, value float64: each (m,)


def sparse_by_id(
    row_ids: pa.ChunkedArray, column_ids: pa.ChunkedArray, values: np.ndarray, rows: pa.Array, columns: pa.Array
) -> sparse.csr_array:
    """The matrix (rows, columns) of ``values`` (m,), each at its two ids; ids that are not among them are left out."""
    return _matrix([_placed(row_ids, column_ids, values, rows, columns)], rows, columns)


def read_matrix(
    con: duckdb.DuckDBPyConnection, query: str, rows: pa.Array, columns: pa.Array, parameters: dict | None = None
) -> sparse.csr_array:
    """The matrix (rows, columns) of a query's three columns: an id among ``rows``, one among ``columns``, and a value.

    Read batch by batch, so that no more is held than the places and values; other ids are left out.
    """
    named = f"SELECT row_id, column_id, CAST(value AS DOUBLE) AS value FROM ({query}) AS q (row_id, column_id, value)"
    find = _found_by_arrow if len(rows) + len(columns) <= FEW_IDS else _found_by_duckdb
    return _matrix(find(con, named, rows, columns, parameters), rows, columns)


def _found_by_arrow(
    con: duckdb.DuckDBPyConnection, named: str, rows: pa.Array, columns: pa.Array, parameters: dict | None
) -> list[Placed]:
    batches = con.sql(named, params=parameters).to_arrow_reader(BATCH)
    return [_placed(*batch.columns, rows, columns) for batch in batches]


def _found_by_duckdb(
    con: duckdb.DuckDBPyConnection, named: str, rows: pa.Array, columns: pa.Array, parameters: dict | None
) -> list[Placed]:
    """On all cores, and its table of places is made but once."""
    places = {"_dm_places_of_rows": rows, "_dm_places_of_columns": columns}
    for name, ids in places.items():
        con.register(name, pa.table({"id": ids, "place": np.arange(len(ids), dtype=np.int32)}))
    placed = f"""
        SELECT r.place AS row_place, c.place AS column_place, q.value
        FROM ({named}) AS q
        JOIN _dm_places_of_rows AS r ON r.id = q.row_id
        JOIN _dm_places_of_columns AS c ON c.id = q.column_id
    """
    try:
        batches = con.sql(placed, params=parameters).to_arrow_reader(BATCH)
        return [tuple(map(np.asarray, batch.columns)) for batch in batches]
    finally:
        for name in places:
            con.unregister(name)


def _placed(row_ids: Ids, column_ids: Ids, values: Ids | np.ndarray, rows: pa.Array, columns: pa.Array) -> Placed:
    row, column = (
        np.asarray(pc.fill_null(pc.index_in(ids, value_set=of), -1))
        for ids, of in ((row_ids, rows), (column_ids, columns))
    )
    known = (row >= 0) & (column >= 0)
    values = np.asarray(values, np.float64)
    return (row, column, values) if known.all() else (row[known], column[known], values[known])


def _matrix(parts: list[Placed], rows: pa.Array, columns: pa.Array) -> sparse.csr_array:
    nothing = np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0)
    row, column, value = (np.concatenate(flat) for flat in zip(nothing, *parts, strict=True))
    parts.clear()
    matrix = sparse.csr_array((value, (row, column)), shape=(len(rows), len(columns)))
    matrix.sort_indices()
    return matrix


def choices(
    con: duckdb.DuckDBPyConnection, interactions: str, half_life: float
) -> tuple[pa.Array, pa.Array, sparse.csr_array]:
    """Users and products in ascending order of id, and what each choice of a user weighs: 1, halved every
    ``half_life`` days before the shop's last (0: never); dislikes are left out.

    Of a shop with more than ``MOST_CHOICES`` the users whose ids have the md5 sums that leave so many. Raises Skipped
    where there are fewer than two users or products.
    """
    liked = f"(SELECT user_id, product_id, last_at FROM {interactions} WHERE preference > 0)"
    with at_most(con, liked, MOST_CHOICES) as chosen:
        users, products = (ids_of(con, chosen, name) for name in ("user_id", "product_id"))
        if len(users) < 2 or len(products) < 2:
            raise Skipped(
                f"too little to compare: {len(users)} users with {len(products)} products, at least 2 are needed"
            )
        query = f"""
            SELECT
                user_id,
                product_id,
                CAST(coalesce(
                    power(0.5, date_diff('day', last_at, (SELECT max(last_at) FROM {chosen})) / nullif($half_life, 0)),
                    1
                ) AS DOUBLE) AS weight
            FROM {chosen}
        """
        return users, products, read_matrix(con, query, users, products, {"half_life": float(half_life)})


def half_life(options: Options) -> float:
    """The days in which a choice comes to weigh half; 0, unless set, for what is learnt to find a fold of them: that
    is no later than the rest."""
    return float(options.get("half_life", 0 if options.get("learns_from") == "folds" else HALF_LIFE))


def ids_of(con: duckdb.DuckDBPyConnection, relation: str, name: str) -> pa.Array:
    """The distinct ids in a column of a relation, in ascending order."""
    query = f"SELECT DISTINCT {name} FROM {relation} WHERE {name} IS NOT NULL"
    return con.sql(query).to_arrow_table()[name].combine_chunks().sort()
