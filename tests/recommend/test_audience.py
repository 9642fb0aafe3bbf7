"""`audience`: the users whom a product suits best."""

import duckdb
import pytest

from tests.shop import DISLIKED, TASTE, UNSOLD
from tests.statements import statement

READS = ("scored_products", "scored_users", "takers", "followers", "compared_users", "item_weights", "category_users",
         "ranker")  # fmt: skip
MACROS = ("id_number", "network_score", "features", "asks_for_all", "audience")


def test_audience_and_recommend_agree_on_the_score(ask):
    both = ask(
        "SELECT a.user_id, a.score AS a, r.score AS r FROM audience('00103', 99) AS a "
        "JOIN recommendations AS r ON r.user_id = a.user_id AND r.product_id = '00103'"
    )
    assert len(both) > 10
    assert [row["a"] for row in both] == pytest.approx([row["r"] for row in both], abs=1e-6)


def test_the_audience_leaves_out_who_has_it(ask):
    rows = ask("SELECT user_id FROM audience('00103', 99) SEMI JOIN "
               "(FROM duckmark.interactions WHERE product_id = '00103') USING (user_id)")  # fmt: skip
    assert rows == []


def test_what_people_disliked_is_recommended_less_than_its_like(ask):
    """The travel flute is described as the disliked classical flute is, but for its style."""
    query = "SELECT avg(score) AS score, avg(collaborative) AS collaborative FROM audience('{}', 99)"
    (disliked,), (alike,) = ask(query.format(DISLIKED)), ask(query.format("00115"))
    assert disliked["collaborative"] < 0 < alike["collaborative"]
    assert disliked["score"] < alike["score"]


def test_a_product_never_sold_has_an_audience_and_alike(ask):
    assert len(ask(f"FROM similar_products('{UNSOLD}', 4)")) == 4
    rows = ask(f"FROM audience('{UNSOLD}', 5)")
    assert {TASTE[int(row["user_id"])] for row in rows} == {"garden"}


@pytest.mark.parametrize("product", ["00103", UNSOLD, "no such product"])
@pytest.mark.parametrize("k", [0, 1, 7, 999, 5000])
def test_of_many_users_those_are_told_who_lead_or_have_evidence(plain, product, k):
    """The best of all, less the others; twins have one score, and some have no vector."""
    with duckdb.connect() as copy:
        copy.execute("CREATE SCHEMA duckmark")
        for table in READS:
            copy.register("_rows", plain.sql(f"FROM duckmark.{table}").to_arrow_table())
            copy.execute(f"CREATE TABLE duckmark.{table} AS FROM _rows")
        copy.execute("CREATE MACRO duckmark.every_user_leads() AS false")
        for kind in ("vector", "factors"):
            (array,) = plain.sql(f"SELECT typeof({kind}) FROM duckmark.scored_users LIMIT 1").fetchall()[0]
            name = "as_profile" if kind == "vector" else "as_factors"
            copy.execute(f"CREATE MACRO duckmark.{name}(listed) AS CAST(listed AS {array})")
        for name in MACROS:
            copy.execute(statement(name))
        for twin, vector in ((" twin", "vector"), (" unknown", "NULL")):
            copy.execute(
                "INSERT INTO duckmark.scored_users SELECT * REPLACE "
                f"(user_id || '{twin}' AS user_id, duckmark.id_number(user_id || '{twin}') AS user_number, "
                f"{vector} AS vector) FROM duckmark.scored_users"
            )
        query = "SELECT user_id, score, items FROM audience(?, k := ?)"
        every = copy.execute(query, [product, 9999]).fetchall()
        copy.execute("UPDATE duckmark.scored_users SET leads = hash(user_id) % 3 = 0")
        users = "SELECT user_id FROM duckmark.scored_users WHERE leads"
        evidence = f"""
            UNION SELECT user_id FROM duckmark.category_users JOIN duckmark.scored_products USING (category)
            WHERE product_id = '{product}'
            UNION SELECT user_id FROM duckmark.takers JOIN duckmark.item_weights USING (product_id)
            WHERE for_product_id = '{product}'
            UNION SELECT f.user_id FROM duckmark.followers AS f JOIN duckmark.takers AS t ON t.user_id = f.neighbour_id
            WHERE product_id = '{product}'
        """
        told = {row[0] for row in copy.sql(users + evidence).fetchall()}
        expected = [row for row in every if k > 4096 or row[0] in told][:k]
        assert copy.execute(query, [product, k]).fetchall() == expected
        copy.execute("DELETE FROM duckmark.scored_users")
        assert copy.execute(query, [product, k]).fetchall() == []


@pytest.mark.parametrize(("users", "lead"), [(60, 60), (61, 15)])
def test_in_a_very_large_shop_a_quarter_of_most_leaders_lead(users, lead):
    """Those who score best whatever the product: who have the longest histories, by this ranker."""
    with duckdb.connect() as con:
        con.execute(f"""
        CREATE SCHEMA duckmark;
        CREATE MACRO duckmark.most_leaders() AS 60;
        CREATE TABLE duckmark.user_features AS
        SELECT 'U' || n AS user_id, n // 2 AS history, 0 AS away, NULL AS price FROM range({users}) AS r (n);
        CREATE TABLE duckmark.user_segments (user_id VARCHAR, segment VARCHAR);
        CREATE TABLE duckmark.user_vectors (user_id VARCHAR, vector FLOAT[]);
        CREATE TABLE duckmark.user_factors (user_id VARCHAR, factors FLOAT[]);
        CREATE TABLE duckmark.ranker AS
        SELECT 0 AS base, [i = 13 for i in range(1, 15)]::DOUBLE[] AS weights,
            []::STRUCT(bias DOUBLE, output DOUBLE, weights DOUBLE[])[] AS units;
        """)
        for name in ("network_score", "features", "as_profile", "as_factors", "id_number", "scored_users"):
            con.execute(statement(name))
        expected = f"SELECT user_id FROM duckmark.user_features ORDER BY history DESC, user_id LIMIT {lead}"
        found = con.sql("SELECT user_id FROM duckmark.scored_users WHERE leads ORDER BY 1").fetchall()
        assert found == con.sql(f"FROM ({expected}) ORDER BY 1").fetchall()
        first = f"SELECT bool_and(leads) FROM (FROM duckmark.scored_users LIMIT {lead})"
        assert con.sql(first).fetchall() == [(True,)]
