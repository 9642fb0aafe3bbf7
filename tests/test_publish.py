"""A file is replaced as a whole or not at all."""

import dataclasses
import os
import signal
import stat
import subprocess
import sys
from functools import partial
from pathlib import Path

import duckdb
import pyarrow.parquet
import pytest

import duckmark
from duckmark import publish, sqlfiles
from duckmark.errors import DatabaseError, PublishError, SourceError
from duckmark.pipeline import Reporter
from tests.processes import HOLDER, answer, process
from tests.shop import OPTIONS, event_rows, events

NOT_ASKED = {"evaluate": False, **OPTIONS}
NEW = events(event_rows()[:60])
COUNT = "SELECT count(*) FROM duckmark.raw_events"

# Builds until the interactions are made, says so, and waits to be killed.
HALF_A_BUILD = """
import sys
import duckmark
from duckmark.pipeline import Reporter

class Stop(Reporter):
    def done(self, step):
        if step.name == "duckmark.interactions":
            print("half-way", flush=True)
            sys.stdin.read()

duckmark.build(sys.argv[1], events=sys.argv[2], options={"evaluate": False, "dimensions": 16}, reporter=Stop())
"""


@pytest.fixture
def path(tmp_path, small_bytes) -> Path:
    """A published file, alone in its folder."""
    (tmp_path / "shop").mkdir()
    path = tmp_path / "shop" / "shop.duckdb"
    path.write_bytes(small_bytes)
    return path


def count(path: Path) -> int:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(COUNT).fetchall()[0][0]


def rebuild(path: Path, **given: object) -> None:
    duckmark.build(path, **{"events": NEW, "options": NOT_ASKED, **given})


class Fail(Reporter):
    def __init__(self, error: type[BaseException]) -> None:
        self.error = error

    def done(self, step: object) -> None:
        if step.name == "duckmark.interactions":
            raise self.error("half-way")


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_failing_build_leaves_the_old_file_and_no_litter(path, small_bytes, fingerprint, error):
    with pytest.raises(error, match="half-way"):
        rebuild(path, reporter=Fail(error))
    assert fingerprint(path.parent) == {path.name: small_bytes}


def test_a_first_build_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError):
        rebuild(tmp_path / "new.duckdb", reporter=Fail(RuntimeError))
    assert list(tmp_path.iterdir()) == []


def test_a_killed_build_leaves_the_old_file_and_the_next_one_cleans_up(path, small_bytes, tmp_path, fingerprint):
    source = tmp_path / "events.parquet"
    pyarrow.parquet.write_table(NEW, source)
    with process(HALF_A_BUILD, path, source) as building:
        with pytest.raises(DatabaseError, match="another build of it is running"):
            rebuild(path)
        building.send_signal(signal.SIGKILL)
        assert building.wait() == -signal.SIGKILL
    assert path.read_bytes() == small_bytes
    spilt = path.with_name(path.name + publish.SPILL)
    (spilt / "of another").mkdir(exist_ok=True)
    assert len(list(path.parent.iterdir())) > 2
    assert count(path) == 40
    with pytest.raises(SourceError):
        rebuild(path, events="nowhere.csv")  # clears up too
    assert fingerprint(path.parent) == {path.name: small_bytes}
    rebuild(path)
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert count(path) == 60


def test_a_reader_in_another_process_keeps_the_old_data(path):
    with process(HOLDER, path, "read") as reader:
        assert answer(reader, COUNT) == "[(40,)]"
        rebuild(path)
        assert answer(reader, COUNT) == "[(40,)]"
        assert count(path) == 60
        assert "guitar" in answer(reader, "SELECT keywords FROM product_profiles WHERE product_id = '00100'")


def test_a_reader_in_the_same_process_keeps_the_old_data(path):
    with duckmark.connect(path, read_only=True) as reader:
        assert reader.execute(COUNT).fetchall() == [(40,)]
        rebuild(path)
        assert reader.execute(COUNT).fetchall() == [(40,)]
    assert count(path) == 60


def test_a_writer_in_another_process_is_named(path, small_bytes):
    with process(HOLDER, path, "write") as writer:
        with pytest.raises(DatabaseError, match=f"process {writer.pid} has it open; close it there"):
            rebuild(path)
        with pytest.raises(DatabaseError, match=f"process {writer.pid}"):
            duckmark.refresh(path, events=NEW)
    assert path.read_bytes() == small_bytes


def test_a_writer_in_the_same_process_is_told_to_close(path, small_bytes):
    with duckdb.connect(str(path)), pytest.raises(DatabaseError, match="close it"):
        rebuild(path)
    assert path.read_bytes() == small_bytes


@pytest.mark.parametrize("change", [rebuild, partial(duckmark.refresh, events=NEW)])
def test_what_a_client_wrote_before_it_died_is_in_the_file_once(path, change):
    """It stands in a log beside the file, which the next one that opens the file would write into it again."""
    with process(HOLDER, path, "write") as client:
        answer(client, "CREATE TABLE mine AS SELECT 1 AS x")
    with process(HOLDER, path, "write") as client:
        answer(client, "INSERT INTO mine VALUES (2)")
    assert [p.name for p in sorted(path.parent.iterdir())] == [path.name, f"{path.name}.wal"]
    change(path)
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    with duckdb.connect(str(path), read_only=True) as con:
        assert con.execute("FROM mine ORDER BY x").fetchall() == [(1,), (2,)]


def test_nobody_comes_between_the_check_and_the_swap(path, small_bytes, monkeypatch):
    """A writer would lose what it wrote, and another build would take the checked file for a leftover."""
    writer = [sys.executable, "-c", "import sys, duckdb; duckdb.connect(sys.argv[1]).close()"]
    refusals = []

    def meanwhile(checking: subprocess.Popen[str], side: Path, names: None) -> None:
        for target in (path, side):
            done = subprocess.run([*writer, target], capture_output=True, text=True, check=False)
            refusals.append("Could not set lock" in done.stderr)

    monkeypatch.setattr(publish, "_ask", meanwhile)
    rebuild(path)
    assert refusals == [True, True]
    assert path.read_bytes() != small_bytes
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["shop.duckdb", "clocks.duckdb"])
@pytest.mark.parametrize("content", [b"x", b"not a database, but long enough " * 500, b"PK\x03\x04" * 4000])
def test_a_file_that_is_no_database_stays(tmp_path, fingerprint, content, name):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DatabaseError, match="not a DuckDB file"):
        rebuild(path)
    assert fingerprint(tmp_path) == {path.name: content}


@pytest.mark.parametrize("name", ["shop.csv", "shop.csv.gz", "shop.json", "shop.parquet"])
def test_a_file_that_duckdb_would_read_as_a_table_stays(tmp_path, fingerprint, name):
    path = tmp_path / name
    path.write_text("user_id,product_id\n1,2\n")
    for change in (rebuild, partial(duckmark.refresh, events=NEW)):
        with pytest.raises(DatabaseError, match="not a DuckDB file"):
            change(path)
    assert fingerprint(tmp_path) == {name: b"user_id,product_id\n1,2\n"}


def test_a_file_of_sqlite_stays_without_a_look_for_an_extension(tmp_path, fingerprint):
    path = tmp_path / "shop.db"
    path.write_bytes(content := b"SQLite format 3\0".ljust(4096, b"\0"))
    with pytest.raises(DatabaseError, match="not a DuckDB file"):
        rebuild(path)
    assert fingerprint(tmp_path) == {path.name: content}


def test_a_truncated_database_stays(path, small_bytes, fingerprint):
    path.write_bytes(small_bytes[: len(small_bytes) // 3])
    with pytest.raises(DatabaseError):
        rebuild(path)
    assert fingerprint(path.parent) == {path.name: small_bytes[: len(small_bytes) // 3]}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_that_cannot_be_written(path, small_bytes):
    path.parent.chmod(0o500)
    try:
        for target in (path, path.with_name("new.duckdb")):
            with pytest.raises(DatabaseError, match="cannot write beside it: Permission denied"):
                rebuild(target)
    finally:
        path.parent.chmod(0o700)
    assert path.read_bytes() == small_bytes


@pytest.mark.parametrize(
    "error",
    [
        duckdb.IOException('IO Error: Cannot open file "/clocks/new.duckdb.duckmark-build": Permission denied'),
        PermissionError(13, "Permission denied"),
    ],
)
def test_what_cannot_be_written_is_told_alike_whether_duckdb_or_python_says_so(
    path, small_bytes, fingerprint, monkeypatch, error
):
    def refuse(*given: object) -> None:
        raise error

    monkeypatch.setattr(publish, "_permit", refuse)
    with pytest.raises(DatabaseError, match="cannot write beside it: Permission denied; mend that"):
        rebuild(path)
    assert fingerprint(path.parent) == {path.name: small_bytes}


@pytest.mark.parametrize("change", [rebuild, partial(duckmark.refresh, events=NEW)])
@pytest.mark.parametrize(
    ("where", "error"),
    [
        ("_copy", OSError(28, "No space left on device")),
        ("_finish", duckdb.FatalException("FATAL Error: Checkpoint failed: No space left on device")),
    ],
)
def test_a_full_disk_is_said_in_a_line_and_what_was_written_is_gone(
    path, small_bytes, fingerprint, monkeypatch, change, where, error
):
    def fill(*given: object) -> None:
        path.with_name(path.name + publish.SUFFIX).write_bytes(b"as much as there was room for")
        raise error

    if where == "_copy" and change is rebuild:
        pytest.skip("a build copies nothing")
    monkeypatch.setattr(publish, where, fill)
    with pytest.raises(DatabaseError, match="cannot write beside it: No space left on device"):
        change(path)
    assert fingerprint(path.parent) == {path.name: small_bytes}


@pytest.mark.parametrize("mode", [0o600, 0o440])
@pytest.mark.parametrize("change", [rebuild, partial(duckmark.refresh, events=NEW)])
def test_who_may_read_a_file_stays_as_it_was(path, monkeypatch, change, mode):
    modes, finish = [], publish._finish
    monkeypatch.setattr(publish, "_finish", lambda con, side: modes.append(side.stat().st_mode) or finish(con, side))
    path.chmod(mode)
    change(path)
    assert [stat.S_IMODE(made) for made in (*modes, path.stat().st_mode)] == [mode | 0o600, mode]


@pytest.mark.parametrize("change", [rebuild, partial(duckmark.refresh, events=NEW)])
def test_of_a_link_the_file_that_it_leads_to_is_replaced(path, tmp_path, change):
    link = tmp_path / "link.duckdb"
    link.symlink_to(path)
    before = count(path)
    change(link)
    assert link.is_symlink()
    assert count(path) != before
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_file_with_a_broken_view_is_not_published(path, small_bytes, fingerprint, tmp_path):
    bodies = {
        "no_rows": "SELECT 1 AS x WHERE error('broken') IS NULL",
        "no_value": "SELECT CAST(user_id || 'x' AS INTEGER) AS number FROM user_profiles",
    }
    (tmp_path / "sql").mkdir()
    for name, body in bodies.items():
        (tmp_path / "sql" / f"{name}.sql").write_text(f"-- Broken.\nCREATE VIEW {name} AS {body};")
    with pytest.raises(PublishError, match=r"(?s)was not published.*no_rows.*no_value"):
        rebuild(path, sql=tmp_path / "sql")
    assert fingerprint(path.parent) == {path.name: small_bytes}


@pytest.mark.parametrize("error", [None, AttributeError, OSError])
def test_a_file_is_copied_whole_whatever_the_system_can(path, small_bytes, tmp_path, monkeypatch, error):
    def refuse(*given: object) -> int:
        raise error

    if error:
        monkeypatch.setattr(os, "copy_file_range", refuse, raising=False)
    monkeypatch.setattr(publish, "COPIED_AT_ONCE", 1000)
    publish._copy(path, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == small_bytes


def test_a_refresh_that_breaks_an_analysts_view_is_not_published(path, fingerprint, tmp_path):
    (tmp_path / "sql").mkdir()
    body = "SELECT CAST(CASE WHEN count(*) > 30 THEN 'too many' ELSE '1' END AS INTEGER) AS x FROM duckmark.events"
    (tmp_path / "sql" / "few.sql").write_text(f"-- Works with few events.\nCREATE VIEW few AS {body};")
    rebuild(path, events=NEW.slice(0, 30), sql=tmp_path / "sql")
    before = fingerprint(path.parent)
    with pytest.raises(PublishError, match=r"(?s)was not published.*too many"):
        duckmark.refresh(path, events=NEW)
    assert fingerprint(path.parent) == before


def test_what_a_refresh_asks(path, monkeypatch):
    """Where all tables have the columns that they had, what is stored answers; else all that reads them is asked."""
    asked = []
    monkeypatch.setattr(publish, "_ask", lambda checking, side, names: asked.append({n for n in names if "." not in n}))
    duckmark.refresh(path, events=NEW)
    scored = sqlfiles._packaged()["duckmark.scored_products"]
    texts = {name: getattr(scored, name).replace("SELECT", "SELECT 1 AS one,", 1) for name in ("statement", "body")}
    wider = dataclasses.replace(scored, **texts)
    monkeypatch.setitem(sqlfiles._packaged(), scored.name, wider)
    duckmark.refresh(path, events=events(event_rows()[60:80]))
    assert asked[0] == {"recommend"}
    assert {"recommend", "scores"} <= asked[1]
    assert "hot_issues" not in asked[1]


@pytest.mark.parametrize(
    "name",
    [
        "main", "memory", "system", "temp", "published", "information_schema", "pg_catalog",
        "Main", "MEMORY", "System", "Temp", "Published", "PG_catalog",
    ],
)  # fmt: skip
def test_a_file_may_have_a_name_that_duckdb_or_a_build_keeps_for_itself(tmp_path, monkeypatch, name):
    """The first time and when it is there already."""
    monkeypatch.setattr(publish, "_ask", lambda checking, side, names: None)
    path = tmp_path / f"{name}.duckdb"
    for times in (1, 2):
        with publish.side_file(path) as con:
            con.execute(f"CREATE TABLE made AS SELECT {times} AS times; CREATE VIEW seen AS FROM made")
        with duckdb.connect(str(path), read_only=True) as con:
            assert con.execute("FROM seen").fetchall() == [(times,)]
