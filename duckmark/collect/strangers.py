"""What to do where the catalogue that is given knows hardly any product of the events."""

from __future__ import annotations

import duckdb

from duckmark.collect.reading import Table

FEW = 0.1  # of the products of the events
MOST = 0.5  # of what a column of the events holds that would match
SAMPLE = 10_000  # rows


def advice_on_strangers(con: duckdb.DuckDBPyConnection, events: Table, products: Table) -> str | None:
    """How to make them meet, where under a tenth of the products of ``source_events`` are in ``source_products``."""
    known, ids = con.execute(f"""
        SELECT count(*) FILTER (WHERE id IN (SELECT {_id("product_id")} FROM source_products)), count(*)
        FROM (SELECT DISTINCT {_id("product_id")} AS id FROM source_events WHERE product_id IS NOT NULL)
    """).fetchall()[0]
    if known >= FEW * ids:
        return None
    better = _better(con, events)
    how = (
        f'{better} of the events holds its ids: --map events.product_id="{better}"'
        if better
        else "Name the columns that hold the same ids: --map events.product_id=COLUMN --map products.product_id=COLUMN"
    )
    return f"of {ids:,} products of the events {known:,} are in {products.description}, which is of little use. {how}."


def _better(con: duckdb.DuckDBPyConnection, events: Table) -> str | None:
    """The column of the events that holds most ids of the catalogue, where most of what it holds are such ids."""
    columns = list(events.columns)
    values = ", ".join(_id(events.value(column)) for column in columns)
    found = con.execute(f"""
        WITH sample AS (SELECT [{values}] AS held FROM {events.name} LIMIT {SAMPLE}),
        held AS (SELECT DISTINCT unnest(range(len(held))) AS place, unnest(held) AS id FROM sample),
        told AS (
            SELECT place, coalesce(id IN (SELECT {_id("product_id")} FROM source_products), false) AS is_known
            FROM held
            WHERE id <> ''
        )
        SELECT place
        FROM told
        GROUP BY place
        HAVING avg(CAST(is_known AS INTEGER)) >= {MOST}
        ORDER BY count(*) FILTER (WHERE is_known) DESC, place
        LIMIT 1
    """).fetchall()
    return columns[found[0][0]] if found else None


def _id(value: str) -> str:
    """SQL for an id as clean_id.sql has it, which no build has made yet."""
    return f"regexp_replace(trim(CAST(({value}\n) AS VARCHAR)), '^([0-9]+)[.]0+$', '\\1')"
