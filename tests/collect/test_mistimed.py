"""Years that were mistyped are found, and left out."""

from pathlib import Path

import pytest

MISTIMED = (Path(__file__).parents[2] / "sql/1_collect/mistimed.sql").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("rows", "days", "mistyped", "expected"),
    [
        (500, 3650, 1, 1),  # 2020 for 2010
        (500, 200, 1, 1),
        (500, 100, 1, 0),  # a quiet time
        (500, 3650, 2, 0),  # more than one in a thousand: a shop that was opened again
        (3000, 3650, 3, 3),
        (3000, 3650, 4, 0),
        (90, 3650, 1, 0),  # too few to tell
    ],
)
def test_a_year_that_was_mistyped_makes_nothing_old(clean, rows, days, mistyped, expected):
    con = clean(f"""
        SELECT i % 7 AS user_id, i % 40 AS product_id, 'view' AS kind, TIMESTAMP '2010-01-01' + INTERVAL (i) HOUR AS at
        FROM range({rows}) AS t (i)
        UNION ALL
        SELECT 1, i, 'view', TIMESTAMP '2010-01-01' + INTERVAL ({rows}) HOUR + INTERVAL ({days} + i) DAY
        FROM range({mistyped}) AS t (i)
    """)
    kept, timed = con.execute("SELECT count(*), count(happened_at) FROM duckmark.events").fetchall()[0]
    assert (kept, kept - timed) == (rows + mistyped, expected)
    told = con.execute("SELECT rows FROM data_quality WHERE rule = 'time long after all others'").fetchall()
    assert told == ([(expected,)] if expected else [])


@pytest.mark.parametrize(
    ("before", "load", "expected"),
    [
        (200, ["2010-03-02", "2010-03-02", "2019-03-02"], {2}),
        (20, ["2010-03-02", "2010-03-02", "2019-03-02"], set()),  # too few to tell
        (200, ["2019-03-02"], set()),  # after a closed season, for all one knows
        (200, ["2009-01-01", "2010-03-02"], set()),  # one came late, and the other goes on from before
        (200, ["2010-03-02", "2018-03-02", "2019-03-02"], {2}),
        (200, ["2010-03-02", None, "2019-03-02"], {2}),
        (200, [None], set()),
    ],
)
def test_a_small_load_is_judged_by_what_was_loaded_before(con, before, load, expected):
    con.execute(f"""
        CREATE TABLE duckmark.raw_events AS
        SELECT 0 AS source_id, 1000 + i AS event_id, TIMESTAMP '2010-01-01' + INTERVAL (i % 50) DAY AS happened_at
        FROM range({before}) AS t (i)
    """)
    con.executemany("INSERT INTO duckmark.raw_events VALUES (1, ?, ?)", list(enumerate(load)))
    assert mistimed(con) == expected


def test_a_mistyped_year_does_not_hide_the_next_one(con):
    con.execute("""
        CREATE TABLE duckmark.raw_events AS
        SELECT i // 200 AS source_id, i AS event_id,
            if(i % 200 = 7, TIMESTAMP '2019-01-01', TIMESTAMP '2010-01-01' + INTERVAL (i) HOUR) AS happened_at
        FROM range(600) AS t (i)
    """)
    assert mistimed(con) == {7, 207, 407}


def mistimed(con):
    con.execute(MISTIMED)
    return {row[0] for row in con.execute("SELECT event_id FROM duckmark.mistimed").fetchall()}


def test_two_mistyped_years_with_a_gap_between_them_are_both_found(con):
    con.execute("""
        CREATE TABLE duckmark.raw_events AS
        SELECT
            0 AS source_id,
            i AS event_id,
            CASE i
                WHEN 7 THEN TIMESTAMP '2041-01-01'
                WHEN 8 THEN TIMESTAMP '2031-01-01'
                ELSE TIMESTAMP '2021-01-01' + INTERVAL (i) HOUR
            END AS happened_at
        FROM range(3000) AS t (i)
    """)
    assert mistimed(con) == {7, 8}
