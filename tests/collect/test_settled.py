"""A later load is read as the first one was."""

import pytest

from duckmark.collect import collect

FIRST = "SELECT 'u' AS user_id, 'p' AS product_id, unnest(['1', '5', '4']) AS rating, '2024-03-05' AS at"


@pytest.fixture
def later(con, sql):
    """Rows of `raw_events` and how often values could not be used, of a load like the first."""
    settled = collect(con, events=FIRST)[0].mapping

    def load(query: str, **mapping: str) -> tuple[list[tuple], dict[str, int]]:
        collect(con, events=query, mapping=mapping, settled=settled)
        sql(con)
        rows = con.execute(
            "SELECT user_id, rating, CAST(happened_at AS VARCHAR) FROM duckmark.raw_events ORDER BY event_id"
        ).fetchall()
        return rows, dict(
            con.execute("SELECT rule, rows FROM data_quality WHERE action <> 'kept' AND rule <> 'duplicate'").fetchall()
        )

    return load


def test_one_rating_beyond_the_scale_leaves_the_others(later):
    rows, counts = later("SELECT 'u' AS user_id, 'p' AS product_id, unnest([5, 5, 1, 6]) AS rating, NULL AS at")
    assert [rating for _, rating, _ in rows] == [5, 5, 1, None]
    assert counts == {"rating out of range": 1}


@pytest.mark.parametrize("first", ["INTEGER", "VARCHAR"])
@pytest.mark.parametrize("later", ["parquet", "csv"])
def test_an_expression_holds_in_a_file_of_another_kind(con, sql, tmp_path, first, later):
    """Whether its columns have types there or not."""
    query = "SELECT 'u' AS user_id, 'p' AS product_id, CAST(unnest([9, 2, {}]) AS {}) AS stars"
    settled = collect(con, events=query.format(4, first), mapping={"rating": "stars / 2"})[0].mapping
    con.execute(f"COPY ({query.format(3, 'INTEGER')}) TO '{tmp_path}/later.{later}'")
    collect(con, events=f"{tmp_path}/later.{later}", settled=settled)
    sql(con)
    assert con.execute("SELECT rating FROM duckmark.raw_events ORDER BY ALL").fetchall() == [(1,), (1.5,), (4.5,)]


def test_who_says_so_has_it_read_anew(later):
    rows, _ = later("SELECT 'u' AS user_id, 'p' AS product_id, unnest([10, 1]) AS rating, NULL AS at", rating="rating")
    assert [rating for _, rating, _ in rows] == [5, 1]


def test_times_that_cannot_be_read_are_counted(later):
    query = "SELECT 'u' AS user_id, 'p' AS product_id, 3 AS rating, unnest(['2024-03-06', 'yesterday', '', NULL]) AS at"
    rows, counts = later(query)
    assert [time for *_, time in rows] == ["2024-03-06 00:00:00", None, None, None]
    assert counts == {"time unreadable": 1}


def test_times_that_are_all_written_otherwise_are_read_so(later):
    query = "SELECT 'u' AS user_id, 'p' AS product_id, 3 AS rating, unnest(['05.03.2024', '31.03.2024']) AS at"
    rows, counts = later(query)
    assert [time for *_, time in rows] == ["2024-03-05 00:00:00", "2024-03-31 00:00:00"]
    assert not counts


def order(price: str) -> str:
    return f"SELECT 'u' AS user_id, 'p' AS product_id, unnest({price}) AS price"


@pytest.mark.parametrize(
    ("first", "later", "read"),
    [
        ("['12']", "['12,50', '7']", [12.5, 7]),
        ("['12']", "['£1,299.00', '12.50']", [1299, 12.5]),
        ("[12]", "['12,50']", [12.5]),
        ("['12,50']", "['$12.50', '1,299.00']", [12.5, 1299]),
        ("['1,299.00']", "['12,50', '1.299,00']", [12.5, 1299]),
        ("['12,50']", "['1,759', '1.299']", [1.759, 1299]),  # as settled, where that reads it
        ("['12,50']", "['12.50', 'free']", [12.5, None]),
        ("['12']", "[12.5]", [12.5]),
    ],
)
def test_prices_that_are_written_otherwise_are_read_so(con, sql, first, later, read):
    settled = collect(con, events=order(first))[0].mapping
    collect(con, events=order(later), settled=settled)
    sql(con)
    found = con.execute("SELECT price::DOUBLE FROM duckmark.raw_events ORDER BY event_id").fetchall()
    assert [price for (price,) in found] == read


def test_what_a_user_makes_of_prices_stays(con, sql):
    settled = collect(con, events=order("['0', '5']"), mapping={"price": "nullif(price, '0')"})[0].mapping
    collect(con, events=order("['0', '0']"), settled=settled)
    sql(con)
    assert con.execute("SELECT price FROM duckmark.raw_events").fetchall() == [(None,), (None,)]


def test_what_was_left_out_stays_out(con, sql):
    collect(con, events="SELECT 'p' AS product_id, 5 AS rating", settled={"rating": "NULL"})
    sql(con)
    assert con.execute("SELECT rating FROM duckmark.raw_events").fetchall() == [(None,)]


def test_events_of_nobody_are_dropped_where_there_were_users(later):
    _, counts = later("SELECT NULL AS user_id, 'p' AS product_id, 3 AS rating, '2024-03-06' AS at")
    assert counts == {"no customer": 1}


@pytest.mark.parametrize("blank", ["NULL", "''", "'  '"])
def test_a_column_of_no_users_is_none(con, sql, blank):
    collect(con, events=f"SELECT {blank} AS user_id, 'p' AS product_id, 3 AS rating")
    sql(con)
    assert con.execute("SELECT count(*) FROM duckmark.events").fetchall() == [(1,)]
