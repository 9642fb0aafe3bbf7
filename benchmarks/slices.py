"""What may be chosen on: the events of a file before those that its hold-out check tests on."""

from __future__ import annotations

import duckdb

from duckmark.evaluation.splits import splits
from duckmark.evaluation.trial import TABLES


def before_split(path: str) -> duckdb.DuckDBPyConnection:
    """The file's tables without the events its hold-out check tests on."""
    con = duckdb.connect()
    con.execute("CREATE SCHEMA duckmark")
    with duckdb.connect(path, read_only=True) as built:
        split_at = splits(built, "time", 5)[0].split_at
        for name in TABLES:
            earlier = "happened_at < $split_at" if name in ("events", "reviews") else "$split_at IS NOT NULL"
            rows = built.sql(f"FROM duckmark.{name} WHERE {earlier}", params={"split_at": split_at}).to_arrow_table()
            con.register("_part", rows)
            con.execute(f"CREATE TABLE duckmark.{name} AS FROM _part")
            con.unregister("_part")
    return con
