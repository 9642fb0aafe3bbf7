"""Which column of a source is what: the user's overrides, then a known layout, then the columns' names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import duckdb

from duckmark.collect.attributes import keep_leftovers
from duckmark.collect.decimals import ways, with_points
from duckmark.collect.layouts import recognise
from duckmark.collect.missing import Missing, missing, require, require_events, unread_time
from duckmark.collect.names import Candidate, blank, by_name
from duckmark.collect.overrides import checked, columns_in, overrides_of, readable
from duckmark.collect.ratings import as_stars
from duckmark.collect.reading import Table
from duckmark.collect.times import Undecided, as_timestamp, undecided
from duckmark.errors import MappingError
from duckmark.sqltext import written

NUMBERS = ("rating", "quantity", "price")


@dataclass(frozen=True)
class ColumnMap:
    """Target -> SQL expression over the source's columns, the layout it came from, and the columns left over.

    ``time_written`` is SQL for what stands where the time is read from, whether it can be read or not; ``missing`` is
    what is wanted and was not found, but for what is left out on purpose or known to be no part of the layout; ``free``
    are the columns that are left over or at best attributes; ``undecided`` is a time of which the month may come before
    the day.
    """

    expressions: dict[str, str]
    layout: str | None
    unused: list[str]
    time_written: str | None
    missing: list[Missing]
    free: list[str]
    undecided: Undecided | None


def map_columns(
    con: duckdb.DuckDBPyConnection,
    role: str,
    table: Table,
    mapping: Mapping[str, str],
    settled: Mapping[str, str] | None = None,
) -> ColumnMap:
    """Map a source; ``settled`` is how an earlier one was mapped, which holds where ``mapping`` says nothing and the
    source has the columns.

    Raises MappingError where the required column is not found, an override is wrong, or what should be events as the
    earlier ones were has neither a user nor a time.
    """
    asked, earlier = overrides_of(role, mapping), overrides_of(role, settled or {})
    kept = {target: sql for target, sql in earlier.items() if target not in asked}
    kept = {target: sql for target, old in kept.items() if (sql := readable(con, old, table))}
    asked = {target: checked(con, role, target, sql, table) for target, sql in asked.items()}
    overrides = kept | asked
    layout = recognise(con, role, table)
    found = {**(layout.mapping if layout else {}), **overrides}
    used = columns_in(con, found.values(), table) | (layout.used if layout else set())
    reckoned = _reckoned(asked, table)
    free = columns_in(con, reckoned, table) - columns_in(con, set(found.values()).difference(reckoned), table)
    by_name(con, role, table, found, used, free, bool(earlier))
    keep_leftovers(con, role, table, found, used, bool(earlier))
    times = _times(con, table, found, used) if role == "events" and "at" not in found else []
    if len(times) == 1:
        found["at"] = table.value(times[0])
    left_out = _left_out(found)
    found = {target: sql for target, sql in found.items() if target not in left_out}
    require(role, table, found)
    if role == "events":
        # By its type alone a time may be a product's: the day of its release.
        told = (found.keys() - {"at"} if times else found.keys()) | asked.keys()
        require_events(table, told, earlier.keys() - _left_out(earlier))
    is_open = role == "events" and "user_id" in found and "user_id" not in overrides
    if is_open and blank(con, table, {Candidate("user_id", found["user_id"])}):
        del found["user_id"]
    at = found.get("at")
    _convert(con, table, found, overrides, kept)
    used = columns_in(con, found.values(), table)
    unused = [name for name in table.columns if name not in used]
    taken = columns_in(con, (sql for target, sql in found.items() if not target.endswith("attributes")), table)
    left = [name for name in table.columns if name not in taken]
    read_from = _read_from(con, table, at, found["at"]) if "at" in found else None
    absent = missing(role, found, left, left_out, times, layout is not None)
    if at and "at" not in found and (unread := unread_time(con, table, at)):
        absent = [one for one in absent if one.target != "at"] + [unread]
    is_derived = "at" in found and "at" not in kept and found["at"] != at
    days = undecided(con, table.name, at, found["at"]) if is_derived else None
    return ColumnMap(found, layout.name if layout else None, unused, read_from, absent, left, days)


def _left_out(mapping: Mapping[str, str]) -> set[str]:
    """The targets that are left out on purpose."""
    return {target for target, sql in mapping.items() if sql.strip().upper() == "NULL"}


def _reckoned(overrides: Mapping[str, str], table: Table) -> set[str]:
    """Those of ``overrides`` that are more than a column: they make something of columns, and do not say what these
    are."""
    return set(overrides.values()).difference(map(table.value, table.columns))


def _times(con: duckdb.DuckDBPyConnection, table: Table, found: dict[str, str], used: set[str]) -> list[str]:
    """The columns that nothing has taken and that hold times by their type, whatever their name."""
    used = used | columns_in(con, found.values(), table)
    typed = {name for name, type_ in table.columns.items() if type_ == "DATE" or type_.startswith("TIMESTAMP")}
    return [name for name in table.columns if name in typed - used]


def _convert(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    found: dict[str, str],
    overrides: Mapping[str, str],
    settled: Collection[str],
) -> None:
    """Choose how numbers and times are written and the scale of the ratings, and write it into the expressions; what is
    ``settled`` stays, unless it is plainly written otherwise now."""
    for target in NUMBERS:
        if target in found:
            number = found[target]
            anew = with_points(con, table.name, number) if target not in settled else _more_read(con, table, number)
            found[target] = anew or number
    if "rating" in found and "rating" not in settled:
        found["rating"] = as_stars(con, table.name, found["rating"])
    if "at" in found:
        at = found.pop("at")
        if "at" in settled:
            at = _read_otherwise(con, table, at) or at
        expression = as_timestamp(con, table.name, at)
        if expression:
            found["at"] = expression
        elif "at" in overrides:
            raise MappingError(
                f"mapping events.at = {overrides['at']}: no value of it can be read as a time. Give an "
                "expression that yields one, for example strptime(day, '%d/%m/%Y')."
            )


def _more_read(con: duckdb.DuckDBPyConnection, table: Table, number: str) -> str | None:
    """The column of settled numbers as it is written now, where more of it is read so; nothing where they were made by
    an expression of the user's."""
    columns = map(table.value, columns_in(con, [number], table))
    column = next((column for column in columns if number in ways(column)), None)
    if column is None:
        return None
    anew = with_points(con, table.name, column)
    read = [f"count(TRY_CAST({sql} AS DOUBLE))" for sql in (anew, number)]
    return anew if con.execute(f"SELECT {read[0]} > {read[1]} FROM {table.name}").fetchall()[0][0] else None


def _read_otherwise(con: duckdb.DuckDBPyConnection, table: Table, at: str) -> str | None:
    """The column of a settled time that reads nothing of what stands there: times are written otherwise now."""
    columns = columns_in(con, [at], table)
    if len(columns) != 1:
        return None
    (column,) = columns
    none_read = f"SELECT count(({at}\n)) = 0 AND count({written(table.value(column))}) > 0 FROM {table.name}"
    return table.value(column) if con.execute(none_read).fetchall()[0][0] else None


def _read_from(con: duckdb.DuckDBPyConnection, table: Table, before: str, after: str) -> str:
    """SQL for what a time is read from: its value ``before`` it was converted or, of an expression that gives times
    itself, the columns that it reads."""
    columns = columns_in(con, [after], table) if after == before else ()
    values = [f"CAST({table.value(column)} AS VARCHAR)" for column in sorted(columns)]
    return f"concat({', '.join(values)})" if values else before
