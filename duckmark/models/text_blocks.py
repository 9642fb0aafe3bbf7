"""The shop's texts, read in blocks: all of them together may be more than memory or Arrow's 32-bit offsets hold."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa

MOST_BYTES = 1 << 28  # of the texts of a block
ROWS = 2_048  # read at once; DuckDB's own step


def text_blocks(con: duckdb.DuckDBPyConnection, query: str, most: int = MOST_BYTES) -> Iterator[pa.Table]:
    """The rows of a query, in tables whose column ``text`` has about ``most`` bytes each; a row is never divided.

    There is always a first one, without rows where the query has none. Nothing else may be asked of the connection
    until the last was taken.
    """
    rows = con.sql(query).to_arrow_reader(ROWS)
    block: list[pa.RecordBatch] = []
    size = 0
    for batch in rows:
        if size >= most:
            yield pa.Table.from_batches(block)
            block, size = [], 0
        block.append(batch)
        size += batch.column("text").nbytes
    yield pa.Table.from_batches(block, rows.schema)
