"""Event kinds: their weights, the names they go by, and the check that every kind in the data has one."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from importlib.resources import files

import duckdb

from duckmark.collect.sources import without
from duckmark.errors import EventKindError

NAMED = 10  # unknown kinds
GIVEN = "weight given by the user"  # the meaning of a kind of the user's own


def write_kinds(con: duckdb.DuckDBPyConnection, weights: Mapping[str, float] | None = None) -> None:
    """Write ``duckmark.event_kinds``: kind, weight, meaning, and the names it goes by in data.

    ``weights`` gives kinds another weight or adds kinds; a name of a known kind (`buy`) stands for the kind.
    """
    con.execute("""
        CREATE OR REPLACE TABLE duckmark.event_kinds (
            kind VARCHAR, weight DOUBLE, meaning VARCHAR, names VARCHAR[]
        )
    """)
    text = files("duckmark.collect").joinpath("kinds.toml").read_text(encoding="utf-8")
    for kind, entry in tomllib.loads(text).items():
        _add(con, kind, entry["weight"], entry["meaning"], entry["names"])
    for name, weight in (weights or {}).items():
        _weigh(con, name, weight)


def check_kinds(con: duckdb.DuckDBPyConnection, read_from: str | None, kind: str | None, is_later: bool) -> None:
    """Raise EventKindError where ``source_events``, of a build or of a load that is later, has a kind without a weight.

    Only a build can give it one. ``read_from`` is what stands after FROM in a query over the source, and ``kind`` SQL
    for the kind in it. A row without a product is no event, whatever its kind.
    """
    unknown = con.execute(f"""
        SELECT any_value(trim(CAST(kind AS VARCHAR))), count(*), min(source_row)
        FROM source_events
        WHERE {_plain("CAST(kind AS VARCHAR)")} NOT IN (SELECT unnest(names) FROM duckmark.event_kinds)
            AND trim(CAST(kind AS VARCHAR)) <> ''
            AND lower(trim(CAST(product_id AS VARCHAR))) NOT IN ('', 'nan', 'null', 'none')
        GROUP BY {_plain("CAST(kind AS VARCHAR)")}
        ORDER BY min(source_row)
    """).fetchall()
    if unknown:
        # A weight of nothing would keep them.
        how = without(read_from if len(unknown) <= NAMED else None, kind, [name for name, _, _ in unknown])
        raise EventKindError(f"{_message(con, unknown, is_later)}. {how}")


def unseen_kinds(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The kinds of the user's own that no row of ``source_events`` has: most likely written otherwise there."""
    found = con.execute(
        f"""
        SELECT kind
        FROM duckmark.event_kinds
        WHERE meaning = ? AND NOT list_has_any(names, (
            SELECT coalesce(list(DISTINCT {_plain("CAST(kind AS VARCHAR)")}), []) FROM source_events
        ))
        ORDER BY kind
        """,
        [GIVEN],
    )
    return [kind for (kind,) in found.fetchall()]


def has_rows_of(con: duckdb.DuckDBPyConnection, kind: str) -> bool:
    """Whether ``source_events`` has rows that name this kind."""
    return bool(
        con.execute(
            f"""
            SELECT 1
            FROM source_events
            WHERE {_plain("CAST(kind AS VARCHAR)")} IN (
                SELECT unnest(names) FROM duckmark.event_kinds WHERE event_kinds.kind = ?
            )
            LIMIT 1
            """,
            [kind],
        ).fetchall()
    )


def are_kinds(con: duckdb.DuckDBPyConnection, table: str, value: str) -> bool:
    """Whether most of what is written in a column are kinds that are known."""
    name = _plain(f"CAST({value} AS VARCHAR)")
    known = con.execute(f"""
        SELECT avg(CAST({name} IN (SELECT unnest(names) FROM duckmark.event_kinds) AS INTEGER)) > 0.5
        FROM {table}
        WHERE {name} <> ''
    """).fetchone()[0]
    return bool(known)


def _message(con: duckdb.DuckDBPyConnection, unknown: list[tuple[str, int, int]], is_later: bool) -> str:
    known = con.execute("SELECT string_agg(kind, ', ' ORDER BY kind) FROM duckmark.event_kinds").fetchone()[0]
    found = "; ".join(f"'{kind}' in {rows} rows, first in row {first}" for kind, rows, first in unknown[:NAMED])
    more = f"; and {len(unknown) - NAMED} more" if len(unknown) > NAMED else ""
    weight = f"a weight on the scale of a five-star rating, --weight {unknown[0][0]}=1.0"
    advice = (
        f"Map another column with --map kind=..., or build the file anew with {weight}"
        if is_later
        else (f"Give it {weight}, or map another column with --map kind=...")
    )
    return f"events of an unknown kind: {found}{more}. Known kinds: {known}. {advice}"


def _weigh(con: duckdb.DuckDBPyConnection, name: str, weight: float) -> None:
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not math.isfinite(weight):
        raise EventKindError(f"the weight of '{name}' is {weight!r}; give a number, such as 1.0")
    if not any(letter.isalnum() for letter in name):
        raise EventKindError(f"'{name}' cannot name an event kind; give a name with letters: demo_booked")
    found = f"list_contains(names, {_plain('$name')})"
    changed = con.execute(
        f"UPDATE duckmark.event_kinds SET weight = $weight WHERE {found}", {"name": name, "weight": weight}
    ).fetchone()[0]
    if not changed:
        _add(con, name.strip(), weight, GIVEN, [])


def _add(con: duckdb.DuckDBPyConnection, kind: str, weight: float, meaning: str, names: list[str]) -> None:
    plain = f"list_distinct(list_transform($names, lambda name: {_plain('name')}))"
    con.execute(
        f"INSERT INTO duckmark.event_kinds VALUES ($kind, $weight, $meaning, list_sort({plain}))",
        {"kind": kind, "weight": weight, "meaning": meaning, "names": [kind, *names]},
    )


def _plain(text: str) -> str:
    """SQL for a name without case and punctuation; the same rule as in raw_events.sql."""
    return f"regexp_replace(lower({text}), '[^\\pL\\pN]+', '', 'g')"
