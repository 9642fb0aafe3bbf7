"""Reading a source: a Parquet file where it lies, anything else once, into a temporary table as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from duckmark.collect.csvfiles import not_utf8
from duckmark.collect.sources import ROW_NUMBER, Relation, resolve
from duckmark.errors import EmptySourceError, SourceError
from duckmark.sqltext import identifier, literal

UNQUOTED = (
    "Where quotation marks are letters like any other, give the query SELECT * FROM read_csv({path}, quote='', "
    "all_varchar=true)"
)


@dataclass(frozen=True)
class Table:
    """A source as it was read: temporary table or view, description, number of rows, columns with their SQL types."""

    name: str
    description: str
    rows: int
    columns: dict[str, str]
    is_numbered: bool = False

    @property
    def row_number(self) -> str:
        """SQL for the 1-based number of a row in its source."""
        if self.is_numbered:
            return f"{ROW_NUMBER} + 1"
        # A table filled in insertion order has rowids without gaps; a column of that name hides them.
        hidden = any(name.casefold() == "rowid" for name in self.columns)
        return "row_number() OVER ()" if hidden else "rowid + 1"

    def value(self, column: str) -> str:
        """SQL for a column's value; a JSON string without its quotes."""
        name = identifier(column)
        return f"({name} ->> '$')" if self.columns[column] == "JSON" else name


def read(con: duckdb.DuckDBPyConnection, role: str, source: object) -> Table:
    """Read a source into ``temp._<role>_as_read``. Raises SourceError with the file and row where known."""
    relation = resolve(con, source)
    name = f"_{role}_as_read"
    drop(con, role)
    is_numbered = relation.numbered is not None and _view(con, name, relation.numbered)
    if not is_numbered:
        with _scan(con, relation), _readable(role, relation.description):
            con.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM (\n{relation.query}\n)")
    columns = {row[0]: row[1] for row in con.execute(f"DESCRIBE temp.{name}").fetchall()}
    if is_numbered:
        del columns[ROW_NUMBER]
    rows = con.execute(f"SELECT count(*) FROM temp.{name}").fetchone()[0]
    if not rows:
        raise EmptySourceError(f"{role}: {relation.description} has no rows. Give a source with data.")
    return Table(f"temp.{name}", relation.description, rows, columns, is_numbered)


def _view(con: duckdb.DuckDBPyConnection, name: str, query: str) -> bool:
    """Whether the source can be read where it lies, under this name: a large one is not held twice."""
    try:
        con.execute(f"CREATE TEMP VIEW {name} AS {query}")
    except duckdb.Error:  # a file that is none, or has a column of its own for the numbers: reading it says which
        return False
    return True


def drop(con: duckdb.DuckDBPyConnection, role: str) -> None:
    """Forget what was read for a role."""
    kinds = con.execute(
        """
        SELECT 'TABLE' FROM duckdb_tables() WHERE database_name = 'temp' AND table_name = $name
        UNION ALL
        SELECT 'VIEW' FROM duckdb_views() WHERE database_name = 'temp' AND view_name = $name
        """,
        {"name": f"_{role}_as_read"},
    ).fetchall()
    for (kind,) in kinds:
        con.execute(f"DROP {kind} temp._{role}_as_read")


@contextmanager
def _scan(con: duckdb.DuckDBPyConnection, relation: Relation) -> Iterator[None]:
    """Show DuckDB the object in memory, and no other Python variable that happens to bear a table's name."""
    con.execute("SET python_enable_replacements = false")
    try:
        if relation.scanned is not None:
            _register(con, relation)
        yield
    finally:
        if relation.scanned is not None:
            con.unregister("_scanned")
        con.execute("RESET python_enable_replacements")


def _register(con: duckdb.DuckDBPyConnection, relation: Relation) -> None:
    try:
        con.register("_scanned", relation.scanned)
    except duckdb.Error:
        raise SourceError(
            f"{relation.description} is not something DuckDB can read. Give a path, a table, a SELECT, an "
            "Arrow table or record batch reader, or a pandas or polars frame."
        ) from None


@contextmanager
def _readable(role: str, description: str) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise SourceError(f"{role}: {_explained(str(error), description)}") from None


def _explained(message: str, description: str) -> str:
    """DuckDB's message as one sentence or two: which file, which line, what to do."""
    file = re.search(r"^  file = (.+)$", message, re.MULTILINE)
    name = file[1] if file else description
    if re.search("invalid unicode|not utf-8", message, re.IGNORECASE):
        return not_utf8(Path(name))
    if line := re.search(r"CSV Error on Line: (\d+)\nOriginal Line: (.*)\n+(.*)", message):
        told = f"{name}, line {line[1]}: {line[3]} ({line[2][:80]}). Mend the row, or leave it out."
        return f"{told} {UNQUOTED.format(path=literal(name))}" if "unterminated quote" in line[3] else told
    reason = " ".join(re.sub(r"^[\w ]+ Error: ", "", message.split("\n\nLINE ")[0]).split())
    stop = "" if reason.endswith((".", "!", "?")) else "."
    advice = "Mend the query." if description.startswith("query") else "Check that it is what its name says."
    return f"{description} cannot be read: {reason}{stop} {advice}"
