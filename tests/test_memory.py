"""A build stays within the memory it is given."""

from pathlib import Path

import duckdb
import pytest

from duckmark.errors import ConfigError
from duckmark.evaluation.splits import splits
from duckmark.evaluation.trial import TABLES, earlier
from duckmark.memory import limit, machine, read_memory, rows_at_once
from duckmark.publish import side_file


@pytest.mark.parametrize(
    ("text", "size"), [("8GB", 8 << 30), (" 1.5 GiB", 3 << 29), ("2048m", 2 << 30), ("1T", 1 << 40)]
)
def test_sizes(text, size):
    assert read_memory(text) == size


@pytest.mark.parametrize("text", ["much", "8XB", "", "-1GB", "500MB"])
def test_what_is_no_size_is_told(text):
    with pytest.raises(ConfigError, match="memory"):
        read_memory(text)


def settings(con: duckdb.DuckDBPyConnection) -> tuple[str, str]:
    return con.execute("SELECT current_setting('memory_limit'), current_setting('temp_directory')").fetchall()[0]


def test_half_goes_to_duckdb_and_what_spills_lies_beside_the_file(tmp_path):
    spill = tmp_path / "shop.duckdb.duckmark-tmp"
    building = side_file(tmp_path / "shop.duckdb", "4GB")
    con = building.__enter__()
    assert settings(con) == ("2.0 GiB", str(spill))
    spill.mkdir(exist_ok=True)
    building.__exit__(KeyError, KeyError(), None)
    assert list(tmp_path.iterdir()) == []


def test_a_trial_has_the_limits_of_its_shop(tmp_path):
    with duckdb.connect() as con:
        limit(con, "6GB", Path(tmp_path) / "spill")
        con.execute("CREATE SCHEMA duckmark")
        con.execute("CREATE TABLE duckmark.events (event_id BIGINT, user_id VARCHAR, product_id VARCHAR, "
                    "happened_at TIMESTAMP, rating DOUBLE)")  # fmt: skip
        for name in ("products", "users", "reviews"):
            con.execute(f"CREATE TABLE duckmark.{name} AS FROM duckmark.events")
        for name in set(TABLES) - {"events", "products", "users", "reviews"}:
            con.execute(f"CREATE TABLE duckmark.{name} (x INTEGER)")
        with earlier(con, splits(con, "folds", 5)[0]) as apart:
            assert settings(apart) == settings(con)


def test_more_memory_means_larger_blocks(tmp_path):
    with duckdb.connect() as con:
        limit(con, "2GB", tmp_path)
        few = rows_at_once(con)
        limit(con, "16GB", tmp_path)
        assert few < rows_at_once(con) == pytest.approx(8 * few, rel=0.01)
        limit(con, None, tmp_path)
        assert machine() > 0
