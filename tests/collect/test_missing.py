"""What is said where no column is plainly what a source has to have, or better had."""

import pytest

from duckmark.collect import collect
from duckmark.errors import MappingError

TIME = "TIMESTAMP '2024-03-01 10:00:00'"


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        (
            {"events": "SELECT 1 AS foo, 2 AS bar"},
            ["the product_id", "foo, bar", "--map events.product_id=COLUMN"],
        ),
        (
            {"events": "SELECT 1 AS sku", "products": "SELECT 1 AS foo"},
            ["products:", "--map products.product_id"],
        ),
        ({"events": "SELECT 1 AS sku", "users": "SELECT 1 AS foo"}, ["users:", "--map users.user_id"]),
    ],
)
def test_without_an_id_the_error_says_how_to_name_it(con, sources, words):
    with pytest.raises(MappingError) as caught:
        collect(con, **sources)
    assert all(word in str(caught.value) for word in words), str(caught.value)


NOTED = f"{TIME} AS noted, {TIME} AS logged"


@pytest.mark.parametrize(
    ("columns", "mapping", "missing"),
    [
        ("'x' AS other", {}, [("user_id", ["other"], False), ("kind", ["other"], False), ("at", ["other"], False)]),
        ("1 AS rating, 'u' AS user_id, 'x' AS other", {}, [("at", ["other"], False)]),
        ("1 AS order_id, 'u' AS user_id, 'x' AS other", {}, [("at", ["other"], False)]),
        (f"2 AS price, 'u' AS user_id, 'x' AS other, {NOTED}", {}, [("at", ["noted", "logged"], True)]),
        (f"2 AS price, 'u' AS user_id, {NOTED}", {"at": "logged"}, []),
        (f"2 AS price, {NOTED}", {"at": "NULL", "user_id": "NULL"}, []),
        ("2 AS price, DATE '2024-03-01' AS at, ' ' AS user_id", {}, [("user_id", ["user_id"], False)]),
        ("2 AS price, 'u' AS user_id, 'soon' AS date", {}, [("at", ["date"], False)]),
    ],
)
def test_what_is_not_recognised_in_the_events(con, columns, mapping, missing):
    report = collect(con, events=f"SELECT 1 AS product_id, {columns}", mapping=mapping)[0]
    assert [(one.target, one.columns, one.are_times) for one in report.missing] == missing


def test_a_catalogue_without_titles(con):
    products = "SELECT 1 AS product_id, 'red' AS colour, 'd' AS description"
    report = collect(con, events="SELECT 1 AS product_id", products=products)[1]
    assert [(one.target, one.columns) for one in report.missing] == [("title", ["colour"])]
    left_out = collect(con, events="SELECT 1 AS product_id", products=products, mapping={"products.title": "NULL"})
    assert left_out[1].missing == []


def test_what_a_known_layout_has_not_is_not_missed_but_for_times_to_choose_from(con):
    ratings = "SELECT 'u' AS user_id, 'b' AS book_id, 4 AS rating"
    assert collect(con, events=ratings)[0].missing == []
    (missing,) = collect(con, events=f"{ratings}, {NOTED}")[0].missing
    assert (missing.target, missing.columns) == ("at", ["noted", "logged"])


@pytest.mark.parametrize(
    "columns", ["'u' AS user_id, 4 AS rating", "'u' AS user_id, 2 AS price, 3 AS a, 4 AS b, 5 AS c"]
)
def test_a_time_by_its_name_that_cannot_be_read_is_told_by_its_first_value(con, columns):
    query = f"SELECT 1 AS product_id, {columns}, unnest([' ', '1. Mai 2023', '2. Mai 2023']) AS order_date"
    (missing,) = collect(con, events=query)[0].missing
    assert (missing.target, missing.columns, missing.unread) == ("at", ["order_date"], "1. Mai 2023")


@pytest.mark.parametrize(
    ("columns", "mapping", "hinted"),
    [
        (
            '9.5 AS price, 3 AS "Quantity (- Refund)", 2 AS numUnits',
            {},
            [("quantity", ["Quantity (- Refund)", "numUnits"])],
        ),
        ("7 AS order_id, 3 AS item_qty_sold", {}, [("quantity", ["item_qty_sold"])]),
        ("9.5 AS price, 3 AS quantity, 2 AS qty_refunded", {}, []),
        ("9.5 AS price, 3 AS qty_sold", {"quantity": "NULL"}, []),
        ("3 AS qty_sold", {}, []),
        ("'good' AS text, 5 AS \"StarsGiven\"", {}, [("rating", ["StarsGiven"])]),
        ("'good' AS text, 5 AS seller_score", {}, [("rating", ["seller_score"])]),
        ("'good' AS text, 5 AS start_page, 'x' AS operating_system, 2 AS unit", {}, []),
    ],
)
def test_what_a_name_says_may_be_there_beside_a_price_or_a_text(con, columns, mapping, hinted):
    query = f"SELECT 1 AS product_id, 'u' AS user_id, DATE '2024-03-01' AS at, {columns}"
    missing = collect(con, events=query, mapping=mapping)[0].missing
    assert [(one.target, one.columns) for one in missing if one.target != "kind"] == hinted


def test_likely_names_come_first(con):
    columns = "1 AS a, 2 AS b, 'u' AS \"Buyer Key\", 'x' AS \"Made (date)\", 'k' AS row_type"
    missing = {one.target: one.columns[0] for one in collect(con, events=f"SELECT 1 AS sku, {columns}")[0].missing}
    assert missing == {"user_id": "Buyer Key", "kind": "row_type", "at": "Made (date)"}


def test_a_file_of_one_column_may_have_another_delimiter(con, write):
    path = write("joe's.dat", "1::199::5::978300000\n10::31::4::978300300\n")
    with pytest.raises(MappingError, match=r"has one column alone, column0.* --map events.product_id=COLUMN") as caught:
        collect(con, events=path)
    query = str(caught.value).partition("for example: ")[2].partition(". If it")[0]
    mapping = {"user_id": "column0", "product_id": "column1"}
    collect(con, events=query, mapping=mapping)
    assert con.execute("SELECT user_id, product_id FROM source_events").fetchall() == [("1", "199"), ("10", "31")]
