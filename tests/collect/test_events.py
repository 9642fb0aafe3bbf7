"""The cleaning rules for events, each on a shop of a few rows whose answer is known."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.verdicts import reasons

RETAIL = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def test_retail(clean, write):
    con = clean(write("retail.csv", RETAIL + (
        "1,0085,CUP,6,2010-12-01 08:00:00,2.55,17850.0,France\n"
        "1,0085,CUP,6,2010-12-01 08:00:00,2.55,17850.0,France\n"
        "1,0085,CUP,6,2010-12-01 08:00:00,2.55,,France\n"
        "1,POST,POSTAGE,1,2010-12-01 08:00:00,18.00,17850.0,France\n"
        "1,M,Manual,1,2010-12-01 08:00:00,18.00,17850.0,France\n"
        "1,M,RED HAT SIZE M,1,2010-12-01 08:00:00,18.00,17850.0,France\n"
        "1,,CUP,6,2010-12-01 08:00:00,2.55,17850.0,France\n"
        "2,0085,CUP,4,2010-12-02 08:00:00,0.00,17850.0,France\n"
        "2,0085,CUP,0,2010-12-02 08:00:00,2.55,17850.0,France\n"
        "C3,0085,CUP,-2,2010-12-03 08:00:00,2.55,17850.0,France\n"
        "C4,0099,HAT,-1,2010-12-04 08:00:00,9.95,17850.0,France\n"
        "5,0099,HAT,1,2010-12-05 08:00:00,9.95,17850.0,France\n"
        "C6,0099,HAT,-1,2010-12-06 08:00:00,9.95,17850.0,France\n"
    )))  # fmt: skip
    assert reasons(con) == [
        None, "duplicate", "no customer", "not goods", "not goods", None, "no product", "price not positive",
        "quantity not positive", "cancellation", "cancellation without a purchase", "cancelled purchase",
        "cancellation",
    ]  # fmt: skip
    rows = con.execute("""
        SELECT event_id, user_id, product_id, kind, quantity, price, CAST(happened_at AS VARCHAR), order_id
        FROM duckmark.events ORDER BY event_id
    """).fetchall()
    at = "2010-12-01 08:00:00"
    assert rows == [
        (1, "17850", "0085", "purchase", Decimal("4.000"), Decimal("2.5500"), at, "1"),
        (6, "17850", "M", "purchase", Decimal("1.000"), Decimal("18.0000"), at, "1"),
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("'17850.0'", "17850"),
        ("' 007 '", "007"),
        ("'007' || chr(160)", "007"),
        ("chr(160) || '7.00'", "7"),
        ("chr(160)", None),
        ("1.5", "1.5"),
        ("17850::DOUBLE", "17850"),
        ("'v1.0'", "v1.0"),
        ("'nan'", None),
        ("'NULL'", None),
        ("''", None),
        ("'naná'", "naná"),
        ("'0e1f7d4c-0000-4000-8000-000000000000'::UUID", "0e1f7d4c-0000-4000-8000-000000000000"),
    ],
)
def test_ids(clean, written, read):
    con = clean(f"SELECT 'p' AS product_id, {written} AS user_id")
    assert con.execute("SELECT user_id FROM duckmark.raw_events").fetchone() == (read,)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("'£1,299.00'", "1299.0000"),
        ("'USD 5'", "5.0000"),
        ("2.55::DOUBLE", "2.5500"),
        ("'2,55'", "2.5500"),
        ("'free'", None),
    ],
)
def test_prices(clean, written, read):
    con = clean(f"SELECT 'p' AS product_id, {written} AS price")
    assert con.execute("SELECT CAST(price AS VARCHAR) FROM duckmark.events").fetchone() == (read,)


def test_a_source_without_customers_keeps_its_rows(clean):
    con = clean("SELECT 'p' AS product_id, unnest([1, 2]) AS rating")
    assert con.execute("SELECT user_id, rating FROM duckmark.events ORDER BY rating").fetchall() == [
        (None, 1),
        (None, 2),
    ]


def test_equal_ratings_of_unknown_customers_are_not_duplicates_but_equal_texts_are(clean):
    rows = "VALUES ('p', 5, NULL), ('p', 5, NULL), ('p', 5, 'good'), ('p', 5, 'good')"
    con = clean(f"SELECT * FROM ({rows}) AS t (product_id, rating, text)")
    assert reasons(con) == [None, None, None, "duplicate"]


@pytest.mark.parametrize(
    "column", ["at", "order_id", "quantity", "price", "rating", "text", "channel", "country", "brand"]
)
def test_rows_that_differ_in_one_mapped_column_are_no_duplicates(clean, column):
    values = "['2024-01-01', '2024-01-02']" if column == "at" else "['1', '2']"
    con = clean(f'SELECT 1 AS user_id, 2 AS product_id, unnest({values}) AS "{column}"')
    assert reasons(con) == [None, None]


def test_a_duplicate_in_a_later_load_is_the_one_to_go(con, clean):
    query = "SELECT 1 AS user_id, 2 AS product_id, '2024-01-01' AS at"
    clean(query)
    con.execute("CREATE TEMP TABLE first_load AS FROM duckmark.raw_events")
    clean(query, source_id=1)
    con.execute("INSERT INTO duckmark.raw_events FROM first_load")
    run_after_raw(con)
    found = con.execute("SELECT event_id, reason FROM duckmark.event_checks").fetchall()
    assert found == [((1 << 40) + 1, "duplicate")]


def test_blank_texts_are_null(clean):
    con = clean("SELECT 'p' AS product_id, unnest(['', ' \n\t', ' x ']) AS text")
    texts = con.execute("SELECT text FROM duckmark.raw_events ORDER BY event_id").fetchall()
    assert texts == [(None,), (None,), (" x ",)]


def test_the_same_input_gives_the_same_tables(con, clean):
    columns = "i % 7 AS user_id, i % 11 AS product_id, i % 5 - 1 AS quantity, 'c' || i % 3 AS country"
    query = f"SELECT {columns} FROM range(500) AS t (i)"
    tables = ("raw_events", "event_faults", "cancellations", "event_checks", "events", "products", "users")

    def contents():
        clean(query)
        return [con.execute(f"FROM duckmark.{table}").fetchall() for table in tables]

    assert contents() == contents()


@pytest.mark.parametrize("key", ["user_id, product_id", "product_id", "user_id"])
def test_rows_of_a_key_depend_on_that_key_alone(con, clean, key):
    """What the incremental refresh relies on: half of the keys give half of the tables."""
    clean("""
        SELECT i * 7 % 10 AS user_id, i * 3 % 8 AS product_id, i % 5 - 1 AS quantity, i % 4 AS price,
            'c' || i % 3 AS country, 'b' || i % 2 AS brand
        FROM range(400) AS t (i)
    """)
    half = f"md5(concat_ws(' ', {key})) < '8'"
    tables = {
        "user_id, product_id": ("event_faults", "cancellations", "event_checks", "events"),
        "product_id": ("products",),
        "user_id": ("users",),
    }[key]
    whole = {table: rows_where(con, table, half) for table in tables}
    con.execute(f"DELETE FROM duckmark.raw_events WHERE NOT {half}")
    run_after_raw(con)
    assert {table: rows_where(con, table, half) for table in tables} == whole
    assert all(whole.values())


def rows_where(con, table, condition):
    return con.execute(f"SELECT * FROM duckmark.{table} WHERE {condition} ORDER BY 1, 2").fetchall()


def run_after_raw(con):
    folder = Path(__file__).parents[2] / "sql" / "1_collect"
    for name in ("event_faults", "cancellations", "event_checks", "events", "products", "users"):
        con.execute(f"DROP TABLE duckmark.{name}")
        con.execute((folder / f"{name}.sql").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("kind", "quantity", "reason"),
    [
        ("purchase", 0, "quantity not positive"),
        ("purchase", 1, None),
        ("purchase", -1, "cancellation without a purchase"),  # a return
        ("cart", 0, "quantity not positive"),
        ("cart", -1, "quantity not positive"),
        ("cart", 1, None),
        ("view", 0, None),
        ("wishlist", 0, None),
        ("rating", -1, None),
    ],
)
def test_what_is_bought_or_laid_in_the_cart_is_something(clean, kind, quantity, reason):
    con = clean(f"SELECT 'u' AS user_id, 'p' AS product_id, '{kind}' AS kind, {quantity} AS quantity")
    assert reasons(con) == [reason]
