"""The account of the cleaning adds up."""

import duckdb

QUERY = """
    SELECT
        nullif(i % 9, 0) AS user_id,
        i % 6 AS product_id,
        i % 5 - 1 AS quantity,
        i % 4 AS price,
        i % 7 AS rating
    FROM range(1000) AS t (i)
"""


def test_kept_and_dropped_add_up_to_the_source(clean):
    con = clean(QUERY, users="SELECT 1 AS id")
    totals = con.execute("""
        SELECT source, source_id, sum(rows)::INT, round(sum(share), 9)
        FROM data_quality WHERE action IN ('kept', 'dropped') GROUP BY ALL ORDER BY source
    """).fetchall()
    assert totals == [("events", 0, 1000, 1.0), ("users", 0, 1, 1.0)]
    kept = con.execute("SELECT rows FROM data_quality WHERE source = 'events' AND action = 'kept'").fetchone()
    assert kept == con.execute("SELECT count(*) FROM duckmark.events").fetchone()


def test_the_view_answers_in_a_file_opened_by_itself(clean, tmp_path):
    con = clean(QUERY)
    expected = con.execute("FROM data_quality").fetchall()
    con.execute("USE memory; DETACH shop")
    with duckdb.connect(str(tmp_path / "shop.duckdb"), read_only=True) as alone:
        assert alone.execute("FROM data_quality").fetchall() == expected


def test_what_was_filled_is_of_rows_that_are_kept(clean):
    """Three rows of events in which nothing can be read, of which one is kept, and as many of one product."""
    con = clean(
        """
        SELECT * FROM (VALUES
            ('u', 'p', 'buy', 'many', 'dear', 'good', 'soon'),
            ('u', NULL, 'buy', 'many', 'dear', 'good', 'soon'),
            (NULL, 'p', 'buy', 'many', 'dear', 'good', 'soon'),
            ('v', 'p', 'rate', NULL, NULL, '-2', '2024-01-01'),
            ('v', NULL, 'rate', NULL, NULL, '-2', '2024-01-01')
        ) AS t (user_id, product_id, kind, quantity, price, rating, "at")
        """,
        products="SELECT 'p' AS product_id, unnest(['cheap', 'dear', 'dear']) AS price",
        mapping={"at": '"at"', "products.price": "price"},
    )
    filled = "SELECT source, rule, rows FROM data_quality WHERE action = 'filled' ORDER BY ALL"
    assert con.execute(filled).fetchall() == [
        ("events", "price unreadable", 1),
        ("events", "quantity unreadable", 1),
        ("events", "rating out of range", 1),
        ("events", "rating unreadable", 1),
        ("events", "time unreadable", 1),
        ("products", "price unreadable", 1),
    ]
