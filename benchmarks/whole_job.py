"""The same whole job by duckmark and by a script of NLTK, gensim, scikit-learn and pandas that takes review by review.

Words of all reviews, word vectors (64 dimensions, 5 epochs), TF-IDF profiles of users and products, the ten best
products of each user by content and by users alike, the sentiment and one of ten topics of each review. duckmark's
side is SQL in a `duckmark.connect()` and models of its pipeline, a step after the other and, as a refresh goes about
it, side by side. Each run is a fresh process; imports do not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np

from benchmarks.context import Context
from benchmarks.duckmark_job import EPOCHS, TOPICS, side_by_side, whole_job
from benchmarks.processes import seconds, turns
from benchmarks.results import Row
from duckmark.sqltext import literal

PACKAGES = ("nltk", "gensim", "scikit-learn", "pandas")
LEARNING = ("word vectors", "topics")
AT_ONCE = "duckmark, side by side"
# What is measured twice in a process, and is no part of its whole: what both have is a case, the other a contender.
BOTH_HAVE = {"word vectors, CBOW": "word vectors"}
DUCKMARK_HAS = {"topics, LDA": "topics"}
VARIANTS = BOTH_HAVE | DUCKMARK_HAS
BUILDS = {"all of it": {}, "without the hold-out check": {"evaluate": False}}
SMALL = """
SELECT
    concat('u', row_number() OVER () % 60) AS "reviewerID", concat('p', row_number() OVER () // 7 % 50) AS asin,
    "Rating" AS overall, "Review Text" AS "reviewText"
FROM read_parquet({})
LIMIT 900
"""
REVIEWED = """
SELECT user_id AS user, product_id AS product, rating, text, terms AS tokens
FROM reviews
JOIN duckmark.review_terms USING (event_id, user_id, product_id)
ORDER BY event_id
"""


def rows(context: Context) -> Iterator[Row]:
    if context.smoke:
        yield from smoke()
        return
    path = context.source("amazon-musical-instruments/reviews.csv")
    jobs = {"duckmark": ours, AT_ONCE: ours_at_once, "usual script": theirs}
    calls = {name: partial(context.call, job, path) for name, job in jobs.items()}
    for run, name, steps in turns(calls, context.runs):
        yield from _sums(name, steps, run) if name == AT_ONCE else _of_one(name, steps, run)
    for what, options in BUILDS.items():
        yield Row(f"`duckmark build`, {what}", None, "duckmark", "seconds", context.call(build, path, options))


def _of_one(name: str, steps: Mapping[str, float], run: int) -> Iterator[Row]:
    """Each step, and their sums; a variant's own with it in place of what it varies."""
    usual = {step: taken for step, taken in steps.items() if step not in VARIANTS}
    for step, taken in steps.items():
        yield Row(DUCKMARK_HAS.get(step, step), None, _contender(name, step), "seconds", taken, run)
    yield from _sums(name, usual, run)
    for step in VARIANTS:
        if step in steps:
            whole = sum({**usual, VARIANTS[step]: steps[step]}.values())
            case = f"all, {step.rpartition(', ')[2]}" if step in BOTH_HAVE else "all"
            yield Row(case, None, _contender(name, step), "seconds", whole, run)


def _sums(name: str, steps: Mapping[str, float], run: int) -> Iterator[Row]:
    yield Row("all", None, name, "seconds", sum(steps.values()), run)
    rest = sum(taken for step, taken in steps.items() if step not in LEARNING)
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
        with duckmark.connect() as con:
            yield from _sums(AT_ONCE, side_by_side(con, path), 0)
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


def ours_at_once(path: Path) -> dict[str, float]:
    import duckmark

    with duckmark.connect() as con:
        return side_by_side(con, path)
