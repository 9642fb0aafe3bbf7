"""What is said of a catalogue that knows hardly any product of the events."""

import pytest

from duckmark.collect import collect

EVENTS = (
    "SELECT i + 1_000 AS product_id, 'A-' || i AS \"Article Key\", 'u' AS user_id, 9.5 AS price FROM range(40) AS _ (i)"
)


def advice(con, events, products, **options):
    return collect(con, events=events, products=products, **options)[1].advice


def test_a_column_of_the_events_that_holds_the_ids_is_named(con):
    products = "SELECT 'A-' || i AS sku, 'T' AS title FROM range(30) AS _ (i)"
    (said,) = advice(con, EVENTS, products)
    assert said.startswith("of 40 products of the events 0 are in query ")
    assert said.endswith(': --map events.product_id="Article Key".')
    assert advice(con, EVENTS, products, mapping={"events.product_id": "Article Key"}) == []


def test_where_none_holds_them_both_ids_are_to_be_named(con):
    products = "SELECT nullif('B-' || i, 'B-0') AS sku, 'T' AS title FROM range(30) AS _ (i)"
    (said,) = advice(con, EVENTS, products)
    assert said.endswith("--map events.product_id=COLUMN --map products.product_id=COLUMN.")


@pytest.mark.parametrize(("known", "is_told"), [(0, True), (3, True), (4, False), (40, False)])
def test_under_a_tenth_is_few(con, known, is_told):
    products = (
        f"SELECT CAST(i + 1_000 AS DOUBLE) AS sku, 'T' AS title FROM range({known}) AS _ (i) UNION ALL SELECT -1, 'x'"
    )
    assert bool(advice(con, EVENTS, products)) == is_told


def test_events_of_no_product_are_no_matter(con):
    events = "SELECT NULL AS thing, 'u' AS user_id"
    assert advice(con, events, "SELECT 1 AS sku, 'T' AS title", mapping={"events.product_id": "thing"}) == []
