"""The results file: a row a measurement, with machine, versions and commit. What it holds is told in results.sql."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import duckdb

from duckmark.kernels.blocks import cores
from duckmark.sqltext import literal

FOLDER = Path(__file__).parent
ALWAYS = ("duckdb", "numpy", "pyarrow")


class Row(NamedTuple):
    """One measurement of one contender, in the unit that ``measure`` names: "seconds", "MiB", "p95 ms", "NDCG@10".

    ``size`` is the number of what grows in the benchmark (events, products, queries), where something does. ``run``
    counts repetitions from 0; the report takes the median over them. The contender ``duckmark`` is what all the others
    are compared with.
    """

    case: str
    size: int | None
    contender: str
    measure: str
    value: float
    run: int = 0


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The results file, made where there is none, in a form that DuckDB 1.x reads too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute(f"ATTACH {literal(str(path))} AS file (STORAGE_VERSION 'v1.0.0'); USE file")
        con.execute((FOLDER / "results.sql").read_text(encoding="utf-8"))
        yield con


def record(path: Path, benchmark: str, command: str, packages: Sequence[str], rows: Iterable[Row]) -> int:
    """Store ``rows`` of a benchmark as they come, so that none is lost when a later one fails: how many they were."""
    number = -1
    for number, row in enumerate(rows):
        # Opened only for as long as it takes: a long run does not lock out who wants to look.
        with opened(path) as con:
            if number == 0:
                run_id = _begin(con, benchmark, command, packages)
            con.execute("INSERT INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", [run_id, number, benchmark, *row])
    return number + 1


def forget(path: Path, benchmark: str) -> None:
    """Drop what was measured of a benchmark before."""
    with opened(path) as con:
        con.execute("DELETE FROM results WHERE benchmark = ?", [benchmark])
        con.execute("DELETE FROM runs WHERE benchmark = ?", [benchmark])


def _begin(con: duckdb.DuckDBPyConnection, benchmark: str, command: str, packages: Sequence[str]) -> int:
    run_id = con.execute("SELECT coalesce(max(run_id), 0) + 1 FROM runs").fetchall()[0][0]
    about = {
        "run_id": run_id,
        "benchmark": benchmark,
        "command": command,
        "measured_at": datetime.now(UTC).replace(tzinfo=None),
        "commit": commit(),
        **machine(),
        "versions": versions([*ALWAYS, *packages]),
    }
    con.execute(f"INSERT INTO runs BY NAME SELECT {', '.join(f'${name} AS {name}' for name in about)}", about)
    return run_id


def machine() -> dict[str, object]:
    """What it runs on; no name of the host."""
    return {
        "cores": cores(),
        "processor": _processor(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Of those packages that are installed."""
    found = {}
    for package in dict.fromkeys(packages):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def commit() -> str | None:
    """The short name of the commit, with a + where tracked files were changed since; None outside a repository."""
    try:
        name, changed = (
            subprocess.run(
                ["git", "-C", str(FOLDER), *arguments], check=True, capture_output=True, text=True
            ).stdout.strip()
            for arguments in (["rev-parse", "--short", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return name + ("+" if changed else "")
