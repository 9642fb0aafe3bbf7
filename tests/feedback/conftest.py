"""What the tests of the feedback stage share: a shop made of a few events, with the stage run over it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from duckmark import connection, graph, pipeline, runs
from duckmark.models import sentiment, term_groups
from duckmark.models import topics as topics_module
from duckmark.sqlfiles import read_pipeline
from duckmark.steps import Model, Skipped

EVENTS = """
CREATE TABLE duckmark.events (
    event_id BIGINT, user_id VARCHAR, product_id VARCHAR, kind VARCHAR, rating DOUBLE, text VARCHAR,
    quantity DOUBLE, price DECIMAL(18, 4), happened_at TIMESTAMP, channel VARCHAR, order_id VARCHAR
)
"""
PRODUCTS = """
CREATE TABLE duckmark.products (
    product_id VARCHAR, title VARCHAR, description VARCHAR, category VARCHAR, price DECIMAL(18, 4),
    attributes MAP(VARCHAR, VARCHAR)
)
"""
SOURCES = "CREATE TABLE duckmark.sources (source_id INTEGER, role VARCHAR, digest VARCHAR)"
# A sentiment that can be reckoned by hand.
SENTIMENT = """
CREATE OR REPLACE TEMP MACRO sentiment(t) AS CASE WHEN t IS NOT NULL THEN {
    'neg': 0.0, 'neu': 1.0, 'pos': 0.0,
    'compound': CASE WHEN t LIKE '%awful%' THEN -0.8 WHEN t LIKE '%lovely%' THEN 0.6 ELSE 0.0 END
} END
"""
FILL = """
INSERT INTO duckmark.events (event_id, user_id, product_id, rating, text, happened_at)
SELECT row_number() OVER (), "user", coalesce(product, 'p'), rating, text, CAST(day AS TIMESTAMP) FROM _rows;
INSERT INTO duckmark.products (product_id, title) VALUES ('p', 'Lamp')
"""
LANGUAGES = """
CREATE VIEW duckmark.review_languages AS SELECT event_id, 'en' AS language FROM duckmark.events;
CREATE VIEW duckmark.product_languages AS SELECT product_id, 'en' AS language FROM duckmark.products
"""
GIVEN = ("duckmark.events", "duckmark.products", "duckmark.review_languages", "duckmark.product_languages")


def run_stage(con: duckdb.DuckDBPyConnection, topics: int | None = None) -> None:
    """Run the feedback stage over the events and products that are there; topics are left out for 0."""
    needed = ("duckmark.documents", "duckmark.phrases", "duckmark.product_terms")
    sql = [step for step in read_pipeline().values() if step.stage == "feedback" or step.name in needed]
    for step in graph.ordered([*sql, *sentiment.MODELS, *term_groups.MODELS, *topics_module.MODELS], GIVEN):
        if isinstance(step, Model):
            run_model(con, step, topics)
        else:
            pipeline.create(con, step)


def run_model(con: duckdb.DuckDBPyConnection, model: Model, topics: int | None) -> None:
    """Train a model into its tables; where it is skipped they stay empty."""
    for table, columns in model.writes.items():
        con.execute(f"CREATE TABLE {table} ({columns})")
    if topics == 0 and "topic" in model.name:
        return
    with suppress(Skipped):
        trained = model.train(con, {name: name for name in model.reads}, {"topics": topics})
        for table, rows in trained.tables.items():
            pipeline.append(con, table, rows)


def open_shop(con: duckdb.DuckDBPyConnection, folder: Path, name: str = "shop") -> None:
    """Make an attached file the current database, as in a build, with no events and no products."""
    con.execute(f"ATTACH '{folder / name}.duckdb' AS {name} (STORAGE_VERSION 'v1.0.0')")
    con.execute(f"USE {name}")
    for statement in ("CREATE SCHEMA duckmark", EVENTS, PRODUCTS, SOURCES, LANGUAGES, runs.TABLES):
        con.execute(statement)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with duckmark's functions."""
    connected = connection.connect()
    yield connected
    connected.close()


@pytest.fixture
def made(con: duckdb.DuckDBPyConnection) -> Callable[..., duckdb.DuckDBPyConnection]:
    """Steps of the stage over tables written by hand: the statements that make these, then the names of the steps."""

    def make(tables: str, *steps: str) -> duckdb.DuckDBPyConnection:
        con.execute(f"CREATE SCHEMA IF NOT EXISTS duckmark; {tables}")
        for step in steps:
            pipeline.create(con, read_pipeline()[step])
        return con

    return make


@pytest.fixture
def shop(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> Callable[..., duckdb.DuckDBPyConnection]:
    """The shop of some events, each a dict of columns, under the stand-in sentiment, in shop1, shop2, ..."""
    numbers = count(1)

    def build(
        events: Sequence[dict], topics: int | None = 0, categories: Mapping[str, str] | None = None
    ) -> duckdb.DuckDBPyConnection:
        open_shop(con, tmp_path, f"shop{next(numbers)}")
        con.execute(SENTIMENT)
        names = {"user": pa.string(), "product": pa.string(), "rating": pa.float64(), "text": pa.string()}
        columns = {name: pa.array([e.get(name) for e in events], kind) for name, kind in names.items()}
        rows = pa.table({**columns, "day": pa.array([e.get("at") for e in events], pa.string())})
        con.register("_rows", rows)
        con.execute(FILL)
        con.unregister("_rows")
        for product, category in (categories or {}).items():
            con.execute("INSERT INTO duckmark.products (product_id, category) VALUES (?, ?)", [product, category])
        run_stage(con, topics)
        return con

    return build


@pytest.fixture
def real_shop(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> Callable[[str], duckdb.DuckDBPyConnection]:
    """The shop of the events that an INSERT statement finds, under the real sentiment."""

    def build(insert: str) -> duckdb.DuckDBPyConnection:
        open_shop(con, tmp_path)
        con.execute(insert)
        run_stage(con)
        return con

    return build


@pytest.fixture
def two_themes() -> list[dict]:
    """60 praises of lamps and 40 complaints about boats, which share no word."""
    lamps, boats = ("lamp shade bulb cord plug switch desk", "boat sail mast rope wind keel hull")
    praises = [{"rating": 5, "text": f"lovely {_some(lamps, i)}", "at": "2024-03-01"} for i in range(60)]
    complaints = [{"rating": 1, "text": f"awful {_some(boats, i)}", "at": "2024-03-01"} for i in range(40)]
    return praises + complaints


def _some(words: str, start: int) -> str:
    """Four of the words, others for each start."""
    split = words.split()
    return " ".join(split[(start + step * (1 + start % 3)) % len(split)] for step in range(4))
