"""The functions in a Python connection: in front of the stored macros, for this connection, reading its file."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

import duckmark
from duckmark.errors import DatabaseError, ModelMissingError
from duckmark.resources import Resources

EMBED = "SELECT embed(title) FROM duckmark.products ORDER BY product_id"
SEARCH = (
    "SELECT * REPLACE (round(score, 6) AS score) FROM search_products((SELECT max(title) FROM duckmark.products), 3)"
)


@pytest.fixture
def calls_arrow(monkeypatch) -> Callable[[duckdb.DuckDBPyConnection, str], bool]:
    """Whether an Arrow function that needs a model runs for a query."""
    asked = []
    get = Resources.get
    monkeypatch.setattr(Resources, "get", lambda self, name: asked.append(name) or get(self, name))

    def calls(con: duckdb.DuckDBPyConnection, query: str) -> bool:
        asked.clear()
        con.sql(query).fetchall()
        return bool(asked)

    return calls


def test_functions_come_before_the_stored_macros(con, plain, calls_arrow):
    assert calls_arrow(con, EMBED)
    assert not calls_arrow(plain, EMBED)


def test_even_inside_stored_views_and_table_macros(con, plain, calls_arrow):
    for query in ("FROM duckmark.documents", SEARCH):
        assert calls_arrow(con, query)
        assert not calls_arrow(plain, query)
        query = f"SELECT COLUMNS(*)::VARCHAR FROM ({query}) ORDER BY ALL"
        assert con.sql(query).fetchall() == plain.sql(query).fetchall()


def test_functions_that_sql_does_faster_stay_sql(con):
    assert duckmark.functions()["cosine_sim"].native
    definition = "SELECT macro_definition FROM duckdb_functions() WHERE function_name = 'cosine_sim'"
    assert not any("_dm_" in text for (text,) in con.sql(definition).fetchall())


def test_a_read_only_file_stays_untouched(shop_file, con):
    with pytest.raises(duckdb.InvalidInputException, match="read-only"):
        con.execute("CREATE TABLE x AS SELECT 1")
    assert [p.name for p in shop_file.parent.iterdir()] == [shop_file.name]


def test_without_a_file_the_functions_that_need_no_model_work():
    with duckmark.connect() as con:
        row = con.sql("SELECT tokenize('The red guitar'), sentiment('great').compound > 0, cf_score([0.8], [4.5])")
        assert row.fetchall() == [(["red", "guitar"], True, pytest.approx(3.6))]


@pytest.mark.parametrize("call", ["embed('guitar')", "tfidf_profile(['guitar'])", "top_k([1.0], 'words', 1)"])
def test_a_missing_model_is_said_clearly(call):
    with duckmark.connect() as con, pytest.raises(duckdb.Error, match=r"holds no table duckmark\..*duckmark build"):
        con.sql(f"SELECT {call}").fetchall()


def test_a_missing_model_has_an_error_of_its_own(tmp_path):
    with (
        duckmark.connect(tmp_path / "new.duckdb") as con,
        pytest.raises(duckdb.Error, match=ModelMissingError.__name__),
    ):
        con.sql("SELECT embed('guitar')").fetchall()


SPACES = """
CREATE SCHEMA duckmark;
CREATE TABLE duckmark.vector_spaces AS
FROM (VALUES ('good', 'x', [1.0, 0.0]), ('ragged', 'y', [1.0, 0.0]), ('ragged', 'z', [1.0])) AS v (space, id, vector)
"""


def test_a_vector_space_is_not_read_before_it_is_asked_for():
    with duckmark.connect() as con:
        con.execute(SPACES)
        found = con.sql("SELECT top_k([2.0, 0.0], 'good', 1), top_k([2.0, 0.0], 'unheard of', 1)").fetchall()
        assert found == [([{"id": "x", "score": 1.0}], None)]
        with pytest.raises(duckdb.Error, match="vectors of 2 numbers expected, found one of 1"):
            con.sql("SELECT top_k([2.0, 0.0], 'ragged', 1)").fetchall()


def test_install_on_a_connection_that_is_there(shop_file, calls_arrow):
    with duckdb.connect(str(shop_file), read_only=True) as con:
        assert not calls_arrow(con, EMBED)
        duckmark.install(con)
        assert calls_arrow(con, EMBED)
        assert con.sql("SELECT embed('guitar') IS NOT NULL").fetchall() == [(True,)]


def test_install_on_an_attached_file_that_is_current(shop_file, calls_arrow):
    with duckdb.connect() as con:
        con.execute(f'ATTACH \'{shop_file}\' AS "my shop" (READ_ONLY); USE "my shop"')
        duckmark.install(con)
        assert calls_arrow(con, SEARCH)
        assert con.sql("SELECT count(*) FROM search_products('guitar', 3)").fetchall() == [(3,)]


def test_a_second_install_reads_the_models_anew(tmp_path):
    with duckmark.connect(tmp_path / "words.duckdb") as con:
        con.execute("CREATE SCHEMA duckmark")
        con.execute(
            "CREATE TABLE duckmark.terms AS SELECT 'red' AS term, 1.0::DOUBLE AS idf, [1.0, 0.0]::FLOAT[] AS vector"
        )
        assert con.sql("SELECT embed('red')").fetchall() == [([1.0, 0.0],)]
        con.execute("UPDATE duckmark.terms SET vector = [0.0, 1.0]")
        assert con.sql("SELECT embed('red')").fetchall() == [([1.0, 0.0],)]
        duckmark.install(con)
        assert con.sql("SELECT embed('red')").fetchall() == [([0.0, 1.0],)]


def test_two_connections_to_one_file(shop_file, con):
    with duckmark.connect(shop_file, read_only=True) as other:
        assert con.sql("SELECT embed('guitar')").fetchall() == other.sql("SELECT embed('guitar')").fetchall()
    assert con.sql("SELECT embed('guitar') IS NOT NULL").fetchall() == [(True,)]


def test_a_cursor_answers_by_the_stored_macros(con, calls_arrow):
    with con.cursor() as cursor:
        assert not calls_arrow(cursor, EMBED)
        assert cursor.sql("SELECT embed('guitar') IS NOT NULL").fetchall() == [(True,)]


def test_install_on_a_cursor(con, calls_arrow):
    with con.cursor() as cursor:
        duckmark.install(cursor)
        assert calls_arrow(cursor, EMBED)
        assert cursor.sql("SELECT embed('guitar') IS NOT NULL").fetchall() == [(True,)]


def test_closing_releases_the_file(tmp_path, small_bytes):
    path = tmp_path / "shop.duckdb"
    path.write_bytes(small_bytes)
    con = duckmark.connect(path)
    con.sql("SELECT embed('guitar'), top_k(embed('guitar'), 'products', 3)").fetchall()
    writes = f"import duckdb; duckdb.connect({str(path)!r}).execute('CREATE TABLE mine AS SELECT 1 AS x')"
    assert b"lock" in subprocess.run([sys.executable, "-c", writes], capture_output=True).stderr.lower()
    con.close()
    assert subprocess.run([sys.executable, "-c", writes], capture_output=True).stderr == b""


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "no such file; make it with `duckmark build"), (b"not a database" * 99, "not a DuckDB file")],
)
def test_files_that_cannot_be_opened(tmp_path, content, message):
    path = tmp_path / "x.duckdb"
    if content:
        path.write_bytes(content)
    with pytest.raises(DatabaseError, match=message):
        duckmark.connect(path, read_only=True)
    assert path.exists() == bool(content)


@pytest.mark.parametrize("read_only", [True, False])
def test_a_file_that_duckdb_would_read_as_a_table_is_no_database(tmp_path, read_only):
    """To write into it would be to write into memory."""
    path = tmp_path / "x.csv"
    path.write_text("user_id,product_id\n1,2\n")
    with pytest.raises(DatabaseError, match="not a DuckDB file"):
        duckmark.connect(path, read_only=read_only)


def test_duckmarks_own_connections_and_their_cursors_print_no_bar():
    asked = """
import duckdb
from duckmark.connection import silent
with duckdb.connect() as usual, silent() as con, con.cursor() as cursor:
    for each in (usual, con, cursor):
        print(*each.execute("SELECT current_setting('enable_progress_bar')").fetchall()[0])
"""
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False", "False"]  # DuckDB takes it for an interactive session


def test_whatever_duckmark_opens_for_itself_is_silent():
    files = Path(duckmark.__file__).parent.rglob("*.py")
    opens = {path.name for path in files if "duckdb.connect(" in path.read_text(encoding="utf-8")}
    assert opens == {"connection.py", "check_file.py"}  # the latter in a process of its own, whose output nobody sees
