"""Expected ratings: what is stored, who is too few, and that users are placed from their own ratings alone."""

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from duckmark.kernels.biased_mf import biased_factors
from duckmark.models.matrices import sparse_by_id
from duckmark.models.ratings import MEANS, PRODUCTS, USERS, place_users, train
from duckmark.steps import Skipped, Trained
from tests.database import holding
from tests.models.trained import table_of

INPUTS = {name: name for name in ("duckmark.ratings", MEANS, PRODUCTS)}
# Even users like even products by two stars more than odd ones, odd users the other way about.
TABLES = """
CREATE SCHEMA duckmark;
CREATE TABLE duckmark.ratings AS
SELECT 'u' || lpad(u::VARCHAR, 2, '0') AS user_id, 'p' || lpad(p::VARCHAR, 2, '0') AS product_id,
    CASE WHEN u % 2 = p % 2 THEN 4.0 ELSE 2.0 END + CASE WHEN p = 1 THEN 0.5 ELSE 0 END AS rating
FROM range(24) AS a (u), range(12) AS b (p)
WHERE (u * 7 + p * 5) % 3 > 0;
"""


con = holding(TABLES)


def store(con: duckdb.DuckDBPyConnection, trained: Trained) -> Trained:
    for table, rows in trained.tables.items():
        con.register("given", rows)
        con.execute(f"CREATE OR REPLACE TABLE {table} AS FROM given")
    return trained


def users(con: duckdb.DuckDBPyConnection, **inputs: str) -> pa.Table:
    placed = place_users(con, {**INPUTS, **{f"duckmark.{name}": query for name, query in inputs.items()}}, {})
    return table_of(placed, USERS)


def test_the_two_tastes_are_found(con):
    trained = store(con, train(con, INPUTS, {}))
    con.register("placed", users(con))
    query = f"""
        SELECT u.user_id, p.product_id, m.mean + u.bias + p.bias + list_dot_product(u.factors, p.factors)
        FROM placed AS u CROSS JOIN {PRODUCTS} AS p CROSS JOIN {MEANS} AS m ORDER BY ALL
    """
    for user, product, expected in con.sql(query).fetchall():
        alike = int(user[1:]) % 2 == int(product[1:]) % 2
        assert expected == pytest.approx((4 if alike else 2) + (product == "p01") / 2, abs=0.5)
    assert trained.rows == con.sql("SELECT count(*) FROM duckmark.ratings").fetchall()[0][0]
    assert (trained.metrics["users"], trained.metrics["products"]) == (24, 12)


def test_what_is_stored_is_what_the_kernel_gives(con):
    store(con, train(con, INPUTS, {"seed": 3, "rating_factors": 4}))
    placed = users(con)
    given = con.sql("SELECT * FROM duckmark.ratings ORDER BY ALL").to_arrow_table()
    products = con.sql(f"SELECT * FROM {PRODUCTS} ORDER BY product_id").to_arrow_table()
    ids = [table.column(0).combine_chunks() for table in (placed, products)]
    ratings = sparse_by_id(given["user_id"], given["product_id"], np.asarray(given["rating"]), *ids)
    model = biased_factors(ratings, 4, seed=3)
    for table, side in ((placed, model.users), (products, model.items)):
        assert np.array(table["bias"].to_pylist()) == pytest.approx(side.bias, abs=1e-5)
        assert np.array(table["factors"].to_pylist()) == pytest.approx(side.factors, abs=1e-5)
        assert np.array(table["covariance"].to_pylist()) == pytest.approx(side.covariance, abs=1e-5)


def test_a_user_alone_gets_the_same_answer(con):
    store(con, train(con, INPUTS, {}))
    ids = [f"u{user:02}" for user in range(24)]
    alone = [users(con, ratings=f"(FROM duckmark.ratings WHERE user_id = '{user}')") for user in ids]
    assert pa.concat_tables(alone).equals(users(con))


def test_the_order_of_the_rows_does_not_matter(con):
    one = train(con, INPUTS, {}).tables[PRODUCTS]
    con.execute("CREATE TABLE shuffled AS FROM duckmark.ratings ORDER BY hash(user_id || product_id)")
    assert train(con, {"duckmark.ratings": "shuffled"}, {}).tables[PRODUCTS].equals(one)


def test_products_that_came_later_do_not_count(con):
    store(con, train(con, INPUTS, {}))
    before = users(con)
    con.execute("INSERT INTO duckmark.ratings VALUES ('u00', 'new', 1), ('stranger', 'new', 5)")
    assert users(con).equals(before)


def test_nobody_touched_gives_no_rows(con):
    store(con, train(con, INPUTS, {}))
    assert len(users(con, ratings="(FROM duckmark.ratings WHERE false)")) == 0


def test_the_scale_begins_at_half_a_star_only_where_one_was_given(con):
    assert train(con, INPUTS, {}).tables[MEANS]["lowest"].to_pylist() == [1.0]
    con.execute("UPDATE duckmark.ratings SET rating = 0.5 WHERE user_id = 'u00'")
    (means,) = train(con, INPUTS, {}).tables[MEANS].to_pylist()
    assert (means["lowest"], means["highest"]) == (0.5, 5.0)


@pytest.mark.parametrize(
    ("kept", "found"),
    [("false", "0 by 0 users of 0"), ("user_id < 'u10'", "by 10 users"), ("product_id = 'p01'", "of 1 products")],
)
def test_too_few_ratings_are_skipped_with_the_limits(con, kept, found):
    con.execute(f"DELETE FROM duckmark.ratings WHERE NOT ({kept})")
    with pytest.raises(Skipped, match=f"too few ratings: .*{found}.*at least 100 are needed, by 2 users"):
        train(con, INPUTS, {})


def test_one_user_is_too_few_however_much_they_rated(con):
    con.execute(
        "CREATE TABLE lone AS SELECT 'u' AS user_id, 'p' || p AS product_id, 3.0 AS rating FROM range(200) r(p)"
    )
    with pytest.raises(Skipped, match="200 by 1 users"):
        train(con, {"duckmark.ratings": "lone"}, {})


def test_without_products_nobody_is_placed(con):
    con.execute(f"CREATE TABLE {MEANS} (mean DOUBLE); CREATE TABLE {PRODUCTS} (product_id VARCHAR)")
    with pytest.raises(Skipped, match="no ratings that products were learned from"):
        users(con)
