"""Which paths a file can be made at, or was."""

from __future__ import annotations

from pathlib import Path

from duckmark.errors import DatabaseError


def existing(path: str | Path) -> Path:
    """``path`` as a Path. Raises DatabaseError where there is no such file."""
    if not Path(path).exists():
        raise DatabaseError(f"{path}: no such file; make it with `duckmark build {path} --events ...`")
    return Path(path)


def makeable(path: Path) -> None:
    """Raise DatabaseError where no file can be made of this name."""
    if path.is_dir():  # as is all without a name: nothing, `.` and `/`
        raise DatabaseError(f"{path}: a directory; give the path of a DuckDB file in it")
    if not path.parent.is_dir():
        raise DatabaseError(f"{path}: there is no directory {path.parent}; make it first")
    if path.name.split(".")[0].lower() == "duckmark":  # DuckDB would name the database as our schema
        raise DatabaseError(f"{path}: duckmark's own tables are in a schema of that name; give the file another")
