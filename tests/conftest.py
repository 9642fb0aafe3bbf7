"""What all tests share: the public data sets, and one small shop built once."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import settings

import duckmark
from tests.client import answers
from tests.shop import OPTIONS, build_shop, event_rows, events

# Resolved before a test changes the current directory.
DATA = Path(os.environ["DUCKMARK_DATA"]).resolve() if os.environ.get("DUCKMARK_DATA") else None

settings.register_profile("duckmark", derandomize=True, deadline=None)
settings.load_profile("duckmark")


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """The path of a public data set by its name; a test that asks for one that is not there is skipped."""

    def path(name: str) -> Path:
        if not DATA:
            pytest.skip("set DUCKMARK_DATA to where the public data sets are")
        if not (DATA / name).exists():
            pytest.skip(f"no {name} in {DATA}, where DUCKMARK_DATA says that the public data sets are")
        return DATA / name

    return path


@pytest.fixture(scope="session")
def shop_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of `tests/shop.py`, built with everything in it. Open it read-only."""
    path = tmp_path_factory.mktemp("shop") / "shop.duckdb"
    return build_shop(duckmark.build, path, options={"evaluate": True})


@pytest.fixture(scope="session")
def small_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The content of a file built from the shop's first 40 events alone."""
    path = tmp_path_factory.mktemp("small") / "shop.duckdb"
    duckmark.build(path, events=events(event_rows()[:40]), options={**OPTIONS, "evaluate": False})
    return path.read_bytes()


@pytest.fixture
def con(shop_file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the shop with duckmark's functions."""
    with duckmark.connect(shop_file, read_only=True) as connection:
        yield connection


@pytest.fixture
def plain(shop_file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the shop as any client has it."""
    with duckdb.connect(str(shop_file), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def ask(shop_file: Path) -> Callable[[str], list[dict[str, Any]]]:
    """Rows of a query of the shop as another client gives them."""
    return partial(answers, shop_file)


@pytest.fixture
def fingerprint() -> Callable[[Path], dict[str, bytes]]:
    """What a folder holds, to the last byte, but for what DuckDB itself needs while it is open."""
    return lambda folder: {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.is_file()}


@pytest.fixture
def differences() -> Callable[..., dict[str, tuple[int, int]]]:
    """The duckmark tables in which two files differ, with the rows that only one and only the other has."""
    return _differences


def _differences(one: Path, other: Path, tables: set[str] = frozenset(), columns: set[str] = frozenset()) -> dict:
    """``tables`` and ``columns`` are not compared, nor is what tells the time."""
    columns = {"seconds", "trained_at", "loaded_at", *columns}
    found = {}
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{one}' AS one (READ_ONLY); ATTACH '{other}' AS other (READ_ONLY)")
        schema = """
            SELECT table_name, list(column_name) FROM duckdb_columns()
            WHERE database_name = $name AND schema_name = 'duckmark'
                AND table_name IN (SELECT t.table_name FROM duckdb_tables() AS t WHERE t.database_name = $name)
            GROUP BY ALL ORDER BY ALL
        """
        named = con.execute(schema, {"name": "one"}).fetchall()
        assert named == con.execute(schema, {"name": "other"}).fetchall()
        for table, names in named:
            kept = ", ".join(f'"{name}"' for name in names if name not in columns)
            sides = [f"SELECT {kept} FROM {side}.duckmark.{table}" for side in ("one", "other")]
            counts = tuple(
                con.execute(f"SELECT count(*) FROM ({a} EXCEPT ALL {b})").fetchall()[0][0]
                for a, b in (sides, sides[::-1])
            )
            if table not in tables and any(counts):
                found[table] = counts
    return found
