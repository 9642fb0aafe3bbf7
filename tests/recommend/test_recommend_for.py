"""`recommend_for`: what goes with a basket, of whose owner nothing is known."""

from importlib.resources import files

import duckdb
import numpy as np
import pytest
from scipy import sparse

from duckmark.kernels.ials import fold_in


def test_a_visitor_folds_in_as_python_folds_users_in(ask, plain):
    """The factors part of a basket: its weights solve the system that a user's history solves."""
    basket = ["00100", "00101", "00108"]
    rows = plain.sql("SELECT product_id, factors FROM duckmark.product_factors ORDER BY 1").fetchall()
    factors = np.array([vector for _, vector in rows])
    place = [[product for product, _ in rows].index(item) for item in basket]
    taken = np.zeros((1, len(rows)))
    taken[0, place] = 1
    visitor, _ = fold_in(sparse.csr_array(taken), factors)
    expected = dict(zip((product for product, _ in rows), (factors @ visitor[0]).tolist(), strict=True))
    weights = plain.sql("SELECT weights[4] FROM duckmark.ranker").fetchall()[0][0]
    assert weights > 0
    with_factors = {row["product_id"]: row["score"] for row in ask(f"FROM recommend_for({basket}, 99)")}
    plain_parts = part_without_factors(plain, basket)
    found = {product: (score - plain_parts[product]) / weights for product, score in with_factors.items()}
    assert found == {product: pytest.approx(expected.get(product, 0), abs=1e-4) for product in found}


def part_without_factors(plain, basket: list[str]) -> dict[str, float]:
    """The score of every product for the basket, its factors left out, from a copy of the file without them."""
    copy = duckdb.connect()
    for table in ("products", "scored_products", "goes_with", "ranker"):
        copy.execute("CREATE SCHEMA IF NOT EXISTS duckmark")
        rows = plain.sql(f"FROM duckmark.{table}").to_arrow_table()
        copy.register("_rows", rows)
        copy.execute(f"CREATE TABLE duckmark.{table} AS FROM _rows")
        copy.unregister("_rows")
    copy.execute("UPDATE duckmark.scored_products SET factors = NULL")
    for name in ("network_score", "features", "recommend_for"):
        copy.execute(files("duckmark.sql").joinpath(f"3_recommend/{name}.sql").read_text(encoding="utf-8"))
    with copy:
        return dict(copy.execute("SELECT product_id, score FROM recommend_for(?, 99)", [basket]).fetchall())


def test_a_basket_is_enough(ask):
    rows = ask("SELECT product_id, source, because FROM recommend_for(['00100', '00101'], 5)")
    assert len(rows) == 5
    assert {row["source"] for row in rows} <= {"hybrid", "items"}
    assert all("00100" <= row["product_id"] <= "00119" for row in rows)  # the basket holds music
    assert not {row["product_id"] for row in rows} & {"00100", "00101"}
    assert {row["because"] for row in rows} <= {"00100", "00101"}


@pytest.mark.parametrize("basket", ["[]", "['no such product']", "[NULL]", "NULL"])
def test_an_empty_or_unknown_basket_gets_what_is_popular(ask, basket):
    rows = ask(f"SELECT product_id, source FROM recommend_for({basket}, 3)")
    assert {row["source"] for row in rows} == {"popular"}
    assert len(rows) == 3
