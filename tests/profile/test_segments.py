"""Who is in which segment: every branch of the rule, and the cut points it goes by."""

import datetime
import random

import duckdb
import numpy as np
import pytest

from tests.statements import statement

LAST = datetime.datetime(2024, 6, 1, 12)
BEHAVIOUR = """
    CREATE SCHEMA duckmark;
    CREATE TABLE duckmark.users (user_id VARCHAR);
    CREATE TABLE duckmark.user_behaviour (
        user_id VARCHAR, visits BIGINT, spend DECIMAL(18, 2), last_at TIMESTAMP, orders BIGINT
    );
"""
# By cuts of 10 and 60 days, 3 visits and a spend of 100: the visits, the spend and the days since the last.
PEOPLE = {
    "nothing yet": (None, "prospect"),
    "often, untimed": ((3, 500, None), "loyal"),
    "untimed": ((2, 500, None), "occasional"),
    "often, long ago": ((3, 500, 61), "at risk"),
    "often, much, not long ago": ((3, 100, 60), "champion"),
    "often, little": ((9, 99, 0), "loyal"),
    "often, unpriced": ((3, None, 5), "loyal"),
    "long ago": ((2, 500, 61), "lapsed"),
    "once, lately": ((1, 500, 10), "new"),
    "twice, lately": ((2, 500, 10), "promising"),
    "once, not lately": ((1, 0, 11), "occasional"),
    "twice, not long ago": ((2, 500, 60), "occasional"),
}


def shop(con: duckdb.DuckDBPyConnection, people: dict[str, tuple | None]) -> None:
    con.execute(BEHAVIOUR)
    for name, known in people.items():
        con.execute("INSERT INTO duckmark.users VALUES (?)", [name])
        if known:
            visits, spend, days = known
            last_at = None if days is None else LAST - datetime.timedelta(days=days)
            con.execute(
                "INSERT INTO duckmark.user_behaviour VALUES (?, ?, ?, ?, ?)", [name, visits, spend, last_at, visits]
            )


def test_everyone_is_where_they_stand():
    with duckdb.connect() as con:
        shop(con, {name: known for name, (known, _) in PEOPLE.items()})
        con.execute(
            "CREATE TABLE duckmark.segment_cuts AS "
            "SELECT 10 AS recent_days, 60 AS lapsed_days, 3 AS frequent_visits, 100 AS high_spend"
        )
        con.execute(statement("user_segments", "2_profile"))
        found = con.execute("SELECT user_id, recency_days, segment FROM duckmark.user_segments").fetchall()
    assert {user: segment for user, _, segment in found} == {user: segment for user, (_, segment) in PEOPLE.items()}
    assert {user: days for user, days, _ in found} == {user: known and known[2] for user, (known, _) in PEOPLE.items()}


@pytest.mark.parametrize("spend", [0, None])
def test_nobody_is_a_champion_of_a_shop_where_nothing_is_paid(spend):
    with duckdb.connect() as con:
        shop(con, {f"u{number}": (3, spend, 0) for number in range(9)})
        con.execute(statement("segment_cuts", "2_profile"))
        con.execute(statement("user_segments", "2_profile"))
        assert con.execute("SELECT DISTINCT segment FROM duckmark.user_segments").fetchall() == [("loyal",)]


@pytest.mark.parametrize("number", [3, 9, 10, 11, 32, 100])
def test_cuts_are_terciles(number):
    """The first third, and the last counted from the top; of what is not known there is no cut."""
    chance = random.Random(number)
    columns = visits, spends, days = [chance.sample(range(1000), number) for _ in range(3)]
    days[0] = 0
    with duckdb.connect() as con:
        shop(
            con, {str(i): values for i, values in enumerate(zip(*columns, strict=True))} | {"untimed": (1, None, None)}
        )
        con.execute(statement("segment_cuts", "2_profile"))
        (found,) = con.execute("FROM duckmark.segment_cuts").fetchall()
    visits.append(1)
    assert found == (
        third(days),
        -third([-d for d in days]),
        -third([-v for v in visits]),
        -third([-s for s in spends]),
    )


def third(values: list[int]) -> int:
    return int(np.quantile(values, 1 / 3, method="inverted_cdf"))


def test_two_visits_at_least_are_frequent():
    with duckdb.connect() as con:
        shop(con, {f"u{number}": (1, 10, number) for number in range(9)})
        con.execute(statement("segment_cuts", "2_profile"))
        assert con.execute("SELECT frequent_visits FROM duckmark.segment_cuts").fetchall() == [(2,)]


def test_segments_are_described_by_their_people():
    people = {
        "a": (("champion", 1), (4, 100)),
        "b": (("champion", 2), (6, 300)),
        "c": (("champion", 9), (5, None)),
        "d": (("prospect", None), None),
    }
    with duckdb.connect() as con:
        shop(con, {name: known and (*known, 0) for name, (_, known) in people.items()})
        con.execute("CREATE TABLE duckmark.user_segments (user_id VARCHAR, segment VARCHAR, recency_days BIGINT)")
        con.executemany(
            "INSERT INTO duckmark.user_segments VALUES (?, ?, ?)", [(name, *said) for name, (said, _) in people.items()]
        )
        con.execute(statement("segments", "2_profile"))
        assert con.execute("FROM segments").fetchall() == [
            ("champion", 3, 0.75, 5.0, 5.0, 200.0, 400, 2.0),
            ("prospect", 1, 0.25, None, None, None, None, None),
        ]
