"""What a source has to have, and what it can do without at a price that is told."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import duckdb

from duckmark.collect.overrides import columns_in
from duckmark.collect.reading import Table
from duckmark.collect.sources import format_of
from duckmark.errors import MappingError
from duckmark.sqltext import literal, loose, written

# What a source can do without, at a price that is told.
WANTED = {"events": ("user_id", "kind", "at"), "products": ("title",), "users": ()}
# A row that has one of these says itself what kind of event it is.
TELLS_KIND = {"rating", "text", "order_id", "quantity", "price"}
REQUIRED = {"events": "product_id", "products": "product_id", "users": "user_id"}
# What is told where it is missing beside one of other targets and a column left over has such a word in its name.
HINTED = {
    "quantity": ({"price", "order_id"}, ("qty", "quantity", "quantities", "units")),
    "rating": ({"text"}, ("star", "stars", "rating", "ratings", "score", "scores")),
}
# Parts of names by which a column that is left over is the likelier one.
LIKELY = {
    "user_id": ("customer", "user", "client", "member", "buyer", "account", "mail"),
    "kind": ("kind", "type", "event", "action"),
    "at": ("date", "time", "created", "day"),
    "title": ("title", "name"),
}
# What tells events from a catalogue, which has product ids too.
TELLS_EVENTS = {"user_id": "the user", "at": "the time"}


@dataclass(frozen=True)
class Missing:
    """A target that no column was recognised for, and the columns that may be it; ``are_times`` where all of them hold
    times by their type, so that it was not plain which one is meant, or ``unread`` by their names, of which this first
    value cannot be read."""

    target: str
    columns: list[str]
    are_times: bool = False
    unread: str | None = None


def missing(
    role: str,
    found: Mapping[str, str],
    free: list[str],
    left_out: Collection[str],
    times: list[str],
    is_known: bool,
) -> list[Missing]:
    """What is wanted and was not found; what a known layout has not is no surprise, unless it holds times."""
    absent = [target for target in WANTED[role] if target not in found and target not in left_out]
    if TELLS_KIND & found.keys():
        absent = [target for target in absent if target != "kind"]
    if is_known:
        return [Missing(target, times, True) for target in absent if target == "at" and times]
    wanted = [
        Missing(target, times, True) if target == "at" and times else Missing(target, _likely_first(target, free))
        for target in absent
    ]
    return wanted + _hinted(found, free, left_out) if role == "events" else wanted


def _likely_first(target: str, columns: list[str]) -> list[str]:
    return sorted(columns, key=lambda column: not any(part in loose(column) for part in LIKELY[target]))


def _hinted(found: Mapping[str, str], free: list[str], left_out: Collection[str]) -> list[Missing]:
    """What stands beside a price, an order or a text more often than not, where a name says that it may be there."""
    hinted = []
    for target, (beside, words) in HINTED.items():
        columns = [column for column in free if not _words(column).isdisjoint(words)]
        if columns and beside & found.keys() and target not in found and target not in left_out:
            hinted.append(Missing(target, columns))
    return hinted


def _words(name: str) -> set[str]:
    """The words of a name, written with blanks, strokes or capitals between them."""
    return {word.casefold() for word in re.findall(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+", name)}


def unread_time(con: duckdb.DuckDBPyConnection, table: Table, at: str) -> Missing | None:
    """What is a time by its name and holds none; nothing where it is blank."""
    text = written(f"({at}\n)")
    first = con.execute(f"SELECT {text} FROM {table.name} WHERE {text} IS NOT NULL LIMIT 1").fetchall()
    return Missing("at", sorted(columns_in(con, [at], table)), unread=first[0][0]) if first else None


def require(role: str, table: Table, found: Mapping[str, str]) -> None:
    """Raise MappingError where the key of a source was not found."""
    target = REQUIRED[role]
    if target not in found and len(table.columns) == 1 and format_of(table.description) == "csv":
        raise MappingError(
            f"{role}: {table.description} has one column alone, {next(iter(table.columns))}. If something else than a "
            "comma, semicolon, tab or | stands between its columns, give a query that says what, for example: "
            f"SELECT * FROM read_csv({literal(table.description)}, delim='::', all_varchar=true). If it is the "
            f"{target}: --map {role}.{target}=COLUMN."
        )
    if target not in found:
        raise MappingError(
            f"{role}: {table.description} has no column that is plainly the {target}. Its columns: "
            f"{', '.join(table.columns)}. Name the right one: --map {role}.{target}=COLUMN "
            f'(in Python: mapping={{"{role}.{target}": "COLUMN"}}).'
        )


def require_events(table: Table, told: Collection[str], earlier: Collection[str]) -> None:
    """Raise MappingError where an ``earlier`` source of events has a user or a time, and neither is ``told`` of this
    one."""
    had = [what for target, what in TELLS_EVENTS.items() if target in earlier]
    if had and TELLS_EVENTS.keys().isdisjoint(told):
        raise MappingError(
            f"events: {table.description} has no column that is plainly {' or '.join(TELLS_EVENTS.values())}, and what "
            f"the file was built from had {' and '.join(had)}: it looks like a catalogue rather than events. Its "
            f"columns: {', '.join(table.columns)}. Name the right one: --map user_id=COLUMN or --map at=COLUMN, or "
            '--map user_id=NULL where these events have neither (in Python: mapping={"user_id": "COLUMN"}).'
        )
