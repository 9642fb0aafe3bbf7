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
FEW = 10_000


def compressions(step: SqlStep, path) -> dict[str, list[str]]:
    """How the step's table is compressed in a file, by the type of what is."""
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{path / 'x.duckdb'}' AS x (STORAGE_VERSION 'v1.0.0'); USE x")
        pipeline.create(con, step)
        con.execute("CHECKPOINT")
        info = f"FROM pragma_storage_info('{step.name}') WHERE row_group_id = 0 GROUP BY segment_type"
        return dict(con.execute(f"SELECT segment_type, list(DISTINCT compression) {info}").fetchall())


@pytest.mark.parametrize(
    ("note", "rows", "of_vectors", "of_ids"),
    [
        ("-- uncompressed", ROWS, "Uncompressed", "Uncompressed"),
        ("-- uncompressed", FEW, "Uncompressed", "Uncompressed"),
        ("-- dictionary", ROWS, "ALP", "Dictionary"),
        ("-- dictionary", FEW, "ALP", "Dictionary"),
        ("-- Not so.", ROWS, "ALP", "FSST"),
    ],
)
def test_a_table_is_compressed_as_it_says(tmp_path, note, rows, of_vectors, of_ids):
    query = f"SELECT 'U' || x AS id, [sin(x)]::FLOAT[] AS vector FROM range({rows}) AS r (x)"
    step = parse_step(f"-- A vector.\n{note}\nCREATE TABLE made AS\n{query};", "made.sql", "profile")
    assert step.summary.startswith("A vector.")
    found = compressions(step, tmp_path)
    assert found["VARCHAR"] == [of_ids]
    assert found["FLOAT"][0].startswith(of_vectors)


def test_a_settled_macro_is_stored_as_what_it_comes_to():
    """A constant, by which `query_table` chooses; made anew, it is that of the table as it is then."""
    body = "(SELECT max(x) > 1 FROM t)"
    step = parse_step(f"-- Whether.\n-- settled\nCREATE MACRO are_many() AS {body};", "many.sql", "profile")
    assert step.summary == "Whether."
    chosen = "FROM query_table(CASE WHEN are_many() THEN 'many' ELSE 'few' END)"
    with duckdb.connect() as con:
        con.execute("CREATE TABLE t AS SELECT 1 AS x; CREATE VIEW many AS SELECT 2; CREATE VIEW few AS SELECT 1")
        pipeline.create(con, step)
        con.execute("INSERT INTO t VALUES (2)")
        assert con.sql(chosen).fetchall() == [(1,)]
        pipeline.replace(con, step)
        assert con.sql(chosen).fetchall() == [(2,)]


PARTED = [step for step in plan().steps if isinstance(step, SqlStep) and step.parts]


@pytest.mark.parametrize("step", PARTED, ids=lambda step: step.name)
def test_made_a_range_of_users_at_a_time_a_table_is_the_same(step, shop_file, tmp_path, monkeypatch):
    with duckmark.connect(shutil.copy(shop_file, tmp_path / "shop.duckdb")) as con:
        users = con.sql(f"SELECT count(DISTINCT user_id) FROM {step.name}").fetchall()[0][0]
        whole = con.sql(f"FROM {step.name}").to_arrow_table()
        con.execute(f"DROP TABLE {step.name}")
        monkeypatch.setattr(pipeline, "events_at_once", lambda con: 100)
        assert 1 < len(list(pipeline.queries(con, step))) < users
        pipeline.create(con, step)
        assert con.sql(f"FROM {step.name}").to_arrow_table().equals(whole)
        made = con.sql("SELECT comment FROM duckdb_tables() WHERE table_name = ?", params=[step.name.split(".")[1]])
        assert made.fetchall() == [(step.summary,)]


@pytest.mark.parametrize(("listed", "kind"), [("[1, 2, 3]", "FLOAT[3]"), ("NULL", "FLOAT[1]")])
def test_a_macro_of_arrays_makes_them_as_long_as_the_lists_it_names(listed, kind):
    made = "CREATE MACRO as_array(x) AS CAST(x AS FLOAT[1]);"
    step = parse_step(f"-- An array.\n-- length: t.v\n{made}", "a.sql", "profile")
    assert (step.summary, "t" in step.reads) == ("An array.", True)
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE t (v FLOAT[]); INSERT INTO t VALUES (NULL), ({listed})")
        pipeline.create(con, step)
        query = "SELECT DISTINCT typeof(as_array(v)), bool_and(as_array(v) = v) FROM t GROUP BY ALL"
        assert con.sql(query).fetchall() == [(kind, None if listed == "NULL" else True)]
