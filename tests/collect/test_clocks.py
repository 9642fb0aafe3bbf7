"""A day and a time of day in columns of their own, and columns that only by their names are times."""

import pytest

from duckmark.collect import collect


def times(con, columns, **options):
    report = collect(con, events=f"SELECT 1 AS product_id, {columns}", **options)[0]
    found = con.execute("SELECT CAST(happened_at AS VARCHAR) FROM source_events ORDER BY source_row").fetchall()
    return [time for (time,) in found], report


@pytest.mark.parametrize(
    ("columns", "time"),
    [
        ("'2023-10-01' AS date, '23:47:53' AS time", "2023-10-01 23:47:53"),
        ("'23:47:53' AS time, DATE '2023-10-01' AS date", "2023-10-01 23:47:53"),
        ("DATE '2023-10-01' AS date, TIME '23:47:53' AS time", "2023-10-01 23:47:53"),
        ("'31/10/2023' AS \"Order Date\", '9:05 PM' AS \"Order Time\"", "2023-10-31 21:05:00"),
        ("'31.10.2023' AS Datum, '9:05' AS Uhrzeit", "2023-10-31 09:05:00"),
        ("'2023-10-01' AS date, ' ' AS time", "2023-10-01 00:00:00"),
        ("'2023-10-01' AS date, '23:47:53' AS duration", "2023-10-01 00:00:00"),
        ("'2023-10-01' AS date, '2 hours' AS time", "2023-10-01 00:00:00"),
        ("'2023-10-01 10:00' AS date, '23:47:53' AS time", "2023-10-01 10:00:00"),
        ("'2023-10-01T10:00' AS time, '2023-09-30' AS date", "2023-10-01 10:00:00"),
        ("'23:47:53' AS time", None),
        ("'soon' AS order_date, '2023-10-01' AS created_at", "2023-10-01 00:00:00"),
        ("'soon' AS order_date, 'later' AS created_at", None),
    ],
)
def test_the_time_is_what_can_be_read_with_its_clock(con, columns, time):
    found, report = times(con, columns)
    assert found == [time]
    assert [one.target for one in report.missing if one.target == "at"] == ["at"] * (time is None)


def test_a_name_that_is_first_filled_late_is_still_the_first(con):
    columns = (
        "CASE WHEN i >= 3_000 THEN '2023-10-01' END AS order_date, '2023-01-01' AS created_at FROM range(4_000) _(i)"
    )
    found, _ = times(con, columns)
    assert set(found) == {None, "2023-10-01 00:00:00"}


def test_a_day_without_its_clock_keeps_its_own(con):
    columns = "unnest(['2023-10-01', '2023-10-02']) AS date, unnest(['10:30', '']) AS time"
    assert times(con, columns)[0] == ["2023-10-01 10:30:00", "2023-10-02 00:00:00"]


def test_who_names_the_day_gets_the_day(con):
    found, report = times(con, "'2023-10-01' AS date, '23:47:53' AS time", mapping={"at": "date"})
    assert found == ["2023-10-01 00:00:00"]
    assert report.unused == ["time"]


def test_a_later_load_joins_them_too(con):
    _, first = times(con, "'2023-10-01' AS date, '23:47:53' AS time")
    found, _ = times(con, "'2023-10-02' AS date, '08:00:00' AS time", settled=first.mapping)
    assert found == ["2023-10-02 08:00:00"]
