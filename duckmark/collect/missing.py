"""What a source has to have, and what it can do without at a price that is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from duckmark.collect.reading import Table
from duckmark.errors import MappingError
from duckmark.sqltext import written

# What a source can do without, at a price that is told.
WANTED = {"events": ("user_id", "kind", "at"), "products": ("title",), "users": ()}
# A row that has one of these says itself what kind of event it is.
TELLS_KIND = {"rating", "text", "order_id", "quantity", "price"}
REQUIRED = {"events": "product_id", "products": "product_id", "users": "user_id"}
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
    if not absent:
        return []
    told = {target: times if target == "at" else [] for target in absent}
    return [Missing(target, told[target] or free, bool(told[target])) for target in absent
            if told[target] or not is_known]  # fmt: skip


def unread_time(con: duckdb.DuckDBPyConnection, table: Table, at: str) -> Missing | None:
    """What is a time by its name and holds none; nothing where it is blank."""
    text = written(f"({at}\n)")
    first = con.execute(f"SELECT {text} FROM {table.name} WHERE {text} IS NOT NULL LIMIT 1").fetchall()
    return Missing("at", sorted(columns_in(con, [at], table)), unread=first[0][0]) if first else None


def require(role: str, table: Table, found: Mapping[str, str]) -> None:
    """Raise MappingError where the key of a source was not found."""
    target = REQUIRED[role]
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
