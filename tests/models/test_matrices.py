"""What models read: of a large shop some users with all they did."""

from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from duckmark.models import matrices
from duckmark.models.matrices import choices, half_life, read_matrix
from duckmark.models.some_users import drawn

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


def test_choices_of_some_users_are_theirs_among_all(con, monkeypatch):
    users, products, weights = choices(con, "duckmark.interactions", 0)
    monkeypatch.setattr(matrices, "MOST_CHOICES", 100)
    some, same, fewer = choices(con, "duckmark.interactions", 0)
    assert some.to_pylist() == sorted(user for (user,) in con.execute(drawn("duckmark.interactions", 2)).fetchall())
    assert same == products
    rows = [users.to_pylist().index(user) for user in some.to_pylist()]
    assert np.array_equal(fewer.toarray(), weights[rows].toarray())


@pytest.mark.parametrize("few_ids", [0, 100])
def test_a_matrix_read_is_that_of_its_rows_one_by_one(con, monkeypatch, few_ids):
    monkeypatch.setattr(matrices, "FEW_IDS", few_ids)
    query = "SELECT user_id, product_id, preference FROM duckmark.interactions"
    rows, columns = pa.array(["u03", "u01", "nobody"]), pa.array(["p5", "p0"])
    expected = np.zeros((3, 2))
    for user, product, preference in con.execute(query).fetchall():
        if user in rows.to_pylist() and product in columns.to_pylist():
            expected[rows.to_pylist().index(user), columns.to_pylist().index(product)] = preference
    assert np.array_equal(read_matrix(con, query, rows, columns).toarray(), expected)


@pytest.mark.parametrize(
    ("options", "days"),
    [
        ({}, 180),
        ({"learns_from": "time"}, 180),
        ({"learns_from": "last"}, 180),
        ({"learns_from": "folds"}, 0),  # a fold is no later than the rest
        ({"learns_from": "folds", "half_life": 30}, 30),
        ({"half_life": 0}, 0),
    ],
)
def test_choices_fade_unless_a_fold_is_to_be_found(options, days):
    assert half_life(options) == days
