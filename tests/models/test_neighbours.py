"""User neighbours on a checkerboard: even users take even products, odd users odd ones."""

import duckdb
import pyarrow as pa
import pytest

from duckmark.kernels.weighting import WEIGHTINGS
from duckmark.models.neighbours import COMPARED, TABLE, refresh, train
from duckmark.steps import Skipped
from tests.database import holding
from tests.models.trained import table_of

CHECKERBOARD = [(f"u{u}", f"p{p}", 4.0) for u in range(6) for p in range(8) if u % 2 == p % 2]

LISTS = pa.schema([("user_id", "string"), ("neighbour_id", "string"), ("similarity", "double"), ("share", "double")])


con = holding("CREATE SCHEMA duckmark")


def interactions(con: duckdb.DuckDBPyConnection, rows: list[tuple[str, str, float]]) -> None:
    names = {"user_id": pa.string(), "product_id": pa.string(), "preference": pa.float64()}
    columns = [pa.array([row[i] for row in rows], kind) for i, kind in enumerate(names.values())]
    con.register("rows", pa.table(columns, names=list(names)))
    con.execute("CREATE OR REPLACE TABLE duckmark.interactions AS FROM rows")


def lists(con: duckdb.DuckDBPyConnection, rows: list, k: int = 50, **options: object) -> list[dict]:
    interactions(con, rows)
    trained = train(con, {"duckmark.interactions": "duckmark.interactions"}, {"neighbours": k, **options})
    return table_of(trained, TABLE).to_pylist()


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_neighbours_share_the_colour(con, weighting):
    rows = lists(con, CHECKERBOARD, user_weighting=weighting)
    assert {row["user_id"]: [] for row in rows}.keys() == {f"u{u}" for u in range(6)}
    for row in rows:
        assert int(row["user_id"][1]) % 2 == int(row["neighbour_id"][1]) % 2
        assert row["user_id"] != row["neighbour_id"]
        assert row["similarity"] == pytest.approx(1)
    assert len(rows) == 6 * 2


def test_shares_add_up_to_a_fifth(con):
    """A share is what the neighbour's five stars are worth of 1: similarity / (5 x sum of similarities)."""
    totals = {}
    for row in lists(con, [*CHECKERBOARD, ("u0", "p1", 1.0), ("u3", "p0", 5.0)]):
        totals[row["user_id"]] = totals.get(row["user_id"], 0) + row["share"]
    assert len(totals) == 6
    assert all(total == pytest.approx(1 / 5) for total in totals.values())


def test_at_most_k_and_equal_ones_by_id(con):
    rows = lists(con, CHECKERBOARD, k=1)
    assert {(row["user_id"], row["neighbour_id"]) for row in rows} == {
        ("u0", "u2"), ("u2", "u0"), ("u4", "u0"), ("u1", "u3"), ("u3", "u1"), ("u5", "u1")
    }  # fmt: skip


def test_who_dislikes_what_others_like_is_no_neighbour(con):
    assert lists(con, [("a", "p", 4.0), ("b", "p", -4.0)]) == []


def test_what_few_chose_says_more_when_weighted(con):
    """c shares a product that all have with a, and one that only the two have with b."""
    rows = [(user, "common", 5.0) for user in "abcdefgh"] + [("b", "rare", 3.0), ("c", "rare", 3.0), ("a", "own", 1.0)]
    plain, weighted = (
        {
            row["neighbour_id"]: row["similarity"]
            for row in lists(con, rows, user_weighting=name)
            if row["user_id"] == "c"
        }
        for name in ("none", "tf_idf")
    )
    assert 0.8 < plain["a"] < plain["b"]
    assert weighted == {"b": pytest.approx(1)}


def test_shrinkage_makes_little_in_common_count_for_less(con):
    rows = [("a", "p", 4.0), ("b", "p", 4.0)]
    assert lists(con, rows, user_shrinkage=48)[0]["similarity"] == pytest.approx(16 / (16 + 48))


@pytest.mark.parametrize("rows", [[], [("a", "p", 4.0), ("a", "q", 4.0)]])
def test_too_few_users_are_skipped_with_the_reason(con, rows):
    with pytest.raises(Skipped, match=f"too few users: {len(rows) // 2} with events, at least 2"):
        lists(con, rows)


@pytest.mark.parametrize(
    ("k", "options"),
    [
        *((k, {}) for k in (1, 2, 50)),
        (2, {"user_shrinkage": 3}),
        (2, {"user_weighting": "tf_idf"}),
        (50, {"user_weighting": "bm25"}),
    ],
)
@pytest.mark.parametrize(
    ("touched", "change"),
    [
        (["u0"], [("u0", "p1", 5.0)]),  # an even user takes an odd product
        (["new"], [("new", "p0", 4.0), ("new", "p2", 4.0)]),
        (["u1", "u4"], [("u1", "p0", 3.0), ("u4", "p1", -2.0)]),
        (["u2"], None),  # all they had is gone
        ([], []),
    ],
)
@pytest.mark.parametrize("due", [[], ["u3"], [f"u{u}" for u in range(6)]])
def test_a_refresh_makes_the_lists_that_are_due_as_training_anew_does(con, k, options, touched, change, due):
    """All others stay as they are."""
    before = [*CHECKERBOARD, ("u4", "p1", 1.0), ("u5", "p0", 2.0)]
    con.execute(
        f"CREATE TABLE {TABLE} (user_id VARCHAR, neighbour_id VARCHAR, similarity DOUBLE, share DOUBLE);"
        f"CREATE TABLE {COMPARED} AS SELECT 'of old' AS user_id"
    )
    old = lists(con, before, k, **options)
    con.register("before", pa.Table.from_pylist(old, schema=LISTS))
    con.execute(f"INSERT INTO {TABLE} FROM before")
    after = [row for row in before if row[0] not in touched] if change is None else [*before, *change]
    after = list({row[:2]: row for row in after}.values())
    new = lists(con, after, k, **options)
    con.execute("""CREATE TABLE duckmark.model_runs AS SELECT 'user_neighbours' AS model, '{"one_in": 1}' AS options""")
    con.execute("CREATE TABLE touched_users AS SELECT unnest($1::VARCHAR[]) AS user_id", [touched])
    con.execute("CREATE TABLE due_users AS FROM touched_users UNION SELECT unnest($1::VARCHAR[])", [due])
    trained = refresh(con, {"neighbours": k, **options})
    users = {row[0] for row in after}
    assert set(trained.tables[COMPARED]["user_id"].to_pylist()) == users
    assert con.sql(f"FROM {COMPARED}").fetchall() == []
    names = ("user_id", "neighbour_id", "similarity", "share")
    kept = [dict(zip(names, row, strict=True)) for row in con.sql(f"FROM {TABLE}").fetchall()]
    expected = [row for row in new if row["user_id"] in {*touched, *due}] + [
        row for row in old if row["user_id"] not in {*touched, *due}
    ]
    assert [
        (r["user_id"], r["neighbour_id"], pytest.approx(r["share"]))
        for r in by_pair(kept + table_of(trained, TABLE).to_pylist())
    ] == [(r["user_id"], r["neighbour_id"], r["share"]) for r in by_pair(expected)]


def by_pair(rows: list[dict]) -> list[dict]:
    return sorted(rows, key=lambda row: (row["user_id"], row["neighbour_id"]))
