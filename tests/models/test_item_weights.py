"""Item weights on a checkerboard: even users took even products, odd users odd ones."""

from collections.abc import Iterator

import duckdb
import pytest

from duckmark.models import item_weights
from duckmark.models.item_weights import TABLE, train
from duckmark.steps import Skipped

BOARD = """
CREATE SCHEMA duckmark;
CREATE TABLE duckmark.interactions AS
SELECT 'u' || u AS user_id, 'p' || p AS product_id, 4.0 AS preference, NULL::TIMESTAMP AS last_at
FROM range(12) AS a (u), range(8) AS b (p)
WHERE u % 2 = p % 2 AND (u + p) % 8 <> 0;
"""
INPUTS = {"duckmark.interactions": "duckmark.interactions"}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(BOARD)
        yield connection


@pytest.fixture(params=["ease", "item_knn"])
def method(request, monkeypatch):
    if request.param == "item_knn":
        monkeypatch.setattr(item_weights, "MOST_ITEMS", 7)
    return request.param


def weights(con, **options):
    trained = train(con, INPUTS, options)
    return trained, {
        (row["product_id"], row["for_product_id"]): row["weight"] for row in trained.tables[TABLE].to_pylist()
    }


def test_products_of_one_colour_go_together(con, method):
    trained, found = weights(con, ease_regularisation=1.0)
    assert trained.options["method"] == method
    same = [weight for (a, b), weight in found.items() if int(a[1]) % 2 == int(b[1]) % 2]
    other = [weight for (a, b), weight in found.items() if int(a[1]) % 2 != int(b[1]) % 2]
    assert len(same) == 8 * 3
    assert min(same) > max(map(abs, other), default=0) >= 0


def test_no_product_speaks_for_itself(con, method):
    assert all(a != b for a, b in weights(con)[1])


def test_dislikes_are_not_choices(con, method):
    before = weights(con)[1]
    con.execute("INSERT INTO duckmark.interactions VALUES ('u1', 'p0', -3.0, NULL)")
    assert weights(con)[1] == before


def test_too_little_to_compare(con):
    con.execute("DELETE FROM duckmark.interactions WHERE user_id <> 'u0'")
    with pytest.raises(Skipped, match="too little to compare: 1 users"):
        train(con, INPUTS, {})
