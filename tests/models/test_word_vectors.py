"""Word vectors on a shop of two themes that share no word."""

from collections import Counter
from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from duckmark.models.word_vectors import _centred, _sentences, train
from duckmark.steps import Skipped, Trained

MUSIC = ["guitar", "violin", "drum", "piano", "flute", "cello"]
GARDEN = ["spade", "rake", "hose", "shears", "trowel", "mower"]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def sentences(words: list[str], count: int) -> list[list[str]]:
    """Four of the words each, others every time."""
    return [[words[(i + step * (1 + i % 5)) % len(words)] for step in range(4)] for i in range(count)]


def trained(con: duckdb.DuckDBPyConnection, texts: list[list[str] | None], **options: int | str) -> Trained:
    _register(con, texts)
    return train(con, {"duckmark.sentences": "texts"}, {"dimensions": 8, **options})


def _register(con: duckdb.DuckDBPyConnection, texts: list[list[str] | None]) -> None:
    ids = pa.array(range(len(texts)), pa.int64())
    sources = pa.array(["review"] * len(texts), pa.string())
    con.register(
        "texts", pa.table({"source": sources, "sentence_id": ids, "terms": pa.array(texts, pa.list_(pa.string()))})
    )


def vectors(model: Trained) -> dict[str, np.ndarray]:
    table = model.tables["duckmark.word_vectors"]
    return {row["term"]: np.array(row["vector"]) for row in table.to_pylist()}


@pytest.mark.parametrize("word_model", ["skip_gram", "cbow"])
def test_words_of_one_theme_are_nearest_to_each_other(con, word_model):
    model = trained(con, sentences(MUSIC, 300) + sentences(GARDEN, 300), word_model=word_model)
    assert model.options["sg"] == (word_model == "skip_gram")
    found = vectors(model)
    assert set(found) == {*MUSIC, *GARDEN}
    for theme in (MUSIC, GARDEN):
        for word in theme:
            nearest = sorted(set(found) - {word}, key=lambda other: -found[word] @ found[other])
            assert set(nearest[: len(theme) - 1]) == set(theme) - {word}


def test_unit_length_in_the_order_of_the_terms(con):
    found = vectors(trained(con, sentences(MUSIC + GARDEN, 50)))
    assert list(found) == sorted(found)
    assert all(len(vector) == 8 and np.linalg.norm(vector) == pytest.approx(1, abs=1e-6) for vector in found.values())


def test_the_same_seed_gives_the_same_vectors_and_another_seed_others(con):
    texts = sentences(MUSIC + GARDEN, 80)
    one, same, other = (trained(con, texts, seed=seed).tables["duckmark.word_vectors"] for seed in (1, 1, 2))
    assert one.equals(same)
    assert not one.equals(other)


def test_sentences_of_several_chunks_are_those_that_were_written(con, monkeypatch):
    monkeypatch.setattr("duckmark.models.word_vectors.ROWS", 2_048)
    texts = [*sentences(MUSIC, 3_000), [], None, *sentences(GARDEN, 3_000)]
    _register(con, texts)
    found, counts = _sentences(con, "texts")
    assert found == [text for text in texts if text]
    expected = Counter(term for text in found for term in text)
    assert counts == expected
    assert list(counts) == list(expected)  # gensim numbers terms of one frequency in this order


def test_what_is_recorded(con):
    model = trained(con, [*sentences(MUSIC + GARDEN, 20), [], None], seed=5)
    assert model.rows == 20
    assert model.metrics == {"tokens": 80, "terms": 12, "known": 1.0}
    assert model.options["embedder"] == "word2vec"
    assert (model.options["seed"], model.options["vector_size"]) == (5, 8)


@pytest.mark.parametrize(("texts", "terms"), [([], 0), ([[], None], 0), (sentences(MUSIC, 9), 6)])
def test_too_little_text_is_skipped_with_the_reason(con, texts, terms):
    with pytest.raises(Skipped, match=f"too little text: {terms} terms, at least 10"):
        trained(con, texts)


def test_centred_vectors_average_to_nothing_over_the_text():
    centred = _centred(np.array([[1.0, 2.0], [5.0, 0.0]]), np.array([3, 1]))
    assert centred.tolist() == [[-1.0, 0.5], [3.0, -1.5]]  # less (2, 1.5)
    assert np.average(centred, axis=0, weights=[3, 1]).tolist() == [0.0, 0.0]
