"""Which column is what: by overrides, by known layouts, by types, and what is left over."""

import pytest

from duckmark.collect import collect
from duckmark.errors import MappingError

HEADERS = {
    "Online Retail (UCI)": "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID",
    "Online Retail II (UCI)": "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country",
    "Amazon reviews (2014)": "reviewerID,asin,helpful,reviewText,overall,summary,unixReviewTime,reviewTime",
    "Amazon reviews (2023)": "rating,title,text,images,asin,parent_asin,user_id,timestamp",
    "Women's clothing reviews": ",Clothing ID,Age,Title,Review Text,Rating,Division Name,Class Name",
    "RetailRocket": "timestamp,visitorid,event,itemid,transactionid",
    "MovieLens (ratings.csv)": "userId,movieId,rating,timestamp",
    "goodbooks (ratings.csv)": "user_id,book_id,rating",
    "Book-Crossing (BX-Book-Ratings.csv)": "User-ID;ISBN;Book-Rating",
}


@pytest.mark.parametrize("layout", HEADERS)
def test_layouts(con, write, layout):
    header = HEADERS[layout]
    report = collect(
        con, events=write("e.csv", header + "\n" + "," * header.count(",") + ";" * header.count(";") + "\n")
    )[0]
    assert report.layout == layout


def test_a_file_without_header_is_recognised_by_its_values(con, write):
    report = collect(con, events=write("u.data", "196\t242\t3\t881250949\n186\t302\t3\t891717742\n"))[0]
    assert report.layout == "MovieLens 100K (u.data)"
    row = con.execute("SELECT user_id, product_id, rating, CAST(happened_at AS VARCHAR) FROM source_events").fetchone()
    assert row == ("196", "242", "3", "1997-12-04 15:55:49")


def test_four_columns_without_header_are_not_always_movielens(con, write):
    with pytest.raises(MappingError, match="column0, column1, column2, column3"):
        collect(con, events=write("u.csv", "1,2,300,4\n"))


def test_an_override_of_a_blank_column_stands(con):
    report = collect(con, events="SELECT 1 AS product_id, '' AS bill", mapping={"order_id": "bill"})[0]
    assert report.mapping["events.order_id"] == '"bill"'


def test_catalogues_keep_all_their_other_columns(con):
    collect(
        con,
        events="SELECT 1 AS product_id",
        products="SELECT 7 AS id, 'T' AS name, 'red' AS colour, 3 AS \"it's\", 1.5 AS price",
        users="SELECT '01' AS id, 30 AS age, [1, 2] AS tags",
    )
    product = con.execute("SELECT product_id, title, price, attributes FROM source_products").fetchone()
    assert (product[0], product[1], float(product[2]), product[3]) == (
        7,
        "T",
        1.5,
        {"colour": "red", "it's": "3"},
    )
    assert con.execute("SELECT user_id, attributes FROM source_users").fetchone() == (
        "01",
        {"age": "30", "tags": "[1, 2]"},
    )


def test_nought_is_no_rating_at_book_crossing(con, write):
    collect(con, events=write("e.csv", "User-ID;ISBN;Book-Rating\nu;a;0\nu;b;1\nu;c;10\n"))
    assert con.execute("SELECT rating FROM source_events").fetchall() == [(None,), (1.0,), (5.0,)]


TIME = "TIMESTAMP '2024-03-01 10:00:00'"


@pytest.mark.parametrize(
    ("columns", "at"),
    [
        (f"{TIME} AS noted", '"noted"'),
        ("DATE '2024-03-01' AS noted", 'CAST("noted" AS TIMESTAMP)'),
        (f"{TIME} AS noted, DATE '1980-01-01' AS birth_date, {TIME} AS product_since", '"noted"'),
        (f"{TIME} AS noted, {TIME} AS seen_last", None),
        ("'2024-03-01' AS noted", None),
        ("DATE '1980-01-01' AS birth_date", None),
    ],
)
def test_the_only_column_of_times_is_the_time_whatever_its_name(con, columns, at):
    report = collect(con, events=f"SELECT 1 AS product_id, {columns}")[0]
    assert report.mapping.get("events.at") == at
    assert ("noted" in report.unused) == (at is None and "noted" in columns)


def test_the_only_column_of_times_can_be_left_out_or_used_otherwise(con):
    query = f"SELECT 1 AS product_id, {TIME} AS noted"
    for mapping in ({"at": "NULL"}, {"channel": "noted"}):
        assert "events.at" not in collect(con, events=query, mapping=mapping)[0].mapping


def test_missing_columns_are_typed_nulls(con):
    collect(con, events="SELECT 1 AS product_id")
    types = dict(
        con.execute("SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'source_events'").fetchall()
    )
    assert types["happened_at"] == "TIMESTAMP"
    assert types["rating"] == "DOUBLE"
    assert types["user_attributes"] == "MAP(VARCHAR, VARCHAR)"
    assert types["source_id"] == types["source_row"] == "BIGINT"
    assert con.execute("SELECT count(*) FROM source_products").fetchone() == (0,)
