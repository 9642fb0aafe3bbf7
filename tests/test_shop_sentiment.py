"""Sentiment learned from a shop's ratings in the finished file: asked by another client, kept by a refresh."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

import duckmark
from tests.feedback.test_shop_sentiment import opinions
from tests.shop import OPTIONS, event, events

CLIENT = Path(sys.executable).with_name("duckdb")
WEIGHTS = "SELECT sum(weight), count(*) FROM duckmark.sentiment_weights"


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    rows = [event(f"u{i % 9}", f"p{i}", "review", **said) for i, said in enumerate(opinions())]
    file = tmp_path_factory.mktemp("opinions") / "shop.duckdb"
    duckmark.build(file, events=events(rows), options={**OPTIONS, "evaluate": False})
    return file


def ask(path: Path, query: str) -> str:
    result = subprocess.run(
        [CLIENT, "-readonly", "-csv", "-noheader", path, "-c", query], capture_output=True, text=True
    )
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout.strip()


def test_any_client_asks_it_of_new_texts(path):
    query = "SELECT shop_sentiment(txt) > 0.8 FROM (VALUES ('sturdy, my gran fits'), ('it rattles')) AS v (txt)"
    assert ask(path, query).split() == ["true", "false"]
    assert ask(path, "SELECT shop_sentiment(NULL) IS NULL") == "true"


def test_the_client_gives_what_the_reviews_hold(path):
    query = "SELECT count(*), max(abs(shop_sentiment(text) - shop_sentiment)) FROM feedback"
    assert ask(path, query) == "120,0.0"


def test_models_say_how_good_it_is(path):
    query = "SELECT status, metrics FROM models WHERE model = 'sentiment_weights'"
    assert "trained" in ask(path, query)
    assert "calibration_error" in ask(path, query)


def test_a_refresh_keeps_what_was_learned_and_scores_new_reviews(path, tmp_path):
    file = tmp_path / "shop.duckdb"
    file.write_bytes(path.read_bytes())
    before = ask(file, WEIGHTS)
    new = [event("u1", "p1", "review", text="it rattles and leaks"), event("u2", "p500", "review", text="sturdy")]
    duckmark.refresh(file, events=events(new))
    assert ask(file, WEIGHTS) == before
    with duckdb.connect(str(file), read_only=True) as con:
        rows = con.sql("SELECT shop_sentiment, shop_sentiment(text), satisfaction FROM feedback").fetchall()
        assert len(rows) == 122
        assert all(stored == asked for stored, asked, _ in rows)
        told = "SELECT satisfaction < 0.2 FROM feedback WHERE text = 'it rattles and leaks'"
        assert con.sql(told).fetchall() == [(True,)]
