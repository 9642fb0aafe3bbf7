"""Where a file can be made, and under which names."""

import duckdb
import pytest

import duckmark
from duckmark.errors import DatabaseError
from tests.shop import event_rows, events

NEW = events(event_rows()[:60])


def build(path):
    duckmark.build(path, events=NEW)


def test_a_directory(tmp_path):
    with pytest.raises(DatabaseError, match="a directory"):
        build(tmp_path)


@pytest.mark.parametrize("name", ["", ".", "/"])
def test_a_path_without_a_name(name):
    with pytest.raises(DatabaseError, match="a directory; give the path of a DuckDB file in it"):
        build(name)


def test_a_file_that_sql_could_not_tell_from_the_schema(tmp_path):
    with pytest.raises(DatabaseError, match="give the file another"):
        build(tmp_path / "duckmark.duckdb")
    assert list(tmp_path.iterdir()) == []


def test_no_such_directory(tmp_path):
    with pytest.raises(DatabaseError, match=r"there is no directory .*nowhere; make it first"):
        build(tmp_path / "nowhere" / "shop.duckdb")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["main.duckdb", "a.b.duckdb", "o'clock shop.db", "memory"])
def test_a_file_may_have_any_name(tmp_path, name, small_bytes):
    (tmp_path / name).write_bytes(small_bytes)
    duckmark.refresh(tmp_path / name, events=NEW)
    assert [p.name for p in tmp_path.iterdir()] == [name]
    with duckdb.connect(str(tmp_path / name), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM duckmark.raw_events").fetchall() == [(100,)]
