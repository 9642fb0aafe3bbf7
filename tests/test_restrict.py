"""A step over touched keys gives those rows of the whole step, and no others."""

from collections.abc import Iterator

import duckdb
import pytest

from duckmark.restrict import narrowed_query, restricted_relation
from duckmark.sqlfiles import parse_step, read_pipeline
from duckmark.steps import SqlStep

COLUMNS = {"duckmark.events": {"u", "p", "x"}, "duckmark.products": {"p", "title"}, "loose": {"u", "x"}}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("""
            CREATE SCHEMA duckmark;
            CREATE TABLE duckmark.events AS
            SELECT
                CASE WHEN n % 7 > 0 THEN 'u' || n % 7 END AS u,
                CASE WHEN n % 5 > 0 THEN 'p' || n % 5 END AS p,
                n AS x
            FROM range(70) AS r (n);
            CREATE TABLE duckmark.products AS SELECT 'p' || n AS p, 'title ' || n AS title FROM range(5) AS r (n);
            CREATE VIEW loose AS SELECT u, x FROM duckmark.events;
            CREATE TABLE touched AS FROM (VALUES ('u1'), ('u4'), (NULL), ('unknown')) AS v (u);
            CREATE TABLE touched_pairs AS FROM (VALUES ('u1', 'p1'), (NULL, 'p2'), ('u3', NULL)) AS v (u, p);
        """)
        yield connection


def step(body: str, key: str = "u"):
    return parse_step(f"-- A row.\n-- key: {key}\nCREATE TABLE duckmark.s AS\n{body};", "s.sql", "profile")


def restricted_query(con: duckdb.DuckDBPyConnection, step: SqlStep, touched: str) -> str:
    return narrowed_query(con, step, COLUMNS, lambda relation: restricted_relation(relation, touched, step.key))


@pytest.mark.parametrize(
    "body",
    [
        "SELECT u, sum(x) AS total FROM duckmark.events GROUP BY u",
        "SELECT e.u, sum(x) AS total FROM duckmark.events AS e GROUP BY e.u",
        "SELECT events.u, count(*) AS n FROM duckmark.events JOIN duckmark.products USING (p) GROUP BY ALL",
        "WITH own AS (SELECT u, x FROM duckmark.events), w AS (FROM own)\nSELECT u, max(x) AS x FROM w GROUP BY u",
        "SELECT u, x FROM loose QUALIFY row_number() OVER (PARTITION BY u ORDER BY x) = 1",
        "SELECT u, x FROM duckmark.events WHERE x < 20 UNION ALL SELECT u, -x FROM loose",
        "SELECT a.u, count(*) AS n FROM duckmark.events AS a LEFT JOIN loose AS b ON b.u = a.u GROUP BY a.u",
    ],
)
def test_the_rows_of_touched_keys_are_those_of_the_whole(con, body):
    part = con.sql(f"FROM ({restricted_query(con, step(body), 'touched')}) ORDER BY ALL").fetchall()
    whole = con.sql(f"FROM ({body}) WHERE u IN ('u1', 'u4') OR u IS NULL ORDER BY ALL").fetchall()
    assert part == whole
    assert part


def test_two_columns_make_a_key(con):
    body = "SELECT u, p, sum(x) AS total FROM duckmark.events GROUP BY u, p"
    part = con.sql(f"FROM ({restricted_query(con, step(body, 'u, p'), 'touched_pairs')}) ORDER BY ALL")
    whole = con.sql(
        f"FROM ({body}) WHERE (u = 'u1' AND p = 'p1') OR (u IS NULL AND p = 'p2') OR (u = 'u3' AND p IS NULL) "
        "ORDER BY ALL"
    )
    rows = part.fetchall()
    assert rows == whole.fetchall()
    assert len(rows) == 3


def test_an_input_without_the_key_is_read_whole(con):
    query = restricted_query(con, step("SELECT p, title FROM duckmark.products"), "touched")
    assert query == "SELECT p, title FROM duckmark.products"


def test_text_and_comments_stay_as_they_are(con):
    body = "SELECT u, '£ FROM duckmark.events' AS said -- FROM loose\nFROM duckmark.events"
    query = restricted_query(con, step(body), "touched")
    assert query.startswith("SELECT u, '£ FROM duckmark.events' AS said -- FROM loose\nFROM (SELECT")
    assert con.sql(query).fetchall()


def test_a_relation_restricted_by_itself(con):
    rows = con.sql(f"SELECT DISTINCT u FROM {restricted_relation('loose', 'touched', ('u',))} ORDER BY u NULLS FIRST")
    assert rows.fetchall() == [(None,), ("u1",), ("u4",)]


def test_every_keyed_step_names_what_it_reads(con):
    """DuckDB finds the same inputs as sqlglot, by which the order of the pipeline is made."""
    for packaged in read_pipeline().values():
        if packaged.key:
            found: set[str] = set()
            everything = dict.fromkeys(packaged.reads, packaged.key)
            narrowed_query(con, packaged, everything, lambda name, found=found: found.add(name) or name)
            assert found == {name for name in packaged.reads if not name.endswith("()")}
