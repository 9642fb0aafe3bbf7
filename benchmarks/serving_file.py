"""A file of any number of users and products that answers as a built one does, to measure how long it takes to answer.

Its catalogue, people, words, ranker and macros are those of a real shop's file, copied as often as needed and varied;
who has what, who is like whom and what goes together are drawn at random. So its tables have the sizes and the order of
those of a built file, on which latency depends, without the hours that training on a million users takes; what they
say means nothing.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from duckmark import pipeline, storage
from duckmark.arrow import to_lists, to_matrix
from duckmark.models.neighbours import MOST_USERS
from duckmark.plan import plan
from duckmark.sqltext import literal
from duckmark.steps import SqlStep, Step

COPIED = ("terms", "ranker", "word_forms", "chinese_words")
# What the pipeline's own SQL makes of the rest.
MADE = ("vector_spaces", "histories", "user_categories", "category_users", "segment_popularity", "goes_with", "takers",
        "followers", "neighbour_choices", "popular", "search_terms", "scored_products", "scored_users",
        "shown_products")  # fmt: skip
VECTORS = {"vectors": "vector", "factors": "factors"}
SPREAD = 0.06  # of a copied vector's dimensions around the real one's
BLOCK = 100_000

# A place from 0 becomes an id; what looks random is a hash. On average a user has 12 products, 30 neighbours, a list of
# 20 and 20 terms, and a product goes with 20; as in a built file, a large shop's neighbours are some of its users.
SETTING = """
SET memory_limit = '4GB';
CREATE TEMP MACRO user_id(place) AS 'U' || lpad(CAST(place AS VARCHAR), 7, '0');
CREATE TEMP MACRO product_id(place) AS 'P' || lpad(CAST(place AS VARCHAR), 7, '0');
CREATE TEMP MACRO drawn(place, salt, below) AS CAST(hash(place, salt) % CAST(below AS UBIGINT) AS BIGINT);
CREATE TEMP TABLE real_products AS
SELECT row_number() OVER (ORDER BY product_id) - 1 AS place, * FROM real.duckmark.products;
CREATE TEMP TABLE real_users AS
SELECT row_number() OVER (ORDER BY user_id) - 1 AS place, user_id, count(*) AS taken
FROM real.duckmark.interactions
GROUP BY user_id;
CREATE TEMP TABLE real_choices AS
SELECT row_number() OVER () - 1 AS choice, p.place
FROM real.duckmark.interactions AS i
JOIN real_products AS p
    ON p.product_id = i.product_id;
CREATE TEMP TABLE real_reasons AS
SELECT row_number() OVER (ORDER BY user_id, rank) - 1 AS place, because, takers, words
FROM real.duckmark.recommendation_lists;
"""
TABLES = {
    "products": """
        SELECT product_id(x.p) AS product_id, r.title, r.description,
            'category ' || drawn(x.p, 'c', 300) AS category, r.price
        FROM range({products}) AS x (p)
        JOIN real_products AS r ON r.place = x.p % {real_products}
        ORDER BY x.p
    """,
    "product_terms": """
        SELECT product_id(x.p) AS product_id, t.* EXCLUDE (product_id)
        FROM range({products}) AS x (p)
        JOIN real_products AS r ON r.place = x.p % {real_products}
        JOIN real.duckmark.product_terms AS t ON t.product_id = r.product_id
        ORDER BY x.p, t.term
    """,
    "users": "SELECT user_id(x.u) AS user_id FROM range({users}) AS x (u)",
    "user_segments": """
        SELECT user_id(x.u) AS user_id,
            ['champions', 'loyal', 'new', 'at risk', 'lost'][1 + drawn(x.u, 's', 5)] AS segment
        FROM range({users}) AS x (u)
    """,
    "user_terms": """
        SELECT user_id(x.u) AS user_id, t.term, t.weight
        FROM range({users}) AS x (u)
        JOIN real_users AS r ON r.place = x.u % {real_users}
        JOIN (
            FROM real.duckmark.user_terms
            QUALIFY row_number() OVER (PARTITION BY user_id ORDER BY hash(term)) <= 20
        ) AS t ON t.user_id = r.user_id
        ORDER BY x.u, t.term
    """,
    # As many as a real user has, less in proportion, from three copies of the catalogue.
    "interactions": """
        SELECT
            user_id(c.u) AS user_id, product_id(c.p) AS product_id, 1 AS events,
            TIMESTAMP '2025-01-01' + to_days(CAST(drawn(c.u, c.p, 365) AS INTEGER)) AS last_at,
            2.5 + drawn(c.p, c.u, 2000) / 1000 AS rating, 2.5 + drawn(c.p, c.u, 2000) / 1000 AS preference
        FROM (
            SELECT DISTINCT
                x.u,
                least(
                    drawn(x.u, x.j % 3, greatest(1, {products} // {real_products})) * {real_products} + r.place,
                    {products} - 1
                ) AS p
            FROM (
                SELECT a.u, unnest(range(greatest(1, 12 * ru.taken * {real_users} // {real_choices}))) AS j
                FROM range({users}) AS a (u)
                JOIN real_users AS ru ON ru.place = a.u % {real_users}
            ) AS x
            JOIN real_choices AS r ON r.choice = drawn(x.u, x.j + 7, {real_choices})
        ) AS c
        ORDER BY c.u, c.p
    """,
    "factor_weights": "SELECT user_id, product_id, rating / 5 AS weight FROM duckmark.interactions",
    "user_neighbours": """
        SELECT user_id(x.i // 30) AS user_id,
            user_id(drawn(x.i, 'n', {compared}) * ({users} // {compared})) AS neighbour_id,
            1 - (x.i % 30) / 60 AS similarity, (1 - (x.i % 30) / 60) / 112.5 AS share
        FROM range(30 * {users}) AS x (i)
    """,
    "compared_users": "SELECT user_id(x.u * ({users} // {compared})) AS user_id FROM range({compared}) AS x (u)",
    "item_weights": """
        SELECT product_id(x.i // 20) AS for_product_id, product_id(drawn(x.i, 'w', {products})) AS product_id,
            drawn(x.i, 'g', 1000) / 1000 AS weight
        FROM range(20 * {products}) AS x (i)
    """,
    "recommendation_lists": """
        SELECT user_id(x.i // 20) AS user_id, x.i % 20 + 1 AS rank,
            product_id(drawn(x.i, 'l', {products})) AS product_id,
            -(x.i % 20) / 20 AS score, 0.5 AS content, 0.1 AS collaborative, 0.2 AS items, 0.3 AS factors,
            0.5 AS popularity, 'hybrid' AS source,
            CASE WHEN r.because IS NOT NULL THEN product_id(drawn(x.i, 'b', {products})) END AS because,
            r.takers, r.words
        FROM range(20 * {users}) AS x (i)
        JOIN real_reasons AS r ON r.place = x.i % {real_reasons}
        ORDER BY x.i
    """,
    "product_popularity": """
        SELECT p.product_id, coalesce(n.users, 0) AS users, coalesce(n.users, 0) AS fans,
            coalesce(ln(1 + n.users) / max(ln(1 + n.users)) OVER (), 0) AS popularity
        FROM duckmark.products AS p
        LEFT JOIN (SELECT product_id, count(*) AS users FROM duckmark.interactions GROUP BY product_id) AS n
            ON n.product_id = p.product_id
        ORDER BY p.product_id
    """,
    "product_features": """
        SELECT p.product_id, p.popularity, p.popularity * drawn(p.product_id, 'r', 100) / 100 AS recent,
            ln(1 + drawn(p.product_id, 'i', 300)) AS idle, 5.7 AS age, drawn(p.product_id, 'p', 100) / 50 - 1 AS price,
            0 AS satisfaction
        FROM duckmark.product_popularity AS p
        ORDER BY p.product_id
    """,
    "user_features": """
        SELECT user_id, ln(1 + count(*)) AS history, ln(1 + drawn(user_id, 'a', 300)) AS away,
            drawn(user_id, 'p', 100) / 50 - 1 AS price
        FROM duckmark.interactions
        GROUP BY user_id
        ORDER BY user_id
    """,
}  # fmt: skip


def fill(path: Path, real: Path, users: int, products: int) -> Path:
    """Write a file with so many ``users`` and ``products`` to ``path``, out of the built file ``real``."""
    path.unlink(missing_ok=True)
    with duckdb.connect() as con:
        con.execute(f"{storage.SETTINGS}; ATTACH {literal(str(real))} AS real (READ_ONLY)")
        con.execute(f"ATTACH {literal(str(path))} AS shop ({storage.STORAGE}); USE shop")
        con.execute(f"CREATE SCHEMA duckmark; {SETTING}")
        tables = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'real' AND schema_name = 'duckmark'"
        steps = plan().steps
        compression = {table: step.compression for step in steps for table in step.writes}
        for (table,) in con.execute(tables).fetchall():
            if table not in MADE:
                con.execute(f"CREATE TABLE duckmark.{table} AS FROM real.duckmark.{table} WITH NO DATA")
                storage.compressed(con, f"duckmark.{table}", compression.get(f"duckmark.{table}"))
            if table in COPIED:
                con.execute(f"INSERT INTO duckmark.{table} FROM real.duckmark.{table}")
        counts = {name: con.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]
                  for name in ("real_users", "real_products", "real_choices", "real_reasons")}  # fmt: skip
        for table, query in TABLES.items():
            query = query.format(users=users, products=products, compared=min(users, MOST_USERS), **counts)
            con.execute(f"INSERT INTO duckmark.{table} BY NAME {query}")
        for kind, column in VECTORS.items():
            _vectors(con, "user", kind, column, users)
            _vectors(con, "product", kind, column, products)
        for step in steps:
            table = step.name.removeprefix("duckmark.")
            if _is_macro(step) or table in MADE:
                pipeline.create(con, step)
            elif isinstance(step, SqlStep) and table in (*TABLES, *COPIED):
                pipeline.index(con, step)
        con.execute("CHECKPOINT")
    return path


def _is_macro(step: Step) -> bool:
    return step.kind.endswith("macro") and step.stage in ("functions", "profile", "recommend")


def _vectors(con: duckdb.DuckDBPyConnection, side: str, kind: str, column: str, number: int) -> None:
    """Copies of the real vectors, each a little elsewhere; profiles stay unit vectors."""
    table = f"{side}_{kind}"
    real = to_matrix(con.sql(f"SELECT {column} FROM real.duckmark.{table} ORDER BY {side}_id").to_arrow_table()[column])
    random = np.random.default_rng(0)
    for start in range(0, number, BLOCK):
        places = np.arange(start, min(start + BLOCK, number))
        rows = real[places % len(real)] + SPREAD * random.standard_normal((len(places), real.shape[1]), np.float32)
        if column == "vector":
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        con.register("_block", pa.table({"place": places, column: to_lists(rows)}))
        con.execute(f"INSERT INTO duckmark.{table} BY NAME SELECT {side}_id(place) AS {side}_id, {column} FROM _block")
        con.unregister("_block")
