"""What is said of orders that came to nothing and count as purchases."""

import pyarrow as pa
import pytest

from duckmark.collect import collect

ROWS = [("1", "completed"), ("2", "Cancelled"), ("3", None), ("4", "Payment failed"), ("5", "it's void"), ("6", "void")]


def advice(con, columns, **options):
    return collect(con, events=f"SELECT 'p' AS product_id, {columns}", **options)[0].advice


@pytest.mark.parametrize("name", ["e.csv", "e.parquet", "events"])
@pytest.mark.parametrize("column", ["status", "Order Status"])
def test_the_query_that_is_advised_leaves_them_out(con, tmp_path, monkeypatch, name, column):
    monkeypatch.chdir(tmp_path)
    con.execute(f'CREATE TABLE events (order_id VARCHAR, product_id VARCHAR, "{column}" VARCHAR)')
    con.executemany("INSERT INTO events VALUES (?, 'p', ?)", ROWS)
    if "." in name:
        con.execute(f"COPY events TO '{name}'")
    (said,) = collect(con, events=name)[0].advice
    assert said.startswith(f"rows count as purchases whatever their {column} says: 'Cancelled' in 1 rows, ")
    query = said.partition('--events "')[2].removesuffix('"').replace('\\"', '"')
    assert collect(con, events=query)[0].advice == []
    assert con.execute("SELECT order_id FROM source_events").fetchall() == [("1",), ("3",)]


@pytest.mark.parametrize(
    ("columns", "is_told"),
    [
        ("1 AS order_id, 'Refunded' AS status", True),
        ("2 AS quantity, 'on-hold' AS current_state", True),
        ("9.5 AS price, 'VOIDED' AS \"Financial Status\"", True),
        ("1 AS order_id, 'failed' AS \"item-status\"", True),
        ("'buy' AS event, 'failed' AS status", True),
        ("1 AS order_id, 'NC' AS \"Ship State\", 'refunded' AS status", True),
        ("'view' AS event, 'failed' AS status", False),
        ("5 AS rating, 1 AS order_id, 'failed' AS status", False),
        ("9.5 AS price, 'good' AS text, 'failed' AS status", False),
        ("1 AS order_id, 'partially refunded' AS status", False),
        ("1 AS order_id, 'not returned' AS status", False),
        ("1 AS order_id, 'shipped' AS status", False),
        ("1 AS order_id, 'pending' AS note", False),
        ("range AS order_id, 'error ' || range AS status FROM range(20)", False),
    ],
)
def test_where_it_is_told(con, columns, is_told):
    assert bool(advice(con, columns)) == is_told


def test_a_status_that_is_read_is_no_matter(con):
    columns = "1 AS order_id, 'failed' AS status"
    assert advice(con, columns, mapping={"kind": "CASE status WHEN 'failed' THEN 'return' END"}) == []


def test_where_no_query_reads_the_source(con):
    frame = pa.table({"product_id": ["p"], "order_id": [1], "status": ["failed"]})
    assert collect(con, events=frame)[0].advice[0].endswith("for example a SELECT with a WHERE")
