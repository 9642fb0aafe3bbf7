"""Topics: plain themes are told apart, the same way every time, one review at a time."""

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from duckmark.models.topics import encoded, infer_topics, label, train_topics
from duckmark.steps import Skipped

LAMPS = ["lamp", "shade", "bulb", "cord", "plug", "switch", "desk"]
BOATS = ["boat", "sail", "mast", "rope", "wind", "keel", "hull"]
INPUTS = {f"duckmark.{name}": name for name in ("review_terms", "topic_vocabulary", "topics", "topic_terms")}


@pytest.fixture
def con():
    connection = duckdb.connect()
    yield connection
    connection.close()


def themes(lamps=60, boats=40):
    """Reviews of four words each, all of one theme."""
    chance = np.random.default_rng(3)
    return [list(chance.choice(words, 4)) for words, n in ((LAMPS, lamps), (BOATS, boats)) for _ in range(n)]


def fill(con, reviews):
    terms = sorted({term for review in reviews for term in review or ()})
    tables = {
        "review_terms": {
            "event_id": range(1, len(reviews) + 1),
            "terms": pa.array(reviews, pa.list_(pa.string())),
        },
        "topic_vocabulary": {"term": pa.array(terms, pa.string())},
    }
    for name, columns in tables.items():
        con.register("given", pa.table({key: pa.array(values) for key, values in columns.items()}))
        con.execute(f"CREATE TABLE {name} AS FROM given")


def train(con, **options):
    trained = train_topics(con, INPUTS, options)
    for table, rows in trained.tables.items():
        con.register("given", rows)
        con.execute(f"CREATE OR REPLACE TABLE {table.removeprefix('duckmark.')} AS FROM given")
    return trained


def topics_of(con, inputs=INPUTS):
    return infer_topics(con, inputs, {}).tables["duckmark.review_topics"]


@pytest.mark.parametrize("topic_model", ["nmf", "lda"])
def test_two_plain_themes_are_told_apart(con, topic_model):
    fill(con, themes())
    trained = train(con, topics=2, topic_model=topic_model)
    topics = trained.tables["duckmark.topics"].to_pylist()
    assert [topic["topic"] for topic in topics] == [1, 2]
    assert set(topics[0]["terms"][:7]) == set(LAMPS)
    assert set(topics[1]["terms"][:7]) == set(BOATS)
    assert topics_of(con)["topic"].to_pylist() == [1] * 60 + [2] * 40


def test_what_is_known_of_the_training(con):
    fill(con, themes())
    trained = train(con, topics=2)
    assert trained.rows == 100
    assert trained.options == {"topic_model": "nmf", "topics": 2, "seed": 42}
    assert trained.metrics["terms"] == 14
    assert 0 < trained.metrics["coherence_c_v"] < 1


@pytest.mark.parametrize("topic_model", ["nmf", "lda"])
def test_probabilities_add_up(con, topic_model):
    fill(con, themes())
    phi = np.array(train(con, topic_model=topic_model).tables["duckmark.topic_terms"]["probabilities"].to_pylist())
    assert phi.sum(axis=0) == pytest.approx(1, abs=1e-5)
    found = topics_of(con).to_pylist()
    assert all(sum(row["distribution"]) == pytest.approx(1, abs=1e-5) for row in found)
    assert all(row["distribution"][row["topic"] - 1] == pytest.approx(row["probability"]) for row in found)


def test_the_same_seed_gives_the_same_model(con):
    fill(con, themes())
    first, again, other = (train(con, topic_model="lda", **seed) for seed in ({}, {}, {"seed": 1}))
    for table in first.tables:
        assert first.tables[table].equals(again.tables[table])
    assert not first.tables["duckmark.topic_terms"].equals(other.tables["duckmark.topic_terms"])


@pytest.mark.parametrize("topic_model", ["nmf", "lda"])
def test_a_review_alone_gets_the_same_answer(con, topic_model):
    reviews = themes()
    fill(con, reviews)
    train(con, topic_model=topic_model)
    alone = [
        topics_of(con, {**INPUTS, "duckmark.review_terms": f"(FROM review_terms WHERE event_id = {i})"})
        for i in range(1, len(reviews) + 1)
    ]
    assert pa.concat_tables(alone).equals(topics_of(con).combine_chunks())


@pytest.mark.parametrize("topic_model", ["nmf", "lda"])
def test_reviews_without_known_terms_get_no_topic(con, topic_model):
    fill(con, themes())
    train(con, topic_model=topic_model)
    known = "(101, ['unheard']), (102, []), (103, NULL), (104, ['boat', 'unheard'])"
    con.execute(f"INSERT INTO review_terms VALUES {known}")
    assert topics_of(con)["event_id"].to_pylist() == [*range(1, 101), 104]


def test_no_touched_reviews_give_no_rows(con):
    fill(con, themes())
    train(con)
    assert len(topics_of(con, {**INPUTS, "duckmark.review_terms": "(FROM review_terms WHERE false)"})) == 0


@pytest.mark.parametrize(
    ("reviews", "found"),
    [([], "0 and 0"), ([None] * 60, "0 and 0"), (themes(20, 29), "49 and 14"), ([["lamp"]] * 90, "90 and 1")],
)
def test_too_little_text_is_skipped_with_the_limits(con, reviews, found):
    fill(con, reviews)
    with pytest.raises(Skipped, match=f"50 reviews that share terms and 10 such terms; there are {found}"):
        train(con)


def test_a_label_does_not_repeat_a_word_in_other_forms():
    assert label(["cable", "cables", "jack", "jacks", "plug", "cord"]) == "cable, jack, plug"
    assert label(["strings", "string"]) == "strings"


def test_reviews_in_many_chunks_are_read_as_one():
    terms = pa.array(["blue", "dress", "soft"])
    lists = [["soft", "dress"], [], ["unknown"], ["blue"], ["dress", "dress", "blue"]]
    whole, parts = (pa.chunked_array(chunks, pa.list_(pa.string())) for chunks in ([lists], [lists[:2], [], lists[2:]]))
    expected, begins = encoded(pa.table({"terms": whole}), terms)
    found, offsets = encoded(pa.table({"terms": parts}), terms)
    assert found.tolist() == expected.tolist() == [2, 1, -1, 0, 1, 1, 0]
    assert offsets.tolist() == begins.tolist() == [0, 2, 2, 3, 4, 7]
