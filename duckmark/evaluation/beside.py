"""A trial in a process of its own, beside the build that it belongs to: two cores have work at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa

from duckmark import memory, pipeline
from duckmark.connection import silent
from duckmark.elsewhere import Call
from duckmark.evaluation.splits import Split
from duckmark.evaluation.trial import divide
from duckmark.kernels.blocks import cores
from duckmark.sqltext import literal

FEWEST_EVENTS = 50_000  # of fewer the trial takes hardly longer than the process to start
LEAST = 2 * 2**30  # bytes that DuckDB may take, for the trial to get a quarter of it
SHOP, LATER = "shop.duckdb", "later"


def is_worth_it(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether there is a core for the trial, memory for two, and enough to do."""
    events = con.execute("SELECT count(*) FROM duckmark.events").fetchall()[0][0]
    return cores() > 1 and events >= FEWEST_EVENTS and memory.limited_to(con) >= LEAST


@contextmanager
def begun(
    con: duckdb.DuckDBPyConnection, split: Split, work: Callable[[duckdb.DuckDBPyConnection, pa.Table], Any]
) -> Iterator[Callable[[], Any]]:
    """``work`` on what ``split`` leaves of the shop in ``con`` and what it holds out, begun in a process of its own.

    Gives what waits for its answer. The trial gets a quarter of the memory that DuckDB may take.
    """
    allowed = memory.limited_to(con)
    with TemporaryDirectory(dir=memory.spill_folder(con)) as folder:
        shop = Path(folder) / SHOP
        with silent(shop) as apart:
            apart.execute("CREATE SCHEMA duckmark")
            pipeline.store(apart, LATER, divide(con, apart, split))
        memory.allow(con, allowed - allowed // 4)
        try:
            with Call(Path(folder), _work, shop, allowed // 4, work) as call:
                yield call.answer
        finally:
            memory.allow(con, allowed)


def _work(shop: Path, allowed: int, work: Callable[[duckdb.DuckDBPyConnection, pa.Table], Any]) -> Any:
    with silent() as con:
        memory.allow(con, allowed)
        con.execute(f"SET temp_directory = {literal(str(shop.with_name('spill')))}")
        con.execute(f"ATTACH {literal(str(shop))} AS given (READ_ONLY)")
        con.execute("COPY FROM DATABASE given TO memory; DETACH given")
        later = con.sql(f"FROM {LATER}").to_arrow_table()
        con.execute(f"DROP TABLE {LATER}")
        return work(con, later)
