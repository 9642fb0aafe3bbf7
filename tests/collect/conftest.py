"""What the tests of the collect stage share: a database being built, and the stage's SQL run over it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from duckmark.collect import collect

ROOT = Path(__file__).parents[2]
SQL = ROOT / "sql" / "1_collect"
ORDER = (
    "clean_id", "known_id", "raw_events", "mistimed", "raw_products", "raw_users", "service_codes", "event_faults",
    "cancellations", "event_checks", "events", "product_checks", "user_checks", "products", "users", "data_quality",
)  # fmt: skip


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection whose current database is an attached file, as it is in a build."""
    connection = duckdb.connect()
    connection.execute(f"ATTACH '{tmp_path / 'shop.duckdb'}' AS shop (STORAGE_VERSION 'v1.0.0')")
    connection.execute("USE shop")
    connection.execute("CREATE SCHEMA duckmark")
    yield connection
    connection.close()


@pytest.fixture
def clean(con: duckdb.DuckDBPyConnection) -> Callable[..., duckdb.DuckDBPyConnection]:
    """Collect sources and run the stage's SQL."""

    def run(events: object, **options: object) -> duckdb.DuckDBPyConnection:
        collect(con, events=events, **options)
        run_sql(con)
        return con

    return run


@pytest.fixture
def sql() -> Callable[[duckdb.DuckDBPyConnection], None]:
    """Run the stage's SQL over the views that are there."""
    return run_sql


def run_sql(con: duckdb.DuckDBPyConnection) -> None:
    for name in ORDER:
        kind = {"data_quality": "VIEW", "clean_id": "MACRO", "known_id": "MACRO"}.get(name, "TABLE")
        con.execute(f"DROP {kind} IF EXISTS {'' if kind == 'VIEW' else 'duckmark.'}{name}")
        con.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"))


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """Write a file, and give its path."""

    def write_file(name: str, content: str | bytes) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write_file


@pytest.fixture(autouse=True)
def _every_file_is_run() -> None:
    assert sorted(ORDER) == sorted(path.stem for path in SQL.glob("*.sql"))
