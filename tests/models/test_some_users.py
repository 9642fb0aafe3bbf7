"""Some users with all that is theirs in a relation."""

import duckdb
import pytest

from duckmark.models.some_users import Listed, at_most, drawn, user_ranges
from tests.database import holding

USERS = 40
EVENTS = f"""
CREATE TABLE events AS
SELECT 'u''' || lpad(u::VARCHAR, 2, '0') AS user_id, i AS event_id
FROM range({USERS}) AS a (u), range(6) AS b (i)
UNION ALL
SELECT NULL, 99;
"""


con = holding(EVENTS)


def counts(con: duckdb.DuckDBPyConnection, relation: str) -> dict[str, int]:
    return dict(con.execute(f"SELECT user_id, count(*) FROM {relation} GROUP BY ALL ORDER BY ALL").fetchall())


def lot(con: duckdb.DuckDBPyConnection, parts: int) -> list[str]:
    """One in so many users, by the md5 sums of their ids, one after the other."""
    ids = [f"u'{number:02}" for number in range(USERS)]
    return [id for id in ids if con.execute("SELECT md5_number_lower(?) % ?", [id, parts]).fetchall()[0][0] == 0]


@pytest.mark.parametrize("rows", [1, 7, 60, 1000])
def test_ranges_share_out_the_users(con, rows):
    ranges = user_ranges(con, "events", rows)
    parts = [counts(con, some.of("events")) for some in ranges]
    assert [user for part in parts for user in part] == [f"u'{number:02}" for number in range(USERS)]
    assert {number for part in parts for number in part.values()} == {6}
    assert max(sum(part.values()) for part in parts) <= rows + 6


def test_those_that_are_listed(con):
    con.execute("CREATE TABLE named AS FROM (VALUES ('u''03'), ('u''03'), ('nobody'), (NULL)) AS v (user_id)")
    assert counts(con, Listed("named").of("events")) == {"u'03": 6}
    assert counts(con, Listed(f"({drawn('events', 4)})").of("events")) == dict.fromkeys(lot(con, 4), 6)


@pytest.mark.parametrize(("most", "parts"), [(6 * USERS + 1, 1), (6 * USERS, 2), (61, 4)])
def test_of_too_many_rows_those_of_some_users(con, most, parts):
    with at_most(con, "events", most) as some:
        found = counts(con, some)
    assert found == dict.fromkeys(lot(con, parts), 6) | ({None: 1} if parts == 1 else {})
    assert con.execute("SELECT count(*) FROM duckdb_tables() WHERE temporary").fetchall() == [(0,)]
