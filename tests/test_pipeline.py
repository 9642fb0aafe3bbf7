"""What the pipeline makes of a step, beyond what the whole build shows."""

import shutil

import duckdb
import pytest

import duckmark
from duckmark import pipeline
from duckmark.errors import PipelineError
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


def test_rows_are_found_by_the_primary_key_alone_whatever_the_file_is_called(tmp_path):
    """Those of a constant, and the few that another table leads to."""
    made = "CREATE TABLE made AS SELECT 'U' || x AS id, [x] AS list FROM range(40_000) AS r (x)"
    step = parse_step(f"-- A list.\n-- primary key: id\n{made};", "made.sql", "profile")
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{tmp_path / 'x.duckdb'}' AS x (STORAGE_VERSION 'v1.0.0'); USE x")
        pipeline.create(con, step)
        con.execute("CREATE TABLE few AS SELECT 'U' || 1000 * x AS id FROM range(40) AS r (x)")
    with duckdb.connect(tmp_path.joinpath("x.duckdb").rename(tmp_path / "y.duckdb"), read_only=True) as con:
        for query in ("FROM made WHERE id = 'U7'", "FROM made JOIN few USING (id)"):
            assert "Index Scan" in con.execute(f"EXPLAIN ANALYZE {query}").fetchall()[0][1]
        assert con.execute("SELECT list FROM made WHERE id = 'U7'").fetchall() == [([7],)]
        assert con.execute("SELECT count(*), sum(list[1]) FROM made JOIN few USING (id)").fetchall() == [(40, 780_000)]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("'U2', 'U1', 'U3', 'U2', 'U1'", "2 values of id stand more than once, such as U1"),
        ("'U1', NULL, 'U2', NULL", "2 rows have no id"),
        ("'U1', NULL, 'U1'", "1 values of id stand more than once, such as U1, and 1 rows have no id"),
    ],
)
def test_rows_that_no_primary_key_can_find_are_told(values, message):
    made = f"CREATE TABLE made AS SELECT unnest([{values}]) AS id"
    step = parse_step(f"-- A row.\n-- primary key: id\n{made};", "made.sql", "profile")
    match = rf"^made.sql:3: made: {message}; it is to have one row for each$"
    with duckdb.connect() as con, pytest.raises(PipelineError, match=match):
        pipeline.create(con, step)


def test_a_primary_key_that_is_no_column_is_told():
    step = parse_step("-- A row.\n-- primary key: no\nCREATE TABLE made AS SELECT 1 AS id;", "made.sql", "profile")
    with duckdb.connect() as con, pytest.raises(PipelineError, match=r"^made.sql:3: made: .*\"no\""):
        pipeline.create(con, step)


def test_a_settled_macro_is_stored_as_what_it_comes_to():
    """A constant, by which `query_table` chooses; made anew, it is that of the table as it is then."""
    body = "(SELECT max(x) > 1 FROM t) -- many"
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
