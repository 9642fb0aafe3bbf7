"""Whether columns say the same of a product in all of its rows: what tells a product from its orders and reviews."""

from __future__ import annotations

import duckdb

from duckmark.collect.reading import Table
from duckmark.sqltext import written

SAMPLE = 100_000  # rows
FEWEST = 10  # rows of products in several rows, by which it can be told


def sameness(
    con: duckdb.DuckDBPyConnection, table: Table, product: str, columns: list[str], is_later: bool
) -> dict[str, float]:
    """The share of the products in several rows of which each column says one thing alone, by the first rows. Where
    these are too few to tell it is all, but none in a load that ``is_later``: what an earlier one did not take stays
    out."""
    if not columns:
        return {}
    asked = written(f"({product}\n)")
    values = ", ".join(written(table.value(column)) for column in columns)
    found = con.execute(f"""
        WITH sample AS (SELECT {asked} AS product, [{values}] AS told FROM {table.name} LIMIT {SAMPLE}),
        said AS (SELECT product, unnest(range(len(told))) AS place, unnest(told) AS value FROM sample),
        of_products AS (
            SELECT place, count(*) AS rows, min(value) = max(value) AS is_same
            FROM said
            WHERE product IS NOT NULL AND value IS NOT NULL
            GROUP BY place, product
            HAVING count(*) > 1
        )
        SELECT place, avg(CAST(is_same AS INTEGER)) FROM of_products GROUP BY place HAVING sum(rows) >= {FEWEST}
    """).fetchall()
    return dict.fromkeys(columns, 0 if is_later else 1) | {columns[place]: share for place, share in found}
