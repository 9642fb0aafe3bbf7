"""Times in every form become UTC timestamps, one form for a column."""

import pytest

from duckmark.collect import collect


def times(con, values, cast=""):
    rows = ", ".join(f"('p', {value}{cast})" for value in values)
    report = collect(con, events=f"SELECT * FROM (VALUES {rows}) AS t (product_id, time)")[0]
    found = con.execute("SELECT CAST(happened_at AS VARCHAR) FROM source_events ORDER BY source_row").fetchall()
    return [time for (time,) in found], report.mapping.get("events.at")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2011-12-09 12:50:00", "2011-12-09 12:50:00"),
        ("2011-12-09", "2011-12-09 00:00:00"),
        (" 2011-12-09T12:50:00.25 ", "2011-12-09 12:50:00.25"),
        ("2011-12-09T12:50:00Z", "2011-12-09 12:50:00"),
        ("2011-12-09T12:50:00+02:00", "2011-12-09 10:50:00"),
        ("2011-12-09 12:50:00-0530", "2011-12-09 18:20:00"),
        ("25/12/2011 12:50", "2011-12-25 12:50:00"),
        ("12/25/2011 8:05", "2011-12-25 08:05:00"),
        ("12/25/2011 8:05:07 PM", "2011-12-25 20:05:07"),
        ("09-Dec-2011", "2011-12-09 00:00:00"),
        ("December 9, 2011", "2011-12-09 00:00:00"),
        ("02 28, 2014", "2014-02-28 00:00:00"),
        ("25.12.2011", "2011-12-25 00:00:00"),
        ("25/12/11", "2011-12-25 00:00:00"),
        ("20111209", "2011-12-09 00:00:00"),
        ("2011.12.09", "2011-12-09 00:00:00"),
        ("09.12.11 12:50", "2011-12-09 12:50:00"),
        ("09.12.2011, 12:50", "2011-12-09 12:50:00"),
        ("9/12/11, 12:50", "2011-12-09 12:50:00"),
        ("12/25/2011, 8:05:07\u202fPM", "2011-12-25 20:05:07"),
        ("9 Dec 2011, 12:50:01", "2011-12-09 12:50:01"),
        ("Friday, 9 December 2011, 12:50 PM", "2011-12-09 12:50:00"),
        ("2011-12-09 12:50:00 +0200", "2011-12-09 10:50:00"),
        ("2011-12-09 12:50:00 -05:30", "2011-12-09 18:20:00"),
        ("25/12/2011 12:50:00 +0200", "2011-12-25 10:50:00"),
        ("25/12/2011 12:50 UTC", "2011-12-25 12:50:00"),
        ("Fri, 09 Dec 2011 12:50:00 +0100", "2011-12-09 11:50:00"),
        ("Fri, 09 Dec 2011 12:50:00 GMT", "2011-12-09 12:50:00"),
        ("Fri Dec 09 12:50:00 +0000 2011", "2011-12-09 12:50:00"),
        ("Fri Dec  9 12:50:00 2011", "2011-12-09 12:50:00"),
        ("09/Dec/2011:12:50:00 -0100", "2011-12-09 13:50:00"),
        ("20111209T125000Z", "2011-12-09 12:50:00"),
        ("20111209T125000", "2011-12-09 12:50:00"),
        ("20111209125000", "2011-12-09 12:50:00"),
        ("1393545600", "2014-02-28 00:00:00"),
        ("1393545600.0", "2014-02-28 00:00:00"),
        ("1393545600123", "2014-02-28 00:00:00.123"),
        ("1393545600123456", "2014-02-28 00:00:00.123456"),
    ],
)
def test_text(con, written, read):
    con.execute("SET TimeZone = 'America/New_York'")
    assert times(con, [f"'{written}'"])[0] == [read]


@pytest.mark.parametrize(
    ("value", "cast"),
    [
        ("1393545600", ""),
        ("1393545600.0", "::DOUBLE"),
        ("1393545600000", ""),
        ("20140228", ""),
        ("'2014-02-28'", "::DATE"),
        ("'2014-02-28'", "::TIMESTAMP_NS"),
        ("'2014-02-28 02:00:00+02'", "::TIMESTAMPTZ"),
    ],
)
def test_types_that_are_not_text(con, value, cast):
    con.execute("SET TimeZone = 'America/New_York'")
    assert times(con, [value], cast)[0] == ["2014-02-28 00:00:00"]


def test_one_day_that_only_one_order_allows_decides_for_the_column(con):
    assert times(con, ["'01/02/2011'", "'01/13/2011'"])[0] == ["2011-01-02 00:00:00", "2011-01-13 00:00:00"]
    assert times(con, ["'01/02/2011'", "'13/01/2011'"])[0] == ["2011-02-01 00:00:00", "2011-01-13 00:00:00"]
    assert times(con, ["'01/02/2011'"])[0] == ["2011-02-01 00:00:00"]


def test_the_format_is_in_the_mapping(con):
    assert "'%d/%m/%Y'" in times(con, ["'13/01/2011'"])[1]


def test_the_format_that_fits_most_is_taken_and_the_rest_is_null(con, sql):
    found, _ = times(con, ["'13/01/2011'", "'soon'", "NULL", "''"])
    assert found == ["2011-01-13 00:00:00", None, None, None]
    sql(con)
    unreadable = con.execute("SELECT rows FROM data_quality WHERE rule = 'time unreadable'").fetchall()
    assert unreadable == [(1,)]


@pytest.mark.parametrize("values", [["'soon'"], ["3", "4"], ["'x'", "NULL"]])
def test_a_column_without_times_is_left_out(con, values):
    assert times(con, values) == ([None] * len(values), None)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (["02/01/2011", "03/03/2011", "n/a"], ("02/01/2011", "2011-01-02", "'%m/%d/%Y'")),
        (["2-1-2011 10:00"], ("2-1-2011 10:00", "2011-01-02", "'%m-%d-%Y %H:%M'")),
        (["02/01/2011", "13/01/2011"], None),
        (["02/01/2011", "01/13/2011"], None),
        (["02/02/2011"], None),
        (["02.01.2011"], None),
        (["2011-01-02"], None),
    ],
)
def test_days_that_fit_both_orders_are_told(con, values, told):
    query = f"SELECT 'p' AS product_id, unnest({values}) AS time"
    days = collect(con, events=query)[0].undecided
    if told is None:
        assert days is None
        return
    assert (days.written, days.read) == told[:2]
    assert told[2] in days.otherwise
    assert collect(con, events=query, mapping={"at": days.otherwise})[0].undecided is None
    assert con.execute("SELECT month(happened_at) FROM source_events").fetchone() == (2,)
