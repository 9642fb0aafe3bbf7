"""Databases as tests open them: in this process, without duckmark's functions."""

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest


def ask(path: str | Path, query: str) -> list[tuple]:
    """The rows of a query of the file ``path``."""
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(query).fetchall()


def holding(statements: str) -> Callable[[], Iterator[duckdb.DuckDBPyConnection]]:
    """A fixture: a connection to a database in memory that holds what ``statements`` make."""

    @pytest.fixture
    def con() -> Iterator[duckdb.DuckDBPyConnection]:
        with duckdb.connect() as connection:
            connection.execute(statements)
            yield connection

    return con
