"""`recommend_for`: what goes with a basket, of whose owner nothing is known."""

import duckdb
import numpy as np
import pytest
from scipy import sparse

from duckmark.kernels.ials import fold_in
from tests.statements import statement


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
    with copied(plain) as copy:
        copy.execute("UPDATE duckmark.scored_products SET factors = NULL")
        return dict(copy.execute("SELECT product_id, score FROM recommend_for(?, 99)", [basket]).fetchall())


def copied(plain) -> duckdb.DuckDBPyConnection:
    """A copy of what the macro reads."""
    copy = duckdb.connect()
    copy.execute("CREATE SCHEMA duckmark")
    for table in ("scored_products", "shown_products", "goes_with", "ranker"):
        rows = plain.sql(f"FROM duckmark.{table}").to_arrow_table()
        copy.register("_rows", rows)
        copy.execute(f"CREATE TABLE duckmark.{table} AS FROM _rows")
        copy.unregister("_rows")
    copy.execute("CREATE MACRO duckmark.every_product_leads() AS false")
    for macro, kind in (("as_profile", "vector"), ("as_factors", "factors")):
        (array,) = plain.sql(f"SELECT typeof({kind}) FROM duckmark.shown_products LIMIT 1").fetchall()[0]
        copy.execute(f"CREATE MACRO duckmark.{macro}(listed) AS CAST(listed AS {array})")
    for name in ("id_number", "network_score", "features", "source_of", "asks_for_all", "recommend_for"):
        copy.execute(statement(name))
    return copy


@pytest.mark.parametrize("basket", [["00100", "00101"], ["00139"], ["no such product"], []])
@pytest.mark.parametrize("k", [0, 1, 7, 99])
def test_of_a_large_catalogue_those_that_lead_or_go_with_the_basket_are_scored(plain, basket, k):
    """The best of all, less the others; twins have one score, and some have no vector."""
    with copied(plain) as copy:
        for twin, vector in ((" twin", "vector"), (" unknown", "NULL")):
            for table in ("duckmark.scored_products", "duckmark.shown_products"):
                copy.execute(
                    f"INSERT INTO {table} SELECT * REPLACE (product_id || '{twin}' AS product_id, "
                    f"duckmark.id_number(product_id || '{twin}') AS product_number, {vector} AS vector) FROM {table}"
                )
        query = "SELECT product_id, score, source, because FROM recommend_for(?, ?)"
        every = copy.execute(query, [basket, 9999]).fetchall()
        copy.execute("UPDATE duckmark.scored_products SET leads = hash(product_id) % 3 = 0")
        lead = {row[0] for row in copy.sql("SELECT product_id FROM duckmark.scored_products WHERE leads").fetchall()}
        assert copy.execute(query, [basket, k]).fetchall() == [row for row in every if row[3] or row[0] in lead][:k]
        copy.execute("DELETE FROM duckmark.scored_products")
        assert copy.execute(query, [basket, k]).fetchall() == []


def test_those_that_score_best_whoever_asks_lead(plain):
    """In a catalogue of more products than may lead; of a smaller one, all do."""
    assert plain.sql("SELECT bool_and(leads) FROM duckmark.scored_products").fetchall() == [(True,)]
    with duckdb.connect() as con:
        con.execute("""
        CREATE SCHEMA duckmark;
        CREATE TABLE duckmark.products AS
        SELECT 'P' || n AS product_id, '' AS title, '' AS category, 1 AS price FROM range(1_700) AS r (n);
        CREATE TABLE duckmark.product_features AS
        SELECT product_id, hash(product_id) % 500 AS popularity, 0 AS recent, 0 AS idle, 0 AS age, NULL AS price,
            0 AS satisfaction
        FROM duckmark.products;
        CREATE TABLE duckmark.product_vectors (product_id VARCHAR, vector FLOAT[]);
        CREATE TABLE duckmark.product_factors (product_id VARCHAR, factors FLOAT[]);
        CREATE TABLE duckmark.ranker AS
        SELECT 0 AS base, [i = 7 for i in range(1, 15)]::DOUBLE[] AS weights,
            []::STRUCT(bias DOUBLE, output DOUBLE, weights DOUBLE[])[] AS units;
        CREATE MACRO duckmark.most_leaders() AS 1_600;
        """)
        for name in ("id_number", "network_score", "features", "scored_products"):
            con.execute(statement(name))
        by_popularity = "FROM duckmark.product_features ORDER BY popularity DESC, product_id LIMIT 1600"
        lead = con.sql("SELECT product_id FROM duckmark.scored_products WHERE leads ORDER BY 1").fetchall()
        assert lead == con.sql(f"SELECT product_id FROM ({by_popularity}) ORDER BY 1").fetchall()


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


def test_a_recommendation_is_because_of_what_of_the_basket_it_goes_with_most(ask, plain):
    basket = ["00100", "00101", "00108"]
    weights = {}
    for product, other, weight in plain.sql("FROM duckmark.goes_with").fetchall():
        if product in basket:
            weights.setdefault(other, {})[product] = weight
    rows = ask(f"SELECT product_id, because FROM recommend_for({basket}, 99)")
    assert {row["product_id"]: row["because"] for row in rows if row["because"]} == {
        product: max(of, key=of.get) for product, of in weights.items() if product not in basket
    }
    several = [of for product, of in weights.items() if len(of) > 1 and product not in basket]
    assert {max(of, key=of.get) for of in several} == set(basket)
