"""Connections in which the functions run as vectorised Arrow UDFs."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Collection
from importlib.resources import files
from inspect import Parameter, Signature
from pathlib import Path

import duckdb
import pyarrow as pa

from duckmark.arrow import whole
from duckmark.errors import DatabaseError
from duckmark.functions import Function, functions
from duckmark.machine import check_blas, keep_pages
from duckmark.paths import existing
from duckmark.resources import Resources

# DuckDB calls a registered function after its last Python reference is gone, so each is kept for good;
# what it holds is only a reference to its connection's resources, which go with the connection.
_registered: list[Callable[..., pa.Array]] = []
_resources: weakref.WeakKeyDictionary[duckdb.DuckDBPyConnection, Resources] = weakref.WeakKeyDictionary()


def connect(path: str | Path = ":memory:", *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with duckmark's functions in place.

    Raises DatabaseError where the file is missing, locked by another process or no DuckDB file.
    """
    if read_only:
        existing(path)
    try:
        con = duckdb.connect(str(path), read_only=read_only)
    except duckdb.Error as error:
        raise DatabaseError.opening(path, error) from None
    if _is_in_memory(con) and Path(path).is_file():  # it made a view of a CSV, JSON or Parquet file
        con.close()
        raise DatabaseError.unread(path)
    install(con)
    return con


def silent(path: str | Path = ":memory:", *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection in which duckmark itself works.

    In what DuckDB takes for an interactive session (`python -m duckmark` too, as its package is imported before its
    program is known) every connection prints a progress bar of long queries to standard output; cursors have none.
    """
    con = duckdb.connect(str(path), read_only=read_only)
    con.execute("SET enable_progress_bar = false")
    return con


def _is_in_memory(con: duckdb.DuckDBPyConnection) -> bool:
    query = "SELECT path IS NULL FROM duckdb_databases() WHERE database_name = current_database()"
    return con.execute(query).fetchall()[0][0]


def install(con: duckdb.DuckDBPyConnection) -> None:
    """Put the functions in front of the stored macros of the same names, for this connection.

    They read the models of the current database. Install again after the file was built anew.
    """
    resources = _resources.get(con)
    if resources is not None:
        resources.forget()
        return
    check_blas()
    keep_pages()
    resources = _resources[con] = Resources(con)
    weakref.finalize(con, resources.forget)
    for function in functions().values():
        _register(con, function, resources)
    _put_in_front(con)


def share(con: duckdb.DuckDBPyConnection, cursor: duckdb.DuckDBPyConnection) -> None:
    """Put the functions that are in place in ``con`` in front in a cursor of it too; both read the models but once."""
    _resources[cursor] = _resources[con]
    _put_in_front(cursor)


def _register(con: duckdb.DuckDBPyConnection, function: Function, resources: Resources) -> None:
    for form in function.forms:
        call = _arrow_udf(function, resources, tuple(form))
        _registered.append(call)
        name = arrow_name(con, function, form)
        con.create_function(name, call, list(form.values()), function.returns, type="arrow", null_handling="special")


def _put_in_front(con: duckdb.DuckDBPyConnection) -> None:
    """Macros of this connection alone, each in place of the stored one: of what is native, its own text."""
    for function in functions().values():
        if function.native:
            con.execute(sql_form(function.name).replace("CREATE MACRO", "CREATE OR REPLACE TEMP MACRO", 1))
            continue
        named = ((", ".join(form), arrow_name(con, function, form)) for form in function.forms)
        forms = ", ".join(f"({names}) AS {private}({names})" for names, private in named)
        con.execute(f"CREATE OR REPLACE TEMP MACRO {function.name} {forms}")


def arrow_name(con: duckdb.DuckDBPyConnection, function: Function, form: Collection[str]) -> str:
    """What ``con`` calls the Arrow form; connections to one file share its functions, so each has its own names."""
    return f"_dm_{function.name}_{len(form)}_{_resources[con].number}"


def sql_form(name: str) -> str:
    """The text of ``sql/functions/NAME.sql``: the function as a pure-SQL macro."""
    return files("duckmark.sql").joinpath(f"functions/{name}.sql").read_text(encoding="utf-8")


def _arrow_udf(function: Function, resources: Resources, arguments: tuple[str, ...]) -> Callable[..., pa.Array]:
    def call(*columns: pa.ChunkedArray) -> pa.Array:
        needed = {name: resources.get(name) for name in function.needs}
        return function(*map(whole, columns), **needed)

    # DuckDB counts the parameters of what it is given.
    call.__signature__ = Signature(Parameter(name, Parameter.POSITIONAL_ONLY) for name in arguments)
    return call
