"""What all tests share: the public data sets, and one small shop built once."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

import duckmark
from tests.shop import build_shop

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """The path of a public data set by its name; a test that asks for one that is not there is skipped."""

    def path(name: str) -> Path:
        folder = Path(os.environ.get("DUCKMARK_DATA", ROOT.parent / "shared" / "data"))
        if not (folder / name).exists():
            pytest.skip(f"no {name} in {folder}; set DUCKMARK_DATA to where the public data sets are")
        return folder / name

    return path


@pytest.fixture(scope="session")
def shop_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of `tests/shop.py`, built with everything in it. Open it read-only."""
    path = tmp_path_factory.mktemp("shop") / "shop.duckdb"
    return build_shop(duckmark.build, path, options={"evaluate": True})


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


@pytest.fixture
def fingerprint() -> Callable[[Path], dict[str, bytes]]:
    """What a folder holds, to the last byte, but for what DuckDB itself needs while it is open."""
    return lambda folder: {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.is_file()}
