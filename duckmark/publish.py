"""A new file is made beside the old one, checked in a process of its own, and put in its place in one move."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from importlib.resources import as_file, files
from pathlib import Path

import duckdb

from duckmark import __version__, memory
from duckmark.alone import alone
from duckmark.connection import silent
from duckmark.errors import DatabaseError, PublishError
from duckmark.functions import functions
from duckmark.paths import makeable
from duckmark.sqltext import identifier, literal
from duckmark.storage import SETTINGS, STORAGE

SUFFIX = ".duckmark-build"
COPIED_AT_ONCE = 1 << 30
SPILL = ".duckmark-tmp"  # folder for what DuckDB spills
FULL = "No space left on device"
# Names that the side database cannot have, however they are written.
RESERVED = ("main", "memory", "system", "temp", "information_schema", "pg_catalog", "published")


@contextmanager
def side_file(
    path: Path, allowed: str | None = None, copied: bool = False, asked: Collection[str] | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection whose current database is a new file beside ``path``, or a copy of what duckmark built there; on
    leaving it, ``path`` is that file.

    The build is held to the memory ``allowed`` (such as 8GB), by default three quarters of the machine's, and spills
    beside ``path``. Where ``path`` exists it is attached read-only as ``published``. An error, or a file that fails its
    check, leaves ``path`` as it was; ``asked`` names the views, macros and functions to be checked, by default all.
    Raises DatabaseError where ``path`` is locked, no DuckDB file or not writable, and PublishError where the new file
    does not answer.
    """
    path = path.resolve() if path.is_symlink() else path  # what it leads to is replaced, not the link
    makeable(path)
    side, spill = path.with_name(path.name + SUFFIX), path.with_name(path.name + SPILL)
    with alone(path):
        con = silent()
        try:
            _clear(path, side, spill)
            spill.mkdir(0o700)
            memory.limit(con, allowed, spill)
            con.execute(SETTINGS)
            _attach_published(con, path)
            if copied:
                _require_built(con, path)
            _attach_side(con, path, side, copied)
            with _checker() as checking:
                yield con
                _finish(con, side)
                _ask(checking, side, asked)
            if path.exists():
                shutil.copymode(path, side)
            os.replace(side, path)
        except (duckdb.Error, OSError) as error:
            if FULL in str(error):
                raise DatabaseError.writing(path, FULL) from None
            raise
        finally:
            con.close()
            _clear(path, side, spill)


def _finish(con: duckdb.DuckDBPyConnection, side: Path) -> None:
    """Write the side file out, and keep it and the published one open for reading.

    So nobody writes into what is about to be published, or replaced.
    """
    name = con.execute("SELECT current_database()").fetchall()[0][0]
    con.execute(
        f"CHECKPOINT; USE memory; DETACH {identifier(name)}; ATTACH {literal(str(side))} AS finished (READ_ONLY)"
    )


def _require_built(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raise DatabaseError where this version of duckmark did not build the published file."""
    try:
        version = con.execute("SELECT value FROM published.duckmark.settings WHERE name = 'version'").fetchall()
    except duckdb.CatalogException:
        raise DatabaseError(
            f"{path}: not built by duckmark; make it with `duckmark build {path} --events ...`"
        ) from None
    if version != [(json.dumps(__version__),)]:
        raise DatabaseError(f"{path}: built by another version of duckmark than this one, {__version__}; build it anew")


@contextmanager
def _checker() -> Iterator[subprocess.Popen[str]]:
    """A fresh process without Python functions, which makes ready while the file is made, and waits for its path."""
    with as_file(files("duckmark").joinpath("check_file.py")) as script:
        command = [sys.executable, "-I", str(script)]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
            try:
                yield process
            finally:
                process.kill()


def _ask(checking: subprocess.Popen[str], path: Path, names: Collection[str] | None) -> None:
    """Ask the views, macros and functions of a file that have these ``names``, or all. Raises PublishError with what
    did not answer."""
    examples = {name: function.example for name, function in functions().items()}
    asked = {"path": str(path), "examples": examples, "names": None if names is None else sorted(names)}
    said = checking.communicate(json.dumps(asked))[1]
    if checking.returncode:
        raise PublishError(f"the new file did not pass its check and was not published:\n{said.strip()}")


def _attach_published(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    if path.exists():
        # Without the type, DuckDB takes a CSV, JSON or Parquet file for a view of it, and one of SQLite for a reason
        # to download an extension.
        attach = f"ATTACH {literal(str(path))} AS published (TYPE duckdb"
        try:
            if path.with_name(path.name + ".wal").exists():
                # What a client that died had written is in a log beside the file. There it would be missed by who
                # copies the file, and written once more into the one that replaces it.
                con.execute(f"{attach}); CHECKPOINT published; DETACH published")
            con.execute(f"{attach}, READ_ONLY)")
        except duckdb.Error as error:
            raise DatabaseError.opening(path, error) from None


def _attach_side(con: duckdb.DuckDBPyConnection, path: Path, side: Path, copied: bool) -> None:
    name = identifier(path.stem if path.stem.lower() not in RESERVED else "shop")
    try:
        if copied:
            _copy(path, side)
        con.execute(f"ATTACH {literal(str(side))} AS {name} ({STORAGE})")
        if path.exists():
            _permit(path, side)
    except duckdb.Error as error:
        if refused := re.search(r'Cannot open file ".*": (.+)', str(error)):
            raise DatabaseError.writing(path, refused[1]) from None
        raise DatabaseError.opening(path, error) from None
    except OSError as error:
        raise DatabaseError.writing(path, error.strerror) from None
    con.execute(f"USE {name}")


def _copy(path: Path, side: Path) -> None:
    """Copy a file, for the eyes of who may read it; where the file system can (XFS, Btrfs), the two share what neither
    changes, however much it is."""
    side.touch(0o600)
    _permit(path, side)
    try:
        with path.open("rb") as old, side.open("wb") as new:
            while os.copy_file_range(old.fileno(), new.fileno(), COPIED_AT_ONCE):
                pass
    except (AttributeError, OSError):  # another system than Linux, or a file system that cannot: copied as any file
        shutil.copyfile(path, side)


def _permit(path: Path, side: Path) -> None:
    """Give the side file to whom ``path`` belongs, as far as this process may, and let those read it who may read
    that; its owner may write it as long as it is made."""
    old, new = path.stat(), side.stat()
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        with suppress(PermissionError):
            os.chown(side, old.st_uid, old.st_gid)
    side.chmod(stat.S_IMODE(old.st_mode) | stat.S_IRUSR | stat.S_IWUSR)


def _clear(path: Path, side: Path, spill: Path) -> None:
    """Clear away what this run or one that was killed made beside ``path``. Raises DatabaseError where it may not."""
    try:
        for leftover in (side, side.with_name(side.name + ".wal")):
            leftover.unlink(missing_ok=True)
        shutil.rmtree(spill, ignore_errors=True)
    except OSError as error:
        raise DatabaseError.writing(path, error.strerror) from None
