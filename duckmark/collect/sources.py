"""What a source is: files, a table or view, a query, or an Arrow table or data frame in memory."""

from __future__ import annotations

import difflib
import glob
import os
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from duckmark.collect.csvfiles import glob_escaped, read_dialect, union
from duckmark.errors import SourceError
from duckmark.sqltext import identifier, literal, literals

QUERY = re.compile(r"\s*(\(|(select|with|from|values)\s|values\s*\()", re.IGNORECASE)
FORMATS = {
    **dict.fromkeys((".csv", ".tsv", ".tab", ".psv", ".txt", ".data", ".dat"), "csv"),
    **dict.fromkeys((".json", ".ndjson", ".jsonl"), "json"),
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
}
ROW_NUMBER = "file_row_number"
KNOWN = "CSV (.csv, .tsv, .txt), JSON (.json, .ndjson, .jsonl) and Parquet (.parquet), also .gz"


@dataclass(frozen=True)
class Relation:
    """A source that can be read: a query, what to call it in messages, and the object it scans, if any."""

    query: str
    description: str
    scanned: object = None
    numbered: str | None = None  # the query with the place of each row in column ROW_NUMBER, where the file tells it


def resolve(con: duckdb.DuckDBPyConnection, source: object) -> Relation:
    """Find out what a source is. Raises SourceError, naming it, where there is no such thing."""
    if isinstance(source, os.PathLike):
        return _files(str(Path(source)))
    if not isinstance(source, str):
        return Relation("SELECT * FROM _scanned", f"{type(source).__name__} in memory", source)
    if QUERY.match(source) and not os.path.exists(source):
        return Relation(_query(con, source), f"query {_shortened(source)}")
    table = _table(con, source)
    return table or (_files(source) if _names_files(source) else _unknown(con, source))


def after_from(source: object) -> str | None:
    """What stands after FROM in a query that reads a source as `resolve` does; nothing for an object in memory."""
    if not isinstance(source, str | os.PathLike):
        return None
    text = os.fspath(source)
    if QUERY.match(text) and not os.path.exists(text):
        return f"({text.strip().rstrip(';')})"
    if not _names_files(text):
        return text
    return f"read_csv({literal(text)}, all_varchar=true)" if format_of(text) == "csv" else literal(text)


def without(read_from: str | None, value: str | None, values: list[str]) -> str:
    """How to leave out of the events the rows in which ``value``, a column or an expression, is one of ``values``;
    ``read_from`` is what `after_from` gives."""
    if read_from is None or value is None:
        return "To leave such rows out, give events without them, for example a SELECT with a WHERE"
    column = value.strip('"') if re.fullmatch(r'"[a-zA-Z_]\w*"', value) else value
    query = f"FROM {read_from} WHERE ({column} IN ({', '.join(map(literal, values))})) IS NOT TRUE"
    return 'To leave such rows out: --events "{}"'.format(query.replace('"', '\\"'))


def _query(con: duckdb.DuckDBPyConnection, source: str) -> str:
    """The text of one query. Raises SourceError where it is something else, or more than one."""
    try:
        statements = con.extract_statements(source)
    except duckdb.Error as error:
        reason = str(error).split("\n")[0]
        raise SourceError(f"query {_shortened(source)}: {reason}. Mend the query.") from None
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise SourceError(f"query {_shortened(source)}: give one SELECT and nothing else.")
    return source.strip().rstrip(";")


def _shortened(query: str) -> str:
    line = " ".join(query.split())
    return line if len(line) <= 60 else line[:57] + "..."


def _table(con: duckdb.DuckDBPyConnection, name: str) -> Relation | None:
    parts = re.findall(r'"((?:[^"]|"")+)"|([^."]+)', name)
    wanted = [(quoted.replace('""', '"') or bare).casefold() for quoted, bare in parts]
    for path in _tables(con):
        if [part.casefold() for part in path[-len(wanted) :]] == wanted:
            return Relation(f"SELECT * FROM {'.'.join(map(identifier, path))}", f"table {'.'.join(path[1:])}")
    return None


def _tables(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    """Tables and views as (database, schema, name): the current schema first, then what else is attached."""
    return con.execute("""
        SELECT database_name, schema_name, name
        FROM (
            SELECT database_name, schema_name, table_name AS name, internal FROM duckdb_tables()
            UNION ALL
            SELECT database_name, schema_name, view_name, internal FROM duckdb_views()
        )
        WHERE NOT internal AND schema_name <> 'duckmark' AND NOT (database_name = 'temp' AND name[1] = '_')
        ORDER BY
            database_name <> current_database(),
            database_name <> 'temp',
            schema_name <> current_schema(),
            schema_name <> 'main',
            database_name,
            schema_name,
            name
    """).fetchall()


def _names_files(source: str) -> bool:
    return os.path.exists(source) or format_of(source) is not None or any(mark in source for mark in "*?/\\")


def format_of(path: str) -> str | None:
    """The format that a path names by its suffix: csv, json, parquet or none of them."""
    return FORMATS.get(Path(path.lower().removesuffix(".gz")).suffix)


def _files(source: str) -> Relation:
    paths = _paths(os.path.expanduser(source))
    formats = {format_of(str(path)) for path in paths}
    if None in formats:
        raise SourceError(f"{source}: its suffix is not one that duckmark reads. Give {KNOWN}, or a SELECT.")
    if len(formats) > 1:
        raise SourceError(f"{source} matches {' and '.join(sorted(formats))} files. Give one format at a time.")
    description = source if len(paths) == 1 else f"{source} ({len(paths)} files)"
    file_format = formats.pop()
    numbered = _numbered(paths[0]) if file_format == "parquet" and len(paths) == 1 else None
    return Relation(_reader(file_format, paths), description, numbered=numbered)


def _numbered(path: Path) -> str:
    return f"SELECT * FROM read_parquet({literals([glob_escaped(path)])}, {ROW_NUMBER} = true)"


def _paths(source: str) -> list[Path]:
    path = Path(source)
    if path.is_dir():
        raise SourceError(f"{source} is a directory. Name its files, for example '{path / _pattern(path)}'.")
    if path.exists():
        return [path]
    if not glob.has_magic(source):
        raise SourceError(f"{source}: no such file.{_closest(path.name, _siblings(path))} Check the path.")
    paths = sorted(match for match in map(Path, glob.glob(source, recursive=True)) if match.is_file())
    if not paths:
        raise SourceError(f"{source} matches no file. Check the pattern; it is read from {os.getcwd()}.")
    return paths


def _pattern(directory: Path) -> str:
    suffixes = [path.suffix for path in sorted(directory.iterdir()) if format_of(path.name)]
    return "*" + (suffixes[0] if suffixes else ".csv")


def _siblings(path: Path) -> list[str]:
    return [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []


def _reader(file_format: str, paths: list[Path]) -> str:
    if file_format == "csv":
        return union([read_dialect(path) for path in paths])
    names = literals(glob_escaped(path) for path in paths)
    options = ", sample_size=-1" if file_format == "json" else ""
    return f"SELECT * FROM read_{file_format}({names}, union_by_name=true{options})"


def _unknown(con: duckdb.DuckDBPyConnection, source: str) -> Relation:
    names = list(dict.fromkeys(".".join(path[1:]).removeprefix("main.") for path in _tables(con)))
    known = f"The database holds: {', '.join(names)}." if names else "The database holds no tables."
    raise SourceError(
        f"{source}: no such table, view or file.{_closest(source, names)} {known} "
        f"A source is a table, a SELECT, or a path or glob of {KNOWN}."
    )


def _closest(name: str, names: list[str]) -> str:
    close = difflib.get_close_matches(name, names, 1)
    return f" Did you mean {close[0]}?" if close else ""
