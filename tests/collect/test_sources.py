"""Every kind of source is read, with names and values as they are."""

import gzip
import json

import pandas as pd
import pyarrow as pa
import pytest

from duckmark.collect import collect

ROWS = [("007", "a", 1), ("008", "b", 2)]
TABLE = pa.table({"user_id": ["007", "008"], "product_id": ["a", "b"], "rating": [1, 2]})


def rows(con):
    query = "SELECT user_id, product_id, CAST(rating AS INTEGER) FROM source_events ORDER BY source_row"
    return con.execute(query).fetchall()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("e.csv", "user_id,product_id,rating\n007,a,1\n008,b,2\n"),
        ("e.tsv", "user_id\tproduct_id\trating\n007\ta\t1\n008\tb\t2\n"),
        ("semicolon.csv", "user_id;product_id;rating\n007;a;1\n008;b;2\n"),
        ("pipe.txt", "user_id|product_id|rating\r\n007|a|1\r\n008|b|2\r\n"),
        ("bom.csv", b"\xef\xbb\xbfuser_id,product_id,rating\n007,a,1\n008,b,2\n"),
        ("e.csv.gz", gzip.compress(b"user_id,product_id,rating\n007,a,1\n008,b,2\n", mtime=0)),
        ("it's [1] *.csv", "user_id,product_id,rating\n007,a,1\n008,b,2\n"),
        ("e.json", json.dumps([{"user_id": u, "product_id": p, "rating": r} for u, p, r in ROWS])),
        ("e.ndjson", "\n".join(json.dumps({"user_id": u, "product_id": p, "rating": r}) for u, p, r in ROWS)),
    ],
)
def test_files(con, write, name, content):
    report = collect(con, events=write(name, content))[0]
    assert rows(con) == ROWS
    assert (report.role, report.rows) == ("events", 2)


@pytest.mark.parametrize(
    ("cell", "is_header"),
    [
        ("2023-03-01T16:45:01Z", False),
        ("2023-03-01 16:45:01.25+02:00", False),
        ("19 Jul 2023 04:48", False),
        ("19-Jul-23", False),
        ("Sept. 9, 2023", False),
        ("3/7/23, 4:48 PM", False),
        ("23:47:53", False),
        ("Jul 2023", True),
        ("July 19", True),
        ("19 July", True),
        ("May", True),
        ("time (UTC)", True),
    ],
)
def test_a_cell_that_is_plainly_a_time_is_data(con, write, cell, is_header):
    query = write("e.tsv", f"user\titem\t{cell}\nu\tp\t{cell}\n")
    mapping = {} if is_header else {"user_id": "column0", "product_id": "column1"}
    assert collect(con, events=query, mapping=mapping)[0].rows == 2 - is_header


def test_parquet(con, tmp_path):
    con.execute(
        "COPY (SELECT '007' AS user_id, 'a' AS product_id, 1 AS rating) TO $f",
        {"f": str(tmp_path / "e.parquet")},
    )
    collect(con, events=tmp_path / "e.parquet")
    assert rows(con) == ROWS[:1]
    assert con.execute("SELECT typeof(rating) FROM source_events").fetchone() == ("INTEGER",)


def test_a_glob_is_read_in_the_order_of_its_files_whatever_their_columns(con, write):
    write("b.csv", "product_id,user_id\nb,008\n")
    write("a.csv", "user_id;product_id;rating\n007;a;1\n")
    collect(con, events=write("a.csv", "user_id;product_id;rating\n007;a;1\n").replace("a.csv", "?.csv"))
    assert rows(con) == [("007", "a", 1), ("008", "b", None)]


@pytest.mark.parametrize("name", ["e", "E", "main.e", "shop.main.e", "v", '"odd ""table"" name"', "other.e"])
def test_tables_and_views(con, name):
    con.execute("CREATE SCHEMA other")
    for table in ("e", '"odd ""table"" name"', "other.e"):
        con.execute(f"CREATE TABLE {table} AS SELECT '007' AS user_id, 'a' AS product_id, 1 AS rating")
    con.execute("CREATE VIEW v AS FROM e")
    collect(con, events=name)
    assert rows(con) == ROWS[:1]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM (VALUES ('007', 'a', 1), ('008', 'b', 2)) AS t (user_id, product_id, rating);",
        "WITH t AS (SELECT '007' AS user_id, 'a' AS product_id, 1 AS rating) FROM t -- one row",
        "from t",
    ],
)
def test_queries(con, query):
    con.execute("CREATE TABLE t AS SELECT '007' AS user_id, 'a' AS product_id, 1 AS rating")
    collect(con, events=query)
    assert rows(con)[:1] == ROWS[:1]


def test_a_values_query_has_columns_by_number_and_a_mapping_names_them(con):
    collect(con, events="VALUES ('007', 'a')", mapping={"user_id": "col0", "product_id": "col1"})
    assert rows(con) == [("007", "a", None)]


@pytest.mark.parametrize(
    "source",
    [
        TABLE,
        TABLE.to_batches()[0],
        pa.RecordBatchReader.from_batches(TABLE.schema, TABLE.to_batches()),
        pd.DataFrame({"user_id": ["007", "008"], "product_id": ["a", "b"], "rating": [1, 2]}),
    ],
    ids=["table", "batch", "reader", "pandas"],
)
def test_objects_in_memory(clean, source):
    con = clean(source)
    assert rows(con) == ROWS
    assert con.execute("SELECT count(*) FROM duckmark.events").fetchone() == (2,)


def test_the_stage_reads_its_views_though_the_file_has_tables_of_that_name(con, sql):
    con.execute("CREATE TABLE source_events AS SELECT 'not this' AS x; CREATE TABLE events AS SELECT 'mine' AS x")
    collect(con, events=TABLE)
    sql(con)
    assert con.execute("SELECT count(*) FROM duckmark.events").fetchone() == (2,)
    assert con.execute("FROM events").fetchall() == [("mine",)]
    assert con.execute("FROM shop.main.source_events").fetchall() == [("not this",)]


def test_row_numbers_count_the_rows_even_beside_a_column_rowid(con):
    collect(con, events="SELECT 7 AS rowid, 'a' AS product_id FROM range(3)")
    assert con.execute("SELECT source_id, source_row FROM source_events").fetchall() == [
        (0, 1),
        (0, 2),
        (0, 3),
    ]


def test_strange_column_names(con, write):
    path = write("e.csv", 'user_id,product_id,"a ""b"" {c}\'s 顧客",,Rating,rating\n1,2,x,y,4,5\n')
    collect(con, events=path, mapping={"text": '"a ""b"" {c}\'s 顧客"', "channel": "column3"})
    assert con.execute("SELECT text, channel, rating FROM source_events").fetchall() == [("x", "y", "4")]


def test_a_json_column_of_mixed_types_has_no_quotes(con, write):
    collect(con, events=write("e.json", '[{"product_id": 1}, {"product_id": "x"}]'))
    assert con.execute("SELECT product_id FROM source_events").fetchall() == [("1",), ("x",)]
