"""Recommendation lists on a checkerboard: even users took most even products, odd users most odd ones."""

import pyarrow as pa
import pytest

from duckmark.models import reasons
from duckmark.models.evidence import READS
from duckmark.models.recommendations import SHOWN, TABLE, recommend, refresh
from duckmark.steps import Skipped, Trained
from tests.database import holding
from tests.models.trained import table_of

TABLES = """
CREATE SCHEMA duckmark;
CREATE TABLE duckmark.ranker AS
SELECT 1.0::DOUBLE AS base, [0.2, 0.6, 0.1, 0.3, 0, 0, 0.1, 0, 0, 0, 0, 0, 0, 0]::DOUBLE[] AS weights,
    []::STRUCT(bias DOUBLE, output DOUBLE, weights DOUBLE[])[] AS units;
CREATE TABLE duckmark.item_weights AS
SELECT 'p' || a.p AS product_id, 'p' || b.p AS for_product_id, 0.25 AS weight
FROM range(6) AS a (p), range(7) AS b (p)
WHERE a.p % 2 = b.p % 2 AND a.p <> b.p;
CREATE TABLE duckmark.users AS SELECT 'u' || u AS user_id FROM range(8) AS r (u);
CREATE TABLE duckmark.products AS
SELECT 'p' || p AS product_id, NULL::VARCHAR AS category FROM range(8) AS r (p);
CREATE TABLE duckmark.interactions AS
SELECT 'u' || u AS user_id, 'p' || p AS product_id, 4.0 AS preference
FROM range(6) AS a (u), range(8) AS b (p)
WHERE u % 2 = p % 2 AND (u + p) % 8 <> 0;
CREATE TABLE duckmark.histories AS
SELECT user_id, product_id, 1.0 AS weight FROM duckmark.interactions WHERE user_id < 'u4';
CREATE TABLE duckmark.user_neighbours AS
SELECT 'u' || a.u AS user_id, 'u' || b.u AS neighbour_id, 1.0 AS similarity, 0.1 AS share
FROM range(6) AS a (u), range(6) AS b (u)
WHERE a.u % 2 = b.u % 2 AND a.u <> b.u;
CREATE TABLE duckmark.user_vectors AS
SELECT 'u' || u AS user_id, [u % 2, 1 - u % 2]::FLOAT[] AS vector FROM range(7) AS r (u);
CREATE TABLE duckmark.product_vectors AS
SELECT 'p' || p AS product_id, CASE WHEN p < 7 THEN [p % 2, 1 - p % 2]::FLOAT[] END AS vector FROM range(8) AS r (p);
CREATE TABLE duckmark.user_factors AS SELECT 'u' || u AS user_id, [0.5]::FLOAT[] AS factors FROM range(4) AS r (u);
CREATE TABLE duckmark.product_factors AS SELECT 'p' || p AS product_id, [p]::FLOAT[] AS factors FROM range(3) AS r (p);
CREATE TABLE duckmark.user_categories (user_id VARCHAR, category VARCHAR, share DOUBLE);
CREATE TABLE duckmark.user_features AS
SELECT user_id, 0.0 AS history, 0.0 AS away, NULL::DOUBLE AS price FROM duckmark.users;
CREATE TABLE duckmark.product_features AS
SELECT product_id, count(*) / 3 AS popularity, 0.0 AS recent, 0.0 AS idle, 0.0 AS age, NULL::DOUBLE AS price,
    0.0 AS satisfaction
FROM duckmark.interactions
GROUP BY product_id;
CREATE TABLE duckmark.terms AS SELECT * FROM (VALUES ('blue', 1.0), ('dark', 2.0), ('red', 1.5)) AS t (term, idf);
CREATE TABLE duckmark.user_terms AS
SELECT * FROM (VALUES ('u2', 'blue', 1.0), ('u2', 'dark', 0.5), ('u2', 'red', -1.0)) AS t (user_id, term, weight);
CREATE TABLE duckmark.product_terms AS
SELECT 'p6' AS product_id, unnest(['blue', 'dark', 'red']) AS term, unnest([1, 1, 1]) AS own_count, 1.0 AS weight
UNION ALL SELECT 'p0', 'blue', 0, 1.0;
"""
INPUTS = {name: name for name in (*READS, *reasons.READS, "duckmark.ranker")}


con = holding(TABLES)


def rows(trained: Trained) -> list[dict]:
    return table_of(trained, TABLE).to_pylist()


def test_the_first_product_is_the_one_of_their_colour_that_they_lack(con):
    first = {row["user_id"]: row["product_id"] for row in rows(recommend(con, INPUTS, {})) if row["rank"] == 1}
    lacking = {"u0": "p0", "u1": "p7", "u2": "p6", "u3": "p5", "u4": "p4", "u5": "p3"}
    assert {user: first[user] for user in lacking} == lacking


def test_a_score_by_hand(con):
    (row,) = [row for row in rows(recommend(con, INPUTS, {})) if (row["user_id"], row["product_id"]) == ("u2", "p6")]
    # The same direction; two neighbours with four stars at a tenth each; p0, p2 and p4 go with it; p6 has no factors;
    # two of three at most took it.
    by_hand = 1, 0.1 * 4 + 0.1 * 4, 0.25 * 3, 0, 2 / 3
    assert [row[name] for name in SHOWN] == [pytest.approx(part) for part in by_hand]
    weights = 0.2, 0.6, 0.1, 0.3, 0.1
    expected = 1 + sum(weight * part for weight, part in zip(weights, by_hand, strict=True))
    assert row["score"] == pytest.approx(expected)
    assert row["source"] == "hybrid"


def test_a_reason_by_hand(con):
    found = {row["product_id"]: row for row in rows(recommend(con, INPUTS, {})) if row["user_id"] == "u2"}
    parts = {product: (row["because"], row["takers"], row["words"]) for product, row in found.items()}
    # p0, p2 and p4 say the same of p6; words of p6 weigh 1 each, and what p0 has in common stands in reviews alone.
    assert parts["p6"] == ("p0", 2, ["blue", "dark"])
    assert parts["p1"] == (None, 0, [])


def test_nothing_that_they_have_and_ranks_without_gaps(con):
    owned = set(con.sql("SELECT user_id, product_id FROM duckmark.interactions").fetchall())
    found = rows(recommend(con, INPUTS, {"list_length": 3}))
    assert not {(row["user_id"], row["product_id"]) for row in found} & owned
    for user in {row["user_id"] for row in found}:
        ranks = [row["rank"] for row in found if row["user_id"] == user]
        assert ranks == list(range(1, len(ranks) + 1))
        assert len(ranks) <= 3


def test_the_source_says_what_the_score_came_from(con):
    found = {(row["user_id"], row["product_id"]): row["source"] for row in rows(recommend(con, INPUTS, {}))}
    assert found["u6", "p2"] == "content"  # a profile and no neighbour
    assert found["u1", "p7"] == "collaborative"  # p7 has no profile
    assert found["u0", "p1"] == "factors"  # the other colour, but for a factor
    assert not any(user == "u7" for user, _ in found)  # nothing is known of them


def test_the_same_data_gives_the_same_lists(con):
    assert rows(recommend(con, INPUTS, {})) == rows(recommend(con, INPUTS, {}))


def test_no_list_keeps_a_product_that_is_gone(con):
    """p6 goes, and u2 is due: made anew are the lists of u2 and those that had p6."""
    before = rows(recommend(con, INPUTS, {}))
    con.register("_before", pa.Table.from_pylist(before))
    con.execute(f"""
        CREATE TABLE {TABLE} AS FROM _before;
        CREATE TABLE due_users AS SELECT unnest(['u2', NULL]) AS user_id;
        CREATE TABLE touched_products AS SELECT unnest(['p6', 'p1']) AS product_id;
        DELETE FROM duckmark.products WHERE product_id = 'p6';
        UPDATE {TABLE} SET score = -1
    """)
    had = {row["user_id"] for row in before if row["product_id"] == "p6"}
    assert had < {row["user_id"] for row in before}  # else nobody's list is left as it is
    made = rows(refresh(con, {}))
    kept = con.sql(f"SELECT user_id, product_id FROM {TABLE}").fetchall()
    assert {row["user_id"] for row in made} == had | {"u2"}
    assert {user for user, _ in kept} == {row["user_id"] for row in before} - had - {"u2"}
    assert "p6" not in {row["product_id"] for row in made} | {product for _, product in kept}


@pytest.mark.parametrize("pair", [("vectors", "content"), ("factors", "factors")])
def test_what_one_side_lacks_is_nothing(con, pair):
    table, part = pair
    con.execute(f"DELETE FROM duckmark.user_{table}")
    assert all(row[part] == 0 for row in rows(recommend(con, INPUTS, {})))
    con.execute(f"DELETE FROM duckmark.product_{table}")
    assert all(row[part] == 0 for row in rows(recommend(con, INPUTS, {})))


def test_a_shop_without_users_has_no_lists(con):
    for name in READS:
        con.execute(f"DELETE FROM {name}")
    with pytest.raises(Skipped, match="of no user is any taste known"):
        recommend(con, INPUTS, {})
