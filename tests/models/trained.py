"""What a model gave, whether at once or in blocks."""

from __future__ import annotations

import pyarrow as pa

from duckmark.steps import Trained


def table_of(trained: Trained, name: str) -> pa.Table:
    """All rows of one of its tables; without columns where there are none."""
    parts = [tables[name] for tables in (trained.tables, *trained.blocks) if name in tables]
    return pa.concat_tables(parts) if parts else pa.table({})
