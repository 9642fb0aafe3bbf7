"""The content digest: blind to the order of rows, not to what they hold."""

import duckdb

from duckmark.collect import collect, content

ROWS = "SELECT i AS product_id, 'u' || i AS user_id, 2.5 AS rating, 'DE' AS country FROM range(3) AS t (i)"


def digest(con, query, **options):
    collect(con, events=query, **options)
    return content(con)


def test_order_and_load_do_not_matter(con):
    first = digest(con, ROWS)
    assert first.rows == 3
    assert digest(con, ROWS + " ORDER BY i DESC", source_id=4) == first


def test_the_digest_names_the_version_that_made_it(con):
    assert digest(con, ROWS).digest.startswith(f"{duckdb.__version__} ")


def test_rows_and_values_matter(con):
    queries = [
        ROWS, f"{ROWS} UNION ALL {ROWS}", ROWS.replace("2.5", "2.0"), ROWS.replace("'DE'", "NULL"),
        ROWS.replace("'DE' AS country", "'DE' AS state"), ROWS.replace("range(3)", "range(4)"),
    ]  # fmt: skip
    assert len({digest(con, query).digest for query in queries}) == len(queries)
