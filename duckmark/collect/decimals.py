"""The mark before the decimals of a column of numbers: a point or, as in much of Europe, a comma."""

from __future__ import annotations

import duckdb

from duckmark.sqltext import literal

# Up to four signs of a currency before or behind, points or spaces between thousands. Three digits behind a comma are
# thousands, as English writes them.
WITH_COMMA = r"^[^0-9.,+-]{0,4}[+-]?([0-9]+|[0-9]{1,3}([. ][0-9]{3})+)(,[0-9]{1,2})?[^0-9.,+-]{0,4}$"
WITH_POINT = r"[.][0-9]{1,2}[^0-9]*$"


def with_points(con: duckdb.DuckDBPyConnection, table: str, value: str) -> str:
    """SQL for numbers with points before their decimals.

    A column of text is taken to write commas there where some of it has commas, all that has them can be read so, and
    nothing has a point before one or two last digits.
    """
    kind = con.execute(f"SELECT typeof(({value}\n)) FROM {table} LIMIT 1").fetchone()
    if kind != ("VARCHAR",):
        return value
    text, comma, point = f"trim(({value}\n))", literal(WITH_COMMA), literal(WITH_POINT)
    (has_commas,) = con.execute(f"""
        SELECT
            bool_and(regexp_matches(v, {comma})) FILTER (WHERE contains(v, ','))
            AND NOT bool_or(regexp_matches(v, {point}))
        FROM (SELECT {text} AS v FROM {table})
    """).fetchone()  # NULL where there are no commas
    if not has_commas:
        return value
    digits = f"regexp_replace({text}, '[^0-9,+-]', '', 'g')"
    return f"CASE WHEN regexp_matches({text}, {comma}) THEN replace({digits}, ',', '.') ELSE {value} END"
