"""The whole job as SQL in a `duckmark.connect()` and models of the pipeline, step after step or side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import duckdb

from benchmarks.processes import timed

EPOCHS, TOPICS, BEST = 5, 10, 10
AT_ONCE = 2  # connections, side by side
REVIEWS = """
CREATE TABLE reviews AS
SELECT
    row_number() OVER () AS event_id, "reviewerID" AS user_id, asin AS product_id, CAST(overall AS DOUBLE) AS rating,
    coalesce("reviewText", '') AS text
FROM {}
"""
TERMS = """
CREATE TABLE duckmark.review_terms AS SELECT event_id, user_id, product_id, tokenize(text, 'en') AS terms FROM reviews;
CREATE VIEW duckmark.documents AS SELECT 'review' AS source, event_id AS document_id, terms FROM duckmark.review_terms;
CREATE VIEW duckmark.sentences AS SELECT source, document_id AS sentence_id, terms FROM duckmark.documents;
"""
PROFILES = """
CREATE TABLE duckmark.{0}_vectors AS
SELECT {0}_id, tfidf_profile(flatten(list(terms))) AS vector
FROM duckmark.review_terms
GROUP BY {0}_id
"""
# A user has seen so many products at most: as many more are asked for.
CONTENT = """
CREATE TABLE content AS
SELECT user_id, unnest(list_filter(found, lambda x: NOT list_contains(seen, x.id))[:$best], recursive := true)
FROM (SELECT user_id, top_k(vector, 'products', $k) AS found FROM duckmark.user_vectors) AS v
JOIN (SELECT user_id, list(product_id) AS seen FROM reviews GROUP BY user_id) AS r USING (user_id)
"""
# The package's lists of recommendations with one kind of evidence: the others have nothing to say. The stored share of
# a neighbour is similarity / (5 x the sum of all), so five of it make a mean of ratings.
EVIDENCE = """
CREATE TABLE duckmark.interactions AS
SELECT user_id, product_id, avg(rating) AS preference FROM reviews GROUP BY ALL;
CREATE VIEW duckmark.users AS SELECT DISTINCT user_id FROM duckmark.interactions;
CREATE VIEW duckmark.products AS
SELECT DISTINCT product_id, CAST(NULL AS VARCHAR) AS category FROM duckmark.interactions;
CREATE TABLE duckmark.no_vectors (user_id VARCHAR, product_id VARCHAR, vector FLOAT[]);
CREATE TABLE duckmark.histories (user_id VARCHAR, product_id VARCHAR, weight DOUBLE);
CREATE TABLE duckmark.item_weights (for_product_id VARCHAR, product_id VARCHAR, weight DOUBLE);
CREATE TABLE duckmark.user_factors (user_id VARCHAR, factors FLOAT[]);
CREATE TABLE duckmark.product_factors (product_id VARCHAR, factors FLOAT[]);
CREATE TABLE duckmark.user_categories (user_id VARCHAR, category VARCHAR, share DOUBLE);
CREATE TABLE duckmark.user_features (user_id VARCHAR, history DOUBLE, away DOUBLE, price DOUBLE);
CREATE TABLE duckmark.product_features (
    product_id VARCHAR, popularity DOUBLE, recent DOUBLE, idle DOUBLE, age DOUBLE, price DOUBLE, satisfaction DOUBLE
);
"""
RANKER = """
CREATE TABLE duckmark.ranker AS
SELECT
    CAST(0 AS DOUBLE) AS base,
    [CAST(if(feature = 'collaborative', 5, 0) AS DOUBLE) FOR feature IN $features] AS weights,
    CAST([] AS STRUCT(bias DOUBLE, output DOUBLE, weights DOUBLE[])[]) AS units
"""
COLLABORATIVE = """
CREATE VIEW collaborative AS
SELECT user_id, product_id AS id, score FROM duckmark.recommendation_lists WHERE score > 0
"""
SENTIMENT = "CREATE TABLE sentiments AS SELECT event_id, sentiment(text).compound AS compound FROM reviews"
VOCABULARY = """
CREATE OR REPLACE TABLE duckmark.topic_vocabulary AS
SELECT term
FROM duckmark.terms
WHERE document_frequency BETWEEN 20 AND (SELECT count(*) / 2 FROM reviews)
"""


def whole_job(con: duckdb.DuckDBPyConnection, path: Path, lda: bool = True) -> dict[str, float]:
    """Seconds of each step, whose outcome stands in tables of ``con``; ``lda``: topics a second time, by LDA."""
    ready(con)
    taken: dict[str, float] = {}
    with timed(taken, "read"):
        read(con, path)
    with timed(taken, "tokenize"):
        tokenize(con)
    with timed(taken, "word vectors, CBOW"):
        learn(con, "word_vectors", epochs=EPOCHS, word_model="cbow")
    with timed(taken, "word vectors"):
        learn(con, "word_vectors", epochs=EPOCHS)
    with timed(taken, "profiles"):
        terms(con)
        for who in ("user", "product"):
            profiles(con, who)
    with timed(taken, "content"):
        content(con)
    with timed(taken, "collaborative"):
        collaborative(con)
    with timed(taken, "sentiment"):
        sentiment(con)
    with timed(taken, "topics"):
        topics(con)
    if lda:
        with timed(taken, "topics, LDA"):
            topics(con, topic_model="lda")
    return taken


def side_by_side(con: duckdb.DuckDBPyConnection, path: Path) -> dict[str, float]:
    """The same, what does not wait for one another at once, on connections of its own: seconds of what learns, and of
    the rest."""
    from duckmark.connection import share

    ready(con)
    taken: dict[str, float] = {}
    with ExitStack() as opened:
        with timed(taken, "before word vectors"):
            connections = [opened.enter_context(con.cursor()) for _ in range(AT_ONCE)]
            for cursor in connections:
                share(con, cursor)
            read(con, path)
            at_once(connections, {"sentiment": sentiment, "tokenize": tokenize}, {})
        with timed(taken, "word vectors"):
            learn(con, "word_vectors", epochs=EPOCHS)
        with timed(taken, "after word vectors"):
            of = {who: partial(profiles, who=who) for who in ("user", "product")}
            works = {"collaborative": collaborative, "terms": terms, **of, "content": content}
            at_once(connections, works, {who: ["terms"] for who in of} | {"content": list(of)})
        with timed(taken, "topics"):
            topics(con)
    return taken


class Work(NamedTuple):
    name: str
    on: Callable[[duckdb.DuckDBPyConnection], None]


def at_once(
    connections: Sequence[duckdb.DuckDBPyConnection],
    works: Mapping[str, Callable[[duckdb.DuckDBPyConnection], None]],
    waits: Mapping[str, Sequence[str]],
) -> None:
    """All ``works``, each on a connection that is free once those that it ``waits`` for are done."""
    from duckmark.schedule import run_ready

    steps = [Work(*work) for work in works.items()]
    run_ready(steps, dict.fromkeys(works, ()) | waits, connections, lambda step: step.on, lambda *_: None, {})


def ready(con: duckdb.DuckDBPyConnection) -> None:
    """What does not count: imports, and reading lexicons, as for the peer."""
    import gensim.models  # noqa: F401
    import sklearn.decomposition  # noqa: F401

    import duckmark.models
    import duckmark.pipeline  # noqa: F401

    planned()
    con.execute("CREATE SCHEMA duckmark; SET enable_progress_bar = false")
    con.execute("SELECT tokenize('a lexicon', 'en'), sentiment('a lexicon')").fetchall()


@cache
def planned() -> Mapping[str, str]:
    """The statements of the pipeline's views and tables."""
    from duckmark.plan import plan

    return {step.name: step.statement for step in plan().steps if step.kind in ("table", "view")}


def read(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """The file as a build reads one."""
    from duckmark.collect.csvfiles import read_dialect

    con.execute(REVIEWS.format(read_dialect(path).relation()))


def tokenize(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(TERMS)


def terms(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(planned()["duckmark.terms"])


def profiles(con: duckdb.DuckDBPyConnection, who: str) -> None:
    con.execute(PROFILES.format(who))


def content(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(planned()["duckmark.vector_spaces"])
    most = con.sql("SELECT max(n) FROM (SELECT count(*) AS n FROM reviews GROUP BY user_id)").fetchall()[0][0]
    con.execute(CONTENT, {"k": BEST + most, "best": BEST})


def collaborative(con: duckdb.DuckDBPyConnection) -> None:
    from duckmark.kernels.features import FEATURES

    con.execute(EVIDENCE)
    con.execute(RANKER, {"features": FEATURES})
    most = con.sql("SELECT count(DISTINCT user_id) FROM reviews").fetchall()[0][0]
    learn(con, "user_neighbours", neighbours=most)
    without = dict.fromkeys(("duckmark.user_vectors", "duckmark.product_vectors"), "duckmark.no_vectors")
    learn(con, "recommendation_lists", without, list_length=BEST, reasons=False)
    con.execute(COLLABORATIVE)


def sentiment(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(SENTIMENT)


def topics(con: duckdb.DuckDBPyConnection, **options: object) -> None:
    con.execute(VOCABULARY)
    learn(con, "topics", topics=TOPICS, **options)
    learn(con, "review_topics")


def learn(
    con: duckdb.DuckDBPyConnection, name: str, inputs: Mapping[str, str] | None = None, **options: object
) -> None:
    """Train a model of the pipeline into its tables; ``inputs`` stand for relations that it reads."""
    from duckmark import pipeline
    from duckmark.models import MODELS

    model = MODELS[name]
    for table, columns in model.writes.items():
        con.execute(f"CREATE OR REPLACE TABLE {table} ({columns})")
    trained = model.train(con, {read: read for read in model.reads} | dict(inputs or {}), options)
    for tables in chain([trained.tables], trained.blocks):
        for table, rows in tables.items():
            pipeline.append(con, table, rows)
