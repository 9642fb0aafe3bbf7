"""Which of the ways to write a time a column is written in: one for the whole column, chosen by trying."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import duckdb

from duckmark.sqltext import literal, written

# Tried in this order. Day before month where a column leaves it open, as the world does outside the US.
DAYS = (
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%b-%Y",
    "%d-%b-%y", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%m %d %Y", "%Y.%m.%d", "%Y%m%d",
)  # fmt: skip
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
# Of ISO without its marks, C, tweets and web servers.
OTHERS = ("%Y%m%dT%H%M%S", "%Y%m%dT%H%M%SZ", "%b %d %H:%M:%S %Y", "%b %d %H:%M:%S %z %Y", "%d/%b/%Y:%H:%M:%S %z")
# What is no part of these: the day of the week, and commas.
WEEKDAY = r"^(?i:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]?\s+"
COMMAS = r"[,\p{Zs}]+"
SAMPLE = 1_000
# How a time ends that names its zone: `Z`, `+02:00`, `CET`, `Europe/Berlin`.
ZONE = r":\d\d[.\d]*\s*([A-Za-z]|[+-]\d)"
OFFSET, UTC = r"(:\d\d[.\d]*)\s*([+-]\d\d:?\d\d)$", r"(:\d\d[.\d]*)\s*(Z|UTC|GMT)$"
# Seconds at which numbers stop being plausible times: the years 1900 and 2200.
EARLIEST, LATEST = -2_208_988_800, 7_258_118_400


def as_timestamp(con: duckdb.DuckDBPyConnection, table: str, value: str) -> str | None:
    """SQL that turns a column (or expression) into a UTC TIMESTAMP, or None where it holds no times."""
    kind = con.execute(f"SELECT typeof(({value})) FROM {table} LIMIT 1").fetchone()[0]
    if kind == "TIMESTAMP WITH TIME ZONE":
        # A cast would give local time; the count of microseconds is UTC whatever the session's zone.
        return f"make_timestamp(epoch_us({value}))"
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        return value if kind == "TIMESTAMP" else f"CAST({value} AS TIMESTAMP)"
    return _best(con, table, value)


class Undecided(NamedTuple):
    """A day that fits both orders, as all of its column do: what is written, what is read, and SQL for the column
    with the month before the day."""

    written: str
    read: str
    otherwise: str


def undecided(con: duckdb.DuckDBPyConnection, table: str, value: str, expression: str) -> Undecided | None:
    """What tells of the ``expression`` that ``as_timestamp`` made of a column that it may as well read months first."""
    match = re.search("'%d([/-])%m", expression)
    if not match:
        return None
    otherwise = expression.replace(match[0], f"'%m{match[1]}%d")
    example = f"[{written(f'({value})')}, strftime({expression}, '%Y-%m-%d')]"
    for rows in (f"(FROM {table} LIMIT {SAMPLE})", table):
        is_open, differing = con.execute(f"""
            SELECT
                count({otherwise}) = count({expression}),
                min({example}) FILTER (WHERE {expression} <> {otherwise})
            FROM {rows}
        """).fetchone()
        if not is_open:
            return None
    return Undecided(*differing, otherwise) if differing else None


def _best(con: duckdb.DuckDBPyConnection, table: str, value: str) -> str | None:
    """The first way under which all values parse, else the one under which most do."""
    text = written(f"({value})")
    values = f"SELECT {text} AS v FROM {table} WHERE {text} IS NOT NULL"
    total = con.execute(f"SELECT count(*) FROM ({values})").fetchone()[0]
    sample = f"{values} LIMIT {SAMPLE}"
    ways: dict[str, str] = {}
    for way, parse in _ways(con, table, value, text):
        # What fails on one value of a sample fails on the column: most ways are ruled out on few rows.
        if _parsed(con, sample, parse) == min(total, SAMPLE) and _parsed(con, values, parse) == total:
            return way
        ways[way] = parse
    counts = {way: _parsed(con, values, parse) for way, parse in ways.items()}
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] else None


def _parsed(con: duckdb.DuckDBPyConnection, values: str, parse: str) -> int:
    plausible = f"count(*) FILTER (WHERE year({parse}) BETWEEN 1900 AND 2200)"
    return con.execute(f"SELECT {plausible} FROM ({values})").fetchone()[0]


def _ways(con: duckdb.DuckDBPyConnection, table: str, value: str, text: str) -> Iterator[tuple[str, str]]:
    """Ways to read the column: SQL over the source, and the same over a column ``v`` of its trimmed texts."""
    column = f"trim(CAST({value} AS VARCHAR))"
    for templates in (_iso, _formats, _epoch, _digits):
        for template in templates(con, table, text):
            yield template.replace("{}", column), template.replace("{}", "v")


def _iso(con: duckdb.DuckDBPyConnection, table: str, text: str) -> list[str]:
    """ISO 8601. A cast to TIMESTAMP would ignore the zone, so zoned times go by way of TIMESTAMPTZ."""
    plain = "TRY_CAST({} AS TIMESTAMP)"
    zoned = f"regexp_matches({{}}, {literal(ZONE)})"
    if not con.execute(f"SELECT bool_or({zoned.replace('{}', text)}) FROM {table}").fetchone()[0]:
        return [plain]
    # The cast knows no blank before an offset.
    joined = "regexp_replace({}, '\\s+([+-]\\d)', '\\1')"
    return [f"CASE WHEN {zoned} THEN make_timestamp(epoch_us(TRY_CAST({joined} AS TIMESTAMPTZ))) ELSE {plain} END"]


def _formats(con: duckdb.DuckDBPyConnection, table: str, text: str) -> list[str]:
    """Days with or without a clock, and with its offset from UTC where any has one."""
    has_more, has_offset = con.execute(f"""
        SELECT
            bool_or(regexp_matches(v, {literal(WEEKDAY)}) OR regexp_matches(v, '[,\\x{{A0}}\\x{{202F}}]')),
            bool_or(regexp_matches(v, {literal(OFFSET)}) OR regexp_matches(v, {literal(UTC)}))
        FROM (SELECT {text} AS v FROM {table})
    """).fetchone()
    bare = "{}"
    if has_more:
        bare = f"regexp_replace(regexp_replace({{}}, {literal(WEEKDAY)}, ''), {literal(COMMAS)}, ' ', 'g')"
    found = [_strptime(bare, day + clock) for day in DAYS for clock in CLOCKS]
    if has_offset:
        bare = f"regexp_replace({bare}, {literal(UTC)}, '\\1 +0000')"
        bare = f"regexp_replace({bare}, {literal(OFFSET)}, '\\1 \\2')"
        found += [_strptime(bare, f"{day}{clock} %z") for day in DAYS for clock in CLOCKS[1:]]
    return found + [_strptime(bare, form) for form in OTHERS]


def _strptime(text: str, form: str) -> str:
    parsed = f"try_strptime({text}, {literal(form)})"
    # With an offset it is of a type that a cast would give local time of.
    return f"make_timestamp(epoch_us({parsed}))" if "%z" in form else parsed


def _epoch(con: duckdb.DuckDBPyConnection, table: str, text: str) -> list[str]:
    """Time since 1970, the unit by magnitude; nothing for numbers too small to be times."""
    middle = con.execute(f"SELECT median(abs(TRY_CAST({text} AS DOUBLE))) FROM {table}").fetchone()[0]
    if middle is None or not middle >= 1e8:
        return []
    per_second = next((unit for unit, limit in ((1, 1e11), (1e3, 1e14), (1e6, 1e17)) if middle < limit), 1e9)
    number = "TRY_CAST({} AS DOUBLE)"
    plausible = f"BETWEEN {EARLIEST * per_second:.0f} AND {LATEST * per_second:.0f}"
    microseconds = f"CAST({number} * {1e6 / per_second:.10g} AS BIGINT)"
    return [f"CASE WHEN {number} {plausible} THEN make_timestamp({microseconds}) END"]


def _digits(con: duckdb.DuckDBPyConnection, table: str, text: str) -> list[str]:
    """All of a time in digits, if it is no number of fractions of a second."""
    return ["CASE WHEN length({}) = 14 THEN try_strptime({}, '%Y%m%d%H%M%S') END"]
