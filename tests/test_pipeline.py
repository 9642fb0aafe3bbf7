"""What the pipeline makes of a step, beyond what the whole build shows."""

import shutil

import duckdb
import pytest

import duckmark
from duckmark import pipeline
from duckmark.plan import plan
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


PARTED = [step for step in plan().steps if isinstance(step, SqlStep) and step.parts]


@pytest.mark.parametrize("step", PARTED, ids=lambda step: step.name)
def test_made_a_range_of_users_at_a_time_a_table_is_the_same(step, shop_file, tmp_path, monkeypatch):
    with duckmark.connect(shutil.copy(shop_file, tmp_path / "shop.duckdb")) as con:
        users = con.sql(f"SELECT count(DISTINCT user_id) FROM {step.name}").fetchall()[0][0]
        whole = con.sql(f"FROM {step.name}").to_arrow_table()
        con.execute(f"DROP TABLE {step.name}")
        monkeypatch.setattr(pipeline, "events_at_once", lambda con: 100)
        assert 1 < len(list(pipeline.statements(con, step))) < users
        pipeline.create(con, step)
        assert con.sql(f"FROM {step.name}").to_arrow_table().equals(whole)
        made = con.sql("SELECT comment FROM duckdb_tables() WHERE table_name = ?", params=[step.name.split(".")[1]])
        assert made.fetchall() == [(step.summary,)]
