"""What models read: of a large shop some users with all they did."""

from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from duckmark.models import matrices
from duckmark.models.matrices import at_most, choices, read_matrix

USERS, PRODUCTS = 40, 6


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(f"""
            CREATE SCHEMA duckmark;
            CREATE TABLE duckmark.interactions AS
            SELECT 'u' || lpad(u::VARCHAR, 2, '0') AS user_id, 'p' || p AS product_id,
                CASE WHEN u % 5 = p THEN -1.0 ELSE 4.0 END AS preference,
                TIMESTAMP '2024-01-01' + to_days(CAST(u AS INTEGER)) AS last_at
            FROM range({USERS}) AS a (u), range({PRODUCTS}) AS b (p)
        """)
        yield connection


def drawn(con: duckdb.DuckDBPyConnection, parts: int) -> list[str]:
    """One in so many users, by the md5 sums of their ids, one after the other."""
    ids = [id for (id,) in con.execute("SELECT DISTINCT user_id FROM duckmark.interactions ORDER BY ALL").fetchall()]
    return [id for id in ids if con.execute("SELECT md5_number_lower(?) % ?", [id, parts]).fetchall()[0][0] == 0]


@pytest.mark.parametrize(("most", "parts"), [(USERS * PRODUCTS, 1), (USERS * PRODUCTS - 1, 2), (60, 4)])
def test_of_too_many_rows_those_of_some_users(con, most, parts):
    with at_most(con, "duckmark.interactions", most) as some:
        found = con.execute(f"SELECT user_id, count(*) FROM {some} GROUP BY ALL ORDER BY ALL").fetchall()
    assert found == [(user, PRODUCTS) for user in drawn(con, parts)]
    assert con.execute("SELECT count(*) FROM duckdb_tables() WHERE temporary").fetchall() == [(0,)]


def test_choices_of_some_users_are_theirs_among_all(con, monkeypatch):
    users, products, weights = choices(con, "duckmark.interactions", 0)
    monkeypatch.setattr(matrices, "MOST_CHOICES", 100)
    some, same, fewer = choices(con, "duckmark.interactions", 0)
    assert some.to_pylist() == drawn(con, 2)
    assert same == products
    rows = [users.to_pylist().index(user) for user in some.to_pylist()]
    assert np.array_equal(fewer.toarray(), weights[rows].toarray())


def test_a_matrix_read_is_that_of_its_rows_one_by_one(con):
    query = "SELECT user_id, product_id, preference FROM duckmark.interactions"
    rows, columns = pa.array(["u03", "u01", "nobody"]), pa.array(["p5", "p0"])
    expected = np.zeros((3, 2))
    for user, product, preference in con.execute(query).fetchall():
        if user in rows.to_pylist() and product in columns.to_pylist():
            expected[rows.to_pylist().index(user), columns.to_pylist().index(product)] = preference
    assert np.array_equal(read_matrix(con, query, rows, columns).toarray(), expected)
