"""How much memory a build may take, and what follows from it: DuckDB's limit and the size of blocks."""

from __future__ import annotations

import os
import re
from pathlib import Path

import duckdb

from duckmark.errors import ConfigError
from duckmark.sqltext import literal

UNITS = {"": 1, **{f"{name}{form}": size for name, size in zip("KMGT", (2**10, 2**20, 2**30, 2**40), strict=True)
         for form in ("", "B", "IB")}}  # fmt: skip
FRACTION = 0.75  # of the machine's memory, unless told
LEAST = 2**30
TO_DUCKDB = 0.5  # of what a build may take; the rest is for the models' arrays
FEWEST_ROWS = 100_000
PER_ROW = 512  # bytes that a row of a user's history takes on its way through Arrow and numpy, at most


def read_memory(text: str) -> int:
    """Bytes of a text such as ``8GB``; a unit is a power of 1,024. Raises ConfigError on any other, and below 1 GiB."""
    size = _bytes(text)
    if size is None:
        raise ConfigError(f"memory {text}: expected a size such as 8GB")
    if size < LEAST:
        raise ConfigError(f"memory {text}: a build needs at least 1GB")
    return size


def _bytes(text: str) -> int | None:
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*", str(text))
    unit = UNITS.get(found[2].upper()) if found else None
    return None if unit is None else int(float(found[1]) * unit)


def machine() -> int:
    """Bytes of memory that this process may use: of the machine, or of the control group it runs in."""
    sizes = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")] if hasattr(os, "sysconf") else []
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            sizes.append(int(Path(path).read_text(encoding="ascii")))
        except (OSError, ValueError):
            continue
    return min(sizes, default=8 * 2**30)


def limit(con: duckdb.DuckDBPyConnection, memory: str | None, spill: Path) -> None:
    """Hold DuckDB to its part of ``memory`` (by default three quarters of the machine's) and have it spill into the
    folder ``spill``."""
    allowed = read_memory(memory) if memory else int(FRACTION * machine())
    con.execute(f"SET memory_limit = '{int(allowed * TO_DUCKDB)}B'; SET temp_directory = {literal(str(spill))}")


def limited_to(con: duckdb.DuckDBPyConnection) -> int:
    """Bytes that DuckDB may take in a connection."""
    return _bytes(con.execute("SELECT current_setting('memory_limit')").fetchall()[0][0]) or LEAST


def allow(con: duckdb.DuckDBPyConnection, size: int) -> None:
    """Hold DuckDB to so many bytes in a connection."""
    con.execute(f"SET memory_limit = '{size}B'")


def spill_folder(con: duckdb.DuckDBPyConnection) -> Path:
    """The folder that DuckDB spills into, made where there is none yet."""
    folder = Path(con.execute("SELECT current_setting('temp_directory')").fetchall()[0][0])
    folder.mkdir(exist_ok=True)
    return folder


def limit_alike(con: duckdb.DuckDBPyConnection, other: duckdb.DuckDBPyConnection) -> None:
    """Give ``con`` the limits of ``other``."""
    memory, spill = other.execute(
        "SELECT current_setting('memory_limit'), current_setting('temp_directory')"
    ).fetchall()[0]
    con.execute(f"SET memory_limit = {literal(memory)}; SET temp_directory = {literal(spill)}")


def events_at_once(con: duckdb.DuckDBPyConnection) -> int:
    """Of how many events of users to make a table at once in a connection with a limit."""
    return max(FEWEST_ROWS, limited_to(con) // PER_ROW)


def rows_at_once(con: duckdb.DuckDBPyConnection) -> int:
    """How many rows of users' histories to hold at once in a connection with a limit."""
    return max(FEWEST_ROWS, limited_to(con) // PER_ROW // 4)
