"""What is kept of columns that are no target themselves."""

import pytest

from duckmark.collect import collect


@pytest.mark.parametrize(
    ("products", "column", "values", "kept"),
    [
        ("aabb", "item_colour", "rrgg", True),
        ("aabb", "item_colour", "r gg", True),
        ("aabb", "item_no_of_line", "1212", False),
        ("aabb", "item_note", "x   ", True),
        ("aabb", "brand", "1212", True),
        ("aaaa", "product_line", "1123", False),
    ],
)
def test_what_differs_between_the_rows_of_a_product_is_no_attribute_of_it(con, products, column, values, kept):
    query = f"SELECT unnest({list(products)}) AS product_id, unnest({list(values)}) AS {column} FROM range(3)"
    report = collect(con, events=query)[0]
    assert ("events.product_attributes" in report.mapping) == kept
    assert report.unused == ([] if kept else [column])


def test_too_few_rows_tell_nothing(con):
    query = "SELECT unnest(['a', 'a', 'b', 'c']) AS product_id, unnest([1, 2, 3, 4]) AS item_line"
    assert "events.product_attributes" in collect(con, events=query)[0].mapping
    assert "events.product_attributes" not in collect(con, events=query, settled={"at": "NULL"})[0].mapping


def test_a_column_that_differs_for_one_product_of_many_is_kept(con):
    query = (
        "SELECT i // 2 AS product_id, CASE WHEN i = 0 THEN -1 ELSE i // 2 END AS product_line FROM range(40) AS _ (i)"
    )
    assert "events.product_attributes" in collect(con, events=query)[0].mapping


def test_who_says_so_keeps_what_differs(con):
    query = "SELECT unnest(['a', 'a']) AS product_id, unnest([1, 2]) AS item_line"
    mapping = {"product_attributes": "MAP {'line': CAST(item_line AS VARCHAR)}"}
    assert collect(con, events=query, mapping=mapping)[0].unused == []
