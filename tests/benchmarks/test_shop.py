"""A generated shop has the size asked for and the shape of the real one."""

import duckdb
import numpy as np
import pytest

from benchmarks.real_shop import read_real
from benchmarks.shop import write_shop

COUNTS = """
SELECT count(*), count(DISTINCT user_id), count(DISTINCT product_id), count(*) FILTER (kind = 'view'),
    count(*) FILTER (kind = 'review' AND rating IS NOT NULL AND text IS NOT NULL)
FROM '{}/events.parquet'
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return write_shop(tmp_path_factory.mktemp("shop"), 300_000, users=9_000, products=8_000, reviews=0.1)


def figures(query: str) -> tuple:
    return duckdb.sql(query).fetchall()[0]


def test_as_many_of_everything_as_asked_for(shop):
    events, users, products, views, reviews = figures(COUNTS.format(shop))
    assert events == pytest.approx(300_000, rel=0.05)
    assert views == pytest.approx(0.2 * events, rel=0.02)
    assert reviews == pytest.approx(0.1 * events, rel=0.1)
    assert 8_000 < users <= 9_000
    assert 6_000 < products <= 8_000
    assert figures(f"SELECT count(DISTINCT user_id) FROM '{shop}/users.parquet'") == (9_000,)
    assert figures(f"SELECT count(DISTINCT product_id), count(title) FROM '{shop}/products.parquet'") == (8_000, 8_000)
    strangers = "SELECT count(*) FROM '{0}/events.parquet' ANTI JOIN '{0}/{1}.parquet' USING ({2})"
    assert figures(strangers.format(shop, "users", "user_id")) == (0,)
    assert figures(strangers.format(shop, "products", "product_id")) == (0,)


def test_the_same_seed_gives_the_same_shop(shop, tmp_path):
    again = write_shop(tmp_path, 300_000, users=9_000, products=8_000, reviews=0.1)
    for name in ("events", "products", "users"):
        assert (again / f"{name}.parquet").read_bytes() == (shop / f"{name}.parquet").read_bytes()


def test_who_takes_how_much_is_shaped_as_in_the_real_shop(tmp_path):
    """Three copies of the users take as much as the real ones: the quartiles of products a user are the same."""
    real = read_real()
    write_shop(tmp_path, 3 * len(real.user), reviews=0.0, views=0.0)
    degrees = f"SELECT count(DISTINCT product_id) AS n FROM '{tmp_path}/events.parquet' GROUP BY user_id"
    made = figures(f"SELECT quantile_disc(n, [0.25, 0.5, 0.75, 0.99]) FROM ({degrees})")[0]
    user = np.unique(np.column_stack([real.user, real.product]), axis=0)[:, 0]
    assert made == pytest.approx(np.quantile(np.bincount(user), [0.25, 0.5, 0.75, 0.99]), rel=0.05)


def test_what_goes_together_does_so_in_a_copy_of_the_catalogue(shop):
    """Two of one tea set: the mean cosine of their copies is high in one copy of the catalogue, and not across."""
    together = f"""
        WITH taken AS (
            SELECT DISTINCT user_id, split_part(product_id, '-', 1) AS code, split_part(product_id, '-', 2) AS copy
            FROM '{shop}/events.parquet'
        ),
        sizes AS (SELECT code, copy, sqrt(count(*)) AS length FROM taken GROUP BY ALL),
        cosines AS (
            SELECT
                sa.copy AS first_copy,
                sb.copy AS second_copy,
                count(b.user_id) / any_value(sa.length * sb.length) AS cosine
            FROM sizes AS sa
            JOIN sizes AS sb ON sb.code = '22699'
            JOIN taken AS a ON a.code = sa.code AND a.copy = sa.copy
            LEFT JOIN taken AS b ON b.user_id = a.user_id AND b.code = sb.code AND b.copy = sb.copy
            WHERE sa.code = '22697'
            GROUP BY first_copy, second_copy
        )
        SELECT avg(cosine) FILTER (first_copy = second_copy), avg(cosine) FILTER (first_copy <> second_copy)
        FROM cosines
    """
    within, across = figures(together)
    assert within > 4 * across
