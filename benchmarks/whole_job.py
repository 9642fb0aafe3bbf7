"""The same whole job by duckmark and by a script of NLTK, gensim, scikit-learn and pandas that takes review by review.

Words of all reviews, word vectors (64 dimensions, 5 epochs), TF-IDF profiles of users and products, the ten best
products of each user by content and by users alike, the sentiment and one of ten topics of each review. duckmark's
side is SQL in a `duckmark.connect()` and models of its pipeline. Each run is a fresh process; imports do not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from importlib.resources import as_file, files
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np

from benchmarks.context import Context
from benchmarks.processes import seconds, timed, turns
from benchmarks.results import Row
from duckmark.sqltext import literal

PACKAGES = ("nltk", "gensim", "scikit-learn", "pandas")
EPOCHS, TOPICS, BEST = 5, 10, 10
LEARNING = ("word vectors", "topics")
# What is measured twice in a process, and is no part of its whole: what both have is a case, the other a contender.
BOTH_HAVE = {"word vectors, CBOW": "word vectors"}
DUCKMARK_HAS = {"topics, LDA": "topics"}
VARIANTS = BOTH_HAVE | DUCKMARK_HAS
BUILDS = {"all of it": {}, "without the hold-out check": {"evaluate": False}}
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
"""
SENTENCES = """
CREATE VIEW duckmark.sentences AS SELECT source, document_id AS sentence_id, terms FROM duckmark.documents
"""
PROFILES = """
CREATE TABLE duckmark.{0}_vectors AS
SELECT {0}_id, tfidf_profile(flatten(list(terms))) AS vector
FROM duckmark.review_terms
GROUP BY {0}_id
"""
SMALL = """
SELECT
    concat('u', row_number() OVER () % 60) AS "reviewerID", concat('p', row_number() OVER () // 7 % 50) AS asin,
    "Rating" AS overall, "Review Text" AS "reviewText"
FROM read_parquet({})
LIMIT 900
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
CREATE VIEW duckmark.histories AS SELECT user_id, product_id, 1 AS weight FROM duckmark.interactions;
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
REVIEWED = """
SELECT user_id AS user, product_id AS product, rating, text, terms AS tokens
FROM reviews
JOIN duckmark.review_terms USING (event_id, user_id, product_id)
ORDER BY event_id
"""
SENTIMENT = "CREATE TABLE sentiments AS SELECT event_id, sentiment(text).compound AS compound FROM reviews"
VOCABULARY = """
CREATE TABLE duckmark.topic_vocabulary AS
SELECT term
FROM duckmark.terms
WHERE document_frequency BETWEEN 20 AND (SELECT count(*) / 2 FROM reviews)
"""


def rows(context: Context) -> Iterator[Row]:
    if context.smoke:
        yield from smoke()
        return
    path = context.source("amazon-musical-instruments/reviews.csv")
    calls = {"duckmark": partial(context.call, ours, path), "usual script": partial(context.call, theirs, path)}
    for run, name, steps in turns(calls, context.runs):
        yield from _of_one(name, steps, run)
    for what, options in BUILDS.items():
        yield Row(f"`duckmark build`, {what}", None, "duckmark", "seconds", context.call(build, path, options))


def _of_one(name: str, steps: Mapping[str, float], run: int) -> Iterator[Row]:
    """Each step, and their sums; a variant's own with it in place of what it varies."""
    usual = {step: taken for step, taken in steps.items() if step not in VARIANTS}
    for step, taken in steps.items():
        yield Row(DUCKMARK_HAS.get(step, step), None, _contender(name, step), "seconds", taken, run)
    yield Row("all", None, name, "seconds", sum(usual.values()), run)
    for step in VARIANTS:
        if step in steps:
            whole = sum({**usual, VARIANTS[step]: steps[step]}.values())
            case = f"all, {step.rpartition(', ')[2]}" if step in BOTH_HAVE else "all"
            yield Row(case, None, _contender(name, step), "seconds", whole, run)
    rest = sum(taken for step, taken in usual.items() if step not in LEARNING)
    yield Row(f"all but {' and '.join(LEARNING)}", None, name, "seconds", rest, run)


def _contender(name: str, step: str) -> str:
    return f"{name}, {step.rpartition(', ')[2]}" if step in DUCKMARK_HAS else name


def smoke() -> Iterator[Row]:
    """A small shop made of the reviews that come with the package, on which both are to say the same."""
    import duckmark

    with TemporaryDirectory() as folder, as_file(files("duckmark") / "data/clothing_reviews.parquet") as source:
        path = Path(folder) / "reviews.csv"
        duckdb.sql(SMALL.format(literal(str(source)))).write_csv(str(path))
        with duckmark.connect() as con:
            yield from _of_one("duckmark", whole_job(con, path, lda=False), 0)
            compare(con)
        yield from _of_one("usual script", theirs(path), 0)


def compare(con: duckdb.DuckDBPyConnection) -> None:
    """Raises AssertionError where the usual script, given duckmark's words and vectors, answers otherwise."""
    from benchmarks import nltk_offline, usual_script

    reviews = con.sql(REVIEWED).df()
    terms = con.sql("SELECT term, idf, vector FROM duckmark.terms").fetchall()
    words, idf = {term: np.array(vector) for term, _, vector in terms}, {term: idf for term, idf, _ in terms}
    profiles = {who: usual_script.profiles(reviews, who, words, idf) for who in ("user", "product")}
    for who, expected in profiles.items():
        found = dict(
            con.sql(f"SELECT {who}_id, vector FROM duckmark.{who}_vectors WHERE vector IS NOT NULL").fetchall()
        )
        assert found.keys() == expected.keys()
        assert all(np.allclose(found[name], expected[name], atol=1e-4) for name in found), f"{who} profiles differ"
    seen = reviews.groupby("user")["product"].agg(set).to_dict()
    answers = {
        "content": usual_script.content(profiles["user"], profiles["product"], seen),
        "collaborative": usual_script.collaborative(reviews, seen),
    }
    for table, expected in answers.items():
        lists = con.sql(f"SELECT user_id, list(score ORDER BY score DESC) FROM {table} GROUP BY user_id").fetchall()
        # The usual script fills its ten with products that nobody like the user has taken.
        others = {
            user: [score for _, score in pairs if table == "content" or score > 0] for user, pairs in expected.items()
        }
        assert dict(lists).keys() == {user for user, scores in others.items() if scores}, table
        for user, scores in lists:
            assert np.allclose(scores, others[user], atol=1e-5), f"{table} of {user}: {scores}, {others[user]}"
    compounds = [row[0] for row in con.sql("SELECT compound FROM sentiments ORDER BY event_id").fetchall()]
    assert np.allclose(compounds, usual_script.sentiment(reviews["text"], nltk_offline.vader()), atol=1e-9)


def theirs(path: Path) -> dict[str, float]:
    from benchmarks.usual_script import whole_job

    return whole_job(path, EPOCHS, TOPICS)


def build(path: Path, options: Mapping[str, object]) -> float:
    """Seconds of a whole file, with all that duckmark knows."""
    import duckmark

    with TemporaryDirectory() as folder:
        work = partial(duckmark.build, Path(folder) / "whole.duckdb", events=str(path), options=options)
        return seconds(work, warm=0)[0]


def ours(path: Path) -> dict[str, float]:
    import duckmark

    with duckmark.connect() as con:
        return whole_job(con, path)


def whole_job(con: duckdb.DuckDBPyConnection, path: Path, lda: bool = True) -> dict[str, float]:
    """Seconds of each step, whose outcome stands in tables of ``con``; ``lda``: topics a second time, by LDA."""
    import gensim.models  # noqa: F401, imports do not count
    import sklearn.decomposition  # noqa: F401

    from duckmark.collect.csvfiles import read_dialect
    from duckmark.kernels.features import FEATURES
    from duckmark.plan import plan

    steps = {step.name: step.statement for step in plan().steps if step.kind in ("table", "view")}
    taken: dict[str, float] = {}
    con.execute("CREATE SCHEMA duckmark; SET enable_progress_bar = false")
    con.execute("SELECT tokenize('a lexicon', 'en'), sentiment('a lexicon')").fetchall()  # is read, as the peer's is
    with timed(taken, "read"):
        con.execute(REVIEWS.format(read_dialect(path).relation()))  # as a build reads a file
    with timed(taken, "tokenize"):
        con.execute(TERMS)
    con.execute(SENTENCES)
    with timed(taken, "word vectors, CBOW"):
        learn(con, "word_vectors", epochs=EPOCHS, word_model="cbow")
    with timed(taken, "word vectors"):
        learn(con, "word_vectors", epochs=EPOCHS)
    with timed(taken, "profiles"):
        con.execute(steps["duckmark.terms"])
        for who in ("user", "product"):
            con.execute(PROFILES.format(who))
    with timed(taken, "content"):
        con.execute(steps["duckmark.vector_spaces"])
        most = con.sql("SELECT max(n) FROM (SELECT count(*) AS n FROM reviews GROUP BY user_id)").fetchall()[0][0]
        con.execute(CONTENT, {"k": BEST + most, "best": BEST})
    with timed(taken, "collaborative"):
        con.execute(EVIDENCE)
        con.execute(RANKER, {"features": FEATURES})
        most = con.sql("SELECT count(DISTINCT user_id) FROM reviews").fetchall()[0][0]
        learn(con, "user_neighbours", neighbours=most)
        learn(con, "recommendation_lists", list_length=BEST, reasons=False)
        con.execute(COLLABORATIVE)
    with timed(taken, "sentiment"):
        con.execute(SENTIMENT)
    with timed(taken, "topics"):
        con.execute(VOCABULARY)
        learn(con, "topics", topics=TOPICS)
        learn(con, "review_topics")
    if lda:
        with timed(taken, "topics, LDA"):
            learn(con, "topics", topics=TOPICS, topic_model="lda")
            learn(con, "review_topics")
    return taken


def learn(con: duckdb.DuckDBPyConnection, name: str, **options: object) -> None:
    """Train a model of the pipeline into its tables."""
    from duckmark import pipeline
    from duckmark.models import MODELS

    model = MODELS[name]
    for table, columns in model.writes.items():
        con.execute(f"CREATE OR REPLACE TABLE {table} ({columns})")
    trained = model.train(con, {read: read for read in model.reads}, options)
    for tables in chain([trained.tables], trained.blocks):
        for table, rows in tables.items():
            pipeline.append(con, table, rows)
