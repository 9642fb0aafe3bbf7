"""How a column writes its numbers: with points before the decimals or, as in much of Europe, with commas; with marks
between thousands, and a currency before or behind."""

from __future__ import annotations

import re

import duckdb

from duckmark.sqltext import literal

APART = r"'\x{2019}\p{Zs}"  # between thousands, beside commas and points: apostrophes and blanks
OWN = r"\d.,+'\x{2019}\-"  # signs of the number itself


def _number(digits: str) -> str:
    """The pattern of a number between up to four signs of a currency, or an abbreviation (`Rs.`, `kr.`), of which none
    multiplies (`2k`)."""
    before = rf"([^{OWN}]{{0,4}}|\pL{{1,3}}[.]\p{{Zs}}?)"
    behind = rf"\p{{Zs}}*([^{OWN}kKMB]|[^{OWN}]{{2,4}})?[.]?"
    return rf"^[+-]?{before}[+-]?({digits}){behind}$"


# Thousands by commas (in India hundreds of them), apostrophes or blanks, and decimals behind a point.
WITH_POINT = _number(rf"([1-9]\d?(,\d\d)+,\d{{3}}|[1-9]\d{{0,2}}((,\d{{3}})+|([{APART}]\d{{3}})+)|\d+)([.]\d*)?|[.]\d+")
WITH_COMMA = _number(rf"([1-9]\d{{0,2}}([.{APART}]\d{{3}})+|\d+)(,\d+)?")
# Nobody writes these beside decimal commas: a point before one or two last digits, commas before other marks.
PLAIN_POINT = r"[.]\d{1,2}\D*$|,\d+[.,]\d"
FEWEST = 0.01  # of the numbers with commas: one `12,50` among hundreds of `1,299` is mistyped


def with_points(con: duckdb.DuckDBPyConnection, table: str, value: str) -> str:
    """SQL for numbers with points before their decimals, nothing between thousands and no currency.

    A column of text is taken to write commas before decimals, and points between thousands, where some of it can be
    read in no other way (``FEWEST`` like `12,50`, any `1.299.990`) and nothing speaks against it. Else commas stand
    between thousands.
    """
    kind = con.execute(f"SELECT typeof(({value}\n)) FROM {table} LIMIT 1").fetchone()
    if not kind or not kind[0].startswith(("VARCHAR", "ENUM")):
        return value
    # Each value once, as most columns repeat theirs; and most are bare numbers.
    distinct = f"SELECT DISTINCT ({value}\n) AS held FROM {table}"
    held = f"(SELECT held, TRY_CAST(held AS DOUBLE) IS NOT NULL AS is_bare FROM ({distinct}))"
    if not con.execute(f"SELECT 1 FROM {held} WHERE NOT is_bare AND trim(held) <> '' LIMIT 1").fetchall():
        return value
    by_comma, by_point, are_dressed = con.execute(f"""
        SELECT
            avg(CAST(NOT points AS INTEGER)) FILTER (WHERE commas AND contains(v, ',')) >= {FEWEST}
            AND NOT bool_or(plain_point),
            bool_or(commas AND NOT points AND NOT contains(v, ',')) AND NOT bool_or(points AND NOT commas),
            bool_or(points AND NOT is_bare)
        FROM (
            SELECT
                *,
                regexp_matches(v, {literal(WITH_COMMA)}) AS commas,
                regexp_matches(v, {literal(WITH_POINT)}) AS points,
                regexp_matches(v, {literal(PLAIN_POINT)}) AS plain_point
            FROM (SELECT {_text("held")} AS v, is_bare FROM {held})
        )
    """).fetchone()
    _, from_commas, from_points = ways(value)
    if by_comma or by_point:
        return from_commas
    return from_points if are_dressed else value


def ways(value: str) -> tuple[str, str, str]:
    """What ``with_points`` may make of a column: nothing, or numbers of commas, or of points, before decimals."""
    text = _text(value)
    commas = f"replace(regexp_replace({text}, '[^\\d,-]', '', 'g'), ',', '.')"
    points = f"regexp_replace({text}, '\\pL[.]|[^\\d.-]', '', 'g')"
    return (
        value,
        f"CASE WHEN regexp_matches({text}, {literal(WITH_COMMA)}) THEN {commas} ELSE ({value}\n) END",
        f"CASE WHEN regexp_matches({text}, {literal(WITH_POINT)}) THEN {points} ELSE ({value}\n) END",
    )


def described(sql: str) -> str:
    """An expression with what ``with_points`` made of columns in words: of its patterns people read nothing."""
    for value in re.findall(r"CASE WHEN regexp_matches\(translate\(trim\(CAST\(\((.+?)\n\) AS VARCHAR", sql, re.DOTALL):
        _, from_commas, from_points = ways(value)
        sql = sql.replace(from_commas, f"{value} (decimal commas)").replace(from_points, f"{value} (decimal points)")
    return sql


def _text(value: str) -> str:
    # Bookkeepers put in brackets what is negative, and typographers have a minus of their own.
    return f"translate(trim(CAST(({value}\n) AS VARCHAR)), '(\u2212)', '--')"
