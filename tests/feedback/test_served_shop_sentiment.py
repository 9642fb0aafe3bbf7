"""Sentiment learned from a shop's ratings in the finished file: asked by another client, kept by a refresh."""

from pathlib import Path

import duckdb
import pytest

import duckmark
from tests.client import answers
from tests.feedback.test_shop_sentiment import opinions
from tests.shop import OPTIONS, event, events

WEIGHTS = "SELECT sum(weight) AS total, count(*) AS terms FROM duckmark.sentiment_weights"


ROWS = [event(f"u{i % 9}", f"p{i}", "review", **said) for i, said in enumerate(opinions())]
WITHOUT_CHECK = {**OPTIONS, "evaluate": False}


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("opinions") / "shop.duckdb"
    duckmark.build(file, events=events(ROWS), options=WITHOUT_CHECK)
    return file


def test_any_client_asks_it_of_new_texts(path):
    query = "SELECT shop_sentiment(t) > 0.8 AS good FROM (VALUES ('sturdy, my gran fits'), ('it rattles')) AS v (t)"
    assert answers(path, query) == [{"good": True}, {"good": False}]
    assert answers(path, "SELECT shop_sentiment(NULL) AS p") == [{"p": None}]


def test_what_the_reviews_hold_was_said_by_other_reviews(path):
    query = "SELECT count(*) AS n, avg(abs(shop_sentiment(text) - shop_sentiment)) AS gap FROM feedback"
    (row,) = answers(path, query)
    assert row["n"] == 120
    assert 0 < row["gap"] < 0.01


def test_models_say_how_good_it_is(path):
    (row,) = answers(path, "SELECT status, metrics FROM models WHERE model = 'sentiment_weights'")
    assert row["status"] == "trained"
    assert "calibration_error" in row["metrics"]


def test_a_refresh_keeps_what_was_learned_and_scores_new_reviews(path, tmp_path):
    file = tmp_path / "shop.duckdb"
    file.write_bytes(path.read_bytes())
    before = answers(file, WEIGHTS)
    new = [event("u1", "p1", "review", text="it rattles and leaks"), event("u2", "p500", "review", text="sturdy")]
    duckmark.refresh(file, events=events(new))
    assert answers(file, WEIGHTS) == before
    with duckdb.connect(str(file), read_only=True) as con:
        rows = con.sql("SELECT rating, shop_sentiment, shop_sentiment(text) FROM feedback").fetchall()
        assert len(rows) == 122
        assert [stored == asked for rating, stored, asked in rows if rating is None] == [True, True]
        told = "SELECT satisfaction < 0.2 FROM feedback WHERE text = 'it rattles and leaks'"
        assert con.sql(told).fetchall() == [(True,)]


def test_a_build_that_keeps_the_models_knows_the_texts_again(path, tmp_path):
    file, query = tmp_path / "shop.duckdb", "SELECT text, rating, shop_sentiment FROM feedback ORDER BY ALL"
    file.write_bytes(path.read_bytes())
    duckmark.build(file, events=events(ROWS[::-1]), options=WITHOUT_CHECK, keep_models=True)
    assert answers(file, query) == answers(path, query)
