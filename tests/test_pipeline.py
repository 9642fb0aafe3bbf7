"""What the pipeline makes of a step, beyond what the whole build shows."""

import duckdb

from duckmark import pipeline
from duckmark.sqlfiles import parse_step
from duckmark.steps import SqlStep

ROWS = 200_000  # more than one row group: these are written when the table is made


def vectors(name: str, note: str) -> SqlStep:
    query = f"SELECT [sin(x)]::FLOAT[] AS vector FROM range({ROWS}) AS r (x)"
    return parse_step(f"-- A vector.\n{note}\nCREATE TABLE {name} AS\n{query};", f"{name}.sql", "profile")


def test_a_table_is_written_uncompressed_where_it_says_so(tmp_path):
    scanned, other = vectors("scanned", "-- uncompressed"), vectors("other", "-- Not so.")
    assert scanned.uncompressed
    assert scanned.summary == "A vector."
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{tmp_path / 'x.duckdb'}' AS x (STORAGE_VERSION 'v1.0.0'); USE x")
        for step in (scanned, other):
            pipeline.create(con, step)
        con.execute("CHECKPOINT")
        found = {
            step.name: {
                kind
                for (kind,) in con.execute(
                    f"SELECT compression FROM pragma_storage_info('{step.name}') "
                    "WHERE segment_type = 'FLOAT' AND row_group_id = 0"
                ).fetchall()
            }
            for step in (scanned, other)
        }
    assert found["scanned"] == {"Uncompressed"}
    assert found["other"].isdisjoint({"Uncompressed"})
