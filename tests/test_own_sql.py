"""A file knows the analyst's SQL that it was built with: a refresh neither undoes it nor takes other SQL for it."""

from pathlib import Path

import duckdb
import pytest

import duckmark
from duckmark.errors import DatabaseError, EvaluationError
from tests.database import ask
from tests.shop import OPTIONS, START, event, event_rows, events

SEGMENTS = "CREATE TABLE duckmark.user_segments AS\nSELECT user_id, 1 AS recency_days, 'mine' AS segment FROM {};"
OWN = {
    "user_segments": SEGMENTS.format("duckmark.users"),
    "hot_issues": "CREATE VIEW hot_issues AS SELECT 'none' AS issue;",
    "mine": "CREATE TABLE mine AS SELECT count(*) AS users FROM duckmark.users;",
}
NEW = events([event("new", "00100", "purchase", at=START)])


def folder(path: Path, files: dict[str, str], comment: str = "Mine.") -> Path:
    path.mkdir()
    for name, text in files.items():
        (path / f"{name}.sql").write_text(f"-- {comment}\n{text}\n")
    return path


def built(path: Path, sql: Path) -> Path:
    duckmark.build(path, events=events(event_rows()[:40]), sql=sql, options={**OPTIONS, "evaluate": False})
    return path


@pytest.fixture(scope="module")
def built_bytes(tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("own")
    return built(path / "shop.duckdb", folder(path / "sql", OWN)).read_bytes()


@pytest.fixture
def own_file(built_bytes, tmp_path) -> Path:
    path = tmp_path / "shop.duckdb"
    path.write_bytes(built_bytes)
    return path


def evaluated(path: Path, sql: Path | None = None) -> None:
    duckmark.evaluate(path, sql=sql)


def refreshed(path: Path, sql: Path | None = None) -> None:
    duckmark.refresh(path, events=NEW, sql=sql)


@pytest.mark.parametrize("call", [refreshed, evaluated])
def test_what_was_replaced_is_wanted_again(own_file, tmp_path, fingerprint, call):
    before = fingerprint(tmp_path)
    with pytest.raises(
        DatabaseError, match=r"in place of .*\(duckmark.user_segments, hot_issues\).*--sql FOLDER.*sql="
    ):
        call(own_file)
    assert fingerprint(tmp_path) == before


def test_the_same_sql_is_refreshed_whatever_is_said_of_it(own_file, tmp_path):
    refreshed(own_file, folder(tmp_path / "sql", OWN, "Said otherwise."))
    assert ask(own_file, "SELECT DISTINCT segment FROM duckmark.user_segments WHERE user_id = 'new'") == [("mine",)]
    assert ask(own_file, "SELECT users = (SELECT count(*) FROM duckmark.users) FROM mine") == [(True,)]
    assert ask(own_file, "FROM hot_issues") == [("none",)]


@pytest.mark.parametrize("call", [refreshed, evaluated])
@pytest.mark.parametrize(
    ("files", "other"),
    [
        ({**OWN, "user_segments": SEGMENTS.format("duckmark.users ORDER BY ALL")}, "duckmark.user_segments"),
        (
            {**OWN, "user_segments": SEGMENTS.format("duckmark.users").replace("TABLE", "VIEW")},
            "duckmark.user_segments",
        ),
        ({**OWN, "v": "CREATE VIEW v AS SELECT 1 AS x;", "t": "CREATE TABLE t AS SELECT 1 AS x;"}, "t, v"),
        ({**OWN, "m": "CREATE MACRO m() AS 1;"}, "m"),
        ({"user_segments": OWN["user_segments"]}, "hot_issues, mine"),
    ],
)
def test_other_sql_than_that_of_the_build_is_refused(own_file, tmp_path, fingerprint, call, files, other):
    before = fingerprint(tmp_path)
    with pytest.raises(
        DatabaseError, match=f"other SQL than {tmp_path / 'sql'} holds: {other}; .* build the file anew"
    ):
        call(own_file, folder(tmp_path / "sql", files))
    assert fingerprint(tmp_path) == before


def test_evaluated_with_the_same_sql(own_file, tmp_path):
    with pytest.raises(EvaluationError):  # the shop is too small, and this is found after the SQL
        evaluated(own_file, folder(tmp_path / "sql", OWN))


def test_what_replaces_nothing_stays_as_it_is_without_the_folder(tmp_path):
    path = built(tmp_path / "shop.duckdb", folder(tmp_path / "sql", {"mine": OWN["mine"]}))
    before = ask(path, "FROM mine")
    refreshed(path)
    assert ask(path, "FROM mine") == before
    assert ask(path, "SELECT count(*) FROM duckmark.user_segments WHERE user_id = 'new'") == [(1,)]


def test_a_file_without_own_sql_takes_in_none(small_bytes, tmp_path):
    path = tmp_path / "shop.duckdb"
    path.write_bytes(small_bytes)
    with pytest.raises(DatabaseError, match=r"holds: duckmark.user_segments, hot_issues, mine; "):
        refreshed(path, folder(tmp_path / "sql", OWN))


def test_a_file_that_does_not_say_is_refreshed(own_file):
    with duckdb.connect(str(own_file)) as con:
        con.execute("DELETE FROM duckmark.settings WHERE name = 'sql'")
    refreshed(own_file)
    assert ask(own_file, "SELECT count(*) FROM duckmark.user_segments WHERE user_id = 'new'") == [(1,)]
