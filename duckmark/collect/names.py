"""Which column is what by its name, the surest name first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import duckdb

from duckmark.collect.clocks import clock_beside, first_times, with_clock
from duckmark.collect.kinds import are_kinds
from duckmark.collect.layouts import catalogue, joined
from duckmark.collect.missing import REQUIRED
from duckmark.collect.reading import Table
from duckmark.collect.sameness import sameness
from duckmark.sqltext import identifier, literal, loose, written

# The column that goes before a text: the headline of a review.
HEADLINE = "headline"
PERHAPS_KIND = "perhaps_kind"
CLOCK = "clock"
ASIDE = (HEADLINE, PERHAPS_KIND, CLOCK)  # names that stand for no target themselves
TEXTS = ("text", "title", "description")
KEYS = ("user_id", "product_id", "order_id")
SAMPLE = 1_000
HALF = 0.5  # of the products that stand in several rows
MAY_BE_LISTS = (*TEXTS, "category")


class Candidate(NamedTuple):
    """A column of a known name, and SQL for what it gives."""

    column: str
    value: str


def by_name(
    con: duckdb.DuckDBPyConnection,
    role: str,
    table: Table,
    found: dict[str, str],
    used: set[str],
    free: set[str],
    is_later: bool,
) -> None:
    """Give each target that is still open the first column of a known name that holds anything, and take that column:
    one that is not ``used`` yet, or ``free`` all the same for all but texts, whose parts an override has put together.
    Blank ones become ``used``, so that nothing else takes them."""
    names = {target: several for target, several in catalogue()["names"][role].items() if target not in found}
    known = {target: _candidates(con, table, target, several) for target, several in names.items()}
    offered = {candidate for several in known.values() for candidate in several}
    empty = blank(con, table, {candidate for candidate in offered if candidate.column not in used - free})
    if empty.issuperset(keys := known.get(REQUIRED[role], [])):
        empty -= set(keys[:1])  # that no row can be used says more than that there is no such column
    used |= {candidate.column for candidate in empty}
    free -= {candidate.column for candidate in empty}
    for target in [target for target in known if target not in ASIDE]:
        taken = used if target in TEXTS else used - free
        if several := [candidate for candidate in known[target] if candidate.column not in taken]:
            best = several[first_times(con, table, [value for _, value in several]) if target == "at" else 0]
            found[target] = best.value
            used.add(best.column)
            free.discard(best.column)
            if target == "at" and (clock := clock_beside(con, table, best.column, names[CLOCK], used)):
                used.add(clock)
                found["at"] = with_clock(best.value, table.value(clock))
    if role == "events":
        _headline(con, table, known, found, used, is_later)
        _kind_by_values(con, table, known, found, used)


def _headline(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    known: Mapping[str, list[Candidate]],
    found: dict[str, str],
    used: set[str],
    is_later: bool,
) -> None:
    """Put the headline of a review before its text, which may be called its title: it is not the product's then."""
    headline = _first(known[HEADLINE], used)
    titles = known.get("title", [])
    own = _title_of_the_review(con, table, titles, found, used, is_later)
    if own:
        used.add(own.column)
        if found.get("title") == own.value:
            del found["title"]
            if other := _first(titles, used):
                found["title"] = other.value
                used.add(other.column)
    if (first := headline or own) and "text" in known and "text" in found:
        found["text"] = joined([first.value, found["text"]])
        used.add(first.column)


def _title_of_the_review(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    titles: Iterable[Candidate],
    found: Mapping[str, str],
    used: set[str],
    is_later: bool,
) -> Candidate | None:
    """A column `title` that beside stars and a text is a headline of the text: most products have several."""
    title = next((candidate for candidate in titles if loose(candidate.column) == "title"), None)
    is_open = title and (title.column not in used or found.get("title") == title.value)
    if not is_open or not found.keys() >= {"rating", "text", "product_id"}:
        return None
    same = sameness(con, table, found["product_id"], [title.column], is_later)
    return title if same[title.column] < HALF else None


def _kind_by_values(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    known: Mapping[str, list[Candidate]],
    found: dict[str, str],
    used: set[str],
) -> None:
    """Take a column that may be the kind by its name and is by what it holds."""
    perhaps = None if "kind" in found else _first(known[PERHAPS_KIND], used)
    if perhaps and are_kinds(con, table.name, perhaps.value):
        found["kind"] = perhaps.value
        used.add(perhaps.column)


def _first(known: list[Candidate], used: set[str]) -> Candidate | None:
    return next((candidate for candidate in known if candidate.column not in used), None)


def _candidates(con: duckdb.DuckDBPyConnection, table: Table, target: str, names: Iterable[str]) -> list[Candidate]:
    columns = {loose(column): column for column in reversed(table.columns)}
    named = [columns[loose(name)] for name in names if loose(name) in columns]
    values = {column: _value(con, table, target, column, names) for column in named}
    return [Candidate(column, value) for column, value in values.items() if value]


def blank(con: duckdb.DuckDBPyConnection, table: Table, candidates: set[Candidate]) -> set[Candidate]:
    """The candidates that hold nothing in any row. All rows are read for those alone that the first rows leave open."""
    left = candidates
    for rows in (f"(FROM {table.name} LIMIT {SAMPLE})", table.name):
        if left:
            order = sorted(left)
            counts = ", ".join(f"count({written(value)})" for _, value in order)
            held = con.execute(f"SELECT {counts} FROM {rows}").fetchall()[0]
            left = {candidate for candidate, count in zip(order, held, strict=True) if not count}
    return left


def _value(con: duckdb.DuckDBPyConnection, table: Table, target: str, column: str, names: Iterable[str]) -> str | None:
    """SQL for what a column gives a target; nothing where it has many values in one and none of them is plainly it."""
    type_ = table.columns[column]
    if type_.endswith("]"):
        return table.value(column) if target in MAY_BE_LISTS and not _has_fields(type_) else None
    if not _has_fields(type_):
        return table.value(column)
    return _id_in(con, table, column, names) if target in KEYS else None


def _id_in(con: duckdb.DuckDBPyConnection, table: Table, column: str, names: Iterable[str]) -> str | None:
    """SQL for the field of a struct under the name of an id that is the id: `id`, or one of the names itself."""
    if not table.columns[column].startswith("STRUCT("):
        return None
    described = con.execute(f"DESCRIBE SELECT unnest({identifier(column)}) FROM {table.name}").fetchall()
    fields = {loose(name): name for name, type_, *_ in described if not type_.endswith("]") and not _has_fields(type_)}
    field = next((fields[loose(name)] for name in ("id", *names) if loose(name) in fields), None)
    return f"{identifier(column)}[{literal(field)}]" if field else None


def _has_fields(type_: str) -> bool:
    return type_.startswith(("STRUCT(", "MAP(", "UNION("))
