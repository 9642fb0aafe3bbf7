"""The known layouts and column names of layouts.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import duckdb

from duckmark.collect.reading import Table
from duckmark.sqltext import loose, written

SAMPLE = 100


@dataclass(frozen=True)
class Layout:
    """What a layout says about one source: target -> SQL expression, and the columns it has accounted for."""

    name: str
    mapping: dict[str, str]
    used: frozenset[str]


@cache
def catalogue() -> dict:
    """layouts.toml as it stands: ``layout``, ``names`` and ``attributes``."""
    return tomllib.loads(files("duckmark.collect").joinpath("layouts.toml").read_text(encoding="utf-8"))


def recognise(con: duckdb.DuckDBPyConnection, role: str, table: Table) -> Layout | None:
    """The first layout that a source has, or None."""
    columns = {loose(name): name for name in reversed(table.columns)}
    for entry in catalogue()["layout"]:
        if entry["role"] == role and all(loose(name) in columns for name in entry["columns"]):
            layout = _layout(entry, table, columns)
            if _holds(con, entry, table, columns):
                return layout
    return None


def joined(values: Iterable[str]) -> str:
    """SQL for several texts as one: those that are not blank, a line each."""
    return f"concat_ws(chr(10), {', '.join(map(written, values))})"


def _layout(entry: dict, table: Table, columns: dict[str, str]) -> Layout:
    mapping, used = {}, set(entry.get("ignore", ()))
    for target, value in entry["map"].items():
        names = _names(value)
        if all(loose(name) in columns for name in names):
            mapping[target] = _expression(value, table, columns)
            used.update(names)
    return Layout(entry["name"], mapping, frozenset(columns[loose(n)] for n in used if loose(n) in columns))


def _names(value: str | list[str] | dict[str, str]) -> list[str]:
    if isinstance(value, dict):
        return re.findall(r"{(\w+)}", value["sql"])
    return [value] if isinstance(value, str) else value


def _expression(value: str | list[str] | dict[str, str], table: Table, columns: dict[str, str]) -> str:
    if isinstance(value, dict):
        return _filled(value["sql"], table, columns)
    if isinstance(value, str):
        return table.value(columns[loose(value)])
    return joined(table.value(columns[loose(name)]) for name in value)


def _filled(sql: str, table: Table, columns: dict[str, str]) -> str:
    return re.sub(r"{(\w+)}", lambda name: table.value(columns[loose(name[1])]), sql)


def _holds(con: duckdb.DuckDBPyConnection, entry: dict, table: Table, columns: dict[str, str]) -> bool:
    if "check" not in entry:
        return True
    condition = _filled(entry["check"], table, columns)
    query = f"SELECT bool_and(coalesce({condition}, false)) FROM (FROM {table.name} LIMIT {SAMPLE})"
    return con.execute(query).fetchone()[0]
