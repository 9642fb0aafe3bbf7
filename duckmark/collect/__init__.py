"""The collect stage: any source of events, products and users becomes a temporary view of known columns.

Python decides only what a source is and which column is what; all cleaning is in ``sql/1_collect``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import duckdb

from duckmark.collect.digest import Content, content
from duckmark.collect.kinds import check_kinds, unseen_kinds, write_kinds
from duckmark.collect.mapping import map_columns
from duckmark.collect.missing import REQUIRED, Missing
from duckmark.collect.overrides import TARGETS, overrides_of
from duckmark.collect.reading import Table, read
from duckmark.collect.sources import after_from
from duckmark.collect.statuses import advice_on_statuses
from duckmark.collect.strangers import advice_on_strangers
from duckmark.collect.times import Undecided
from duckmark.collect.views import write_view
from duckmark.errors import MappingError, SourceError

__all__ = ["Content", "Missing", "Source", "collect", "content"]


@dataclass(frozen=True)
class Source:
    """What was understood of one source.

    ``mapping`` is role.target -> SQL expression over the source's columns; given back to ``collect`` it has
    the same source, or another like it, read the same way. ``unused`` are the columns that were left out, ``missing``
    is what no column was recognised for, ``unseen`` are kinds of event that have a weight and that no row has, and
    ``undecided`` is a day that fits both orders, as all of the column do; ``advice`` is what else to do about it, a
    sentence or two each.
    """

    role: str
    description: str
    layout: str | None
    mapping: dict[str, str]
    unused: list[str]
    rows: int
    missing: list[Missing] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    undecided: Undecided | None = None
    advice: list[str] = field(default_factory=list)


def collect(
    con: duckdb.DuckDBPyConnection,
    *,
    events: object,
    products: object = None,
    users: object = None,
    mapping: Mapping[str, str] | None = None,
    weights: Mapping[str, float] | None = None,
    settled: Mapping[str, str] | None = None,
    source_id: int = 0,
) -> list[Source]:
    """Make the temporary views ``source_events``, ``source_products``, ``source_users``, and the event kinds.

    A source is a path or glob (CSV, JSON, Parquet), a table or view, a SELECT, or an Arrow table, record
    batch reader or data frame. ``mapping`` overrides which column is what (a bare target means events, and an id
    also the source that it is the key of), ``weights`` what a kind of event counts. ``settled`` is the mapping that an
    earlier load came to: where ``mapping`` says nothing else it is taken as it stands, with its scale of ratings.
    ``source_id`` tells the rows of one load from those of another: after the first, 0, the kinds stand as they are.
    Schema ``duckmark`` must exist.

    Raises SourceError, MappingError or EventKindError.
    """
    mapping = mapping or {}
    for role in TARGETS:
        overrides_of(role, mapping)
    given = {"events": events, "products": products, "users": users}
    if events is None:
        raise SourceError("no events: give a path, a table, a SELECT or a data frame")
    for role, source in given.items():
        if source is None and overrides_of(role, mapping):
            raise MappingError(f"the mapping names columns of {role}, and no {role} are given")
    is_later = source_id > 0
    if not is_later:
        write_kinds(con, weights)
    tables: dict[str, Table] = {}
    reports: dict[str, Source] = {}
    for role, source in given.items():
        if source is None:
            write_view(con, role, None, None, source_id)
        else:
            table = tables[role] = read(con, role, source)
            reports[role] = _collect_one(con, role, source, table, mapping, settled, source_id)
    check_kinds(con, after_from(events), reports["events"].mapping.get("events.kind"), is_later)
    if weights and not is_later:
        reports["events"] = replace(reports["events"], unseen=unseen_kinds(con))
    if "products" in tables and (advice := advice_on_strangers(con, tables["events"], tables["products"])):
        reports["products"] = replace(reports["products"], advice=[advice])
    return list(reports.values())


def _collect_one(
    con: duckdb.DuckDBPyConnection,
    role: str,
    source: object,
    table: Table,
    mapping: Mapping[str, str],
    settled: Mapping[str, str] | None,
    source_id: int,
) -> Source:
    """Make the view of a source that was read as ``table``, and say how it was understood."""
    columns = map_columns(con, role, table, _shared(role, table, mapping), settled)
    write_view(con, role, table, columns, source_id)
    expressions = {f"{role}.{target}": expression for target, expression in columns.expressions.items()}
    on_statuses = role == "events" and advice_on_statuses(
        con, table, columns.expressions, columns.free, after_from(source)
    )
    return Source(
        role,
        table.description,
        columns.layout,
        expressions,
        columns.unused,
        table.rows,
        columns.missing,
        undecided=columns.undecided,
        advice=[on_statuses] if on_statuses else [],
    )


def _shared(role: str, table: Table, mapping: Mapping[str, str]) -> Mapping[str, str]:
    """The mapping, with a bare ``user_id`` or ``product_id`` also for users or products that have a column of the name
    it gives: a key has one name everywhere more often than not."""
    key = REQUIRED[role]
    column = str(mapping.get(key, "")).strip().casefold()
    has_it = column in (name.casefold() for name in table.columns)
    if role == "events" or f"{role}.{key}" in mapping or not has_it:
        return mapping
    return {**mapping, f"{role}.{key}": mapping[key]}
