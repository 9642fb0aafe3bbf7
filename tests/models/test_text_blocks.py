"""Texts read in blocks, and what is made of them whatever the blocks are."""

import pytest

from duckmark.models import languages, word_forms
from duckmark.models.text_blocks import text_blocks
from duckmark.steps import Trained
from tests.database import holding

SHOP = """
CREATE SCHEMA duckmark;
CREATE TABLE duckmark.languages AS FROM (VALUES ('en', true), ('fr', false), ('zh', false)) AS v (language, is_main);
CREATE TABLE duckmark.products AS
SELECT printf('p%05d', i) AS product_id, ['A blue dress', 'Une robe bleue pour elle', '漂亮的裙子'][1 + i % 3] AS title,
    NULL AS category, NULL AS description
FROM range(5000) AS r (i);
CREATE TABLE duckmark.events AS
SELECT i AS event_id, concat(['The dresses shrank in the wash again', 'Les robes sont vraiment magnifiques',
    '质量太差了,洗了一次就缩水'][1 + i % 3], ' ', i // 500) AS text
FROM range(9000) AS r (i);
"""
NAMES = (*word_forms.READS, "duckmark.languages")
OF_PRODUCTS, OF_REVIEWS = (model for model in languages.MODELS if model.key)


con = holding(SHOP)


def rows(trained: Trained) -> dict[str, list[dict]]:
    return {name: table.to_pylist() for name, table in trained.tables.items()}


def test_blocks_hold_every_row_once_in_order(con):
    query = "SELECT event_id, text FROM duckmark.events ORDER BY event_id"
    blocks = list(text_blocks(con, query, 100_000))
    assert [event for block in blocks for event in block["event_id"].to_pylist()] == list(range(9000))
    assert len(blocks) > 2
    assert max(block["text"].nbytes for block in blocks) < 2 * 100_000 + max(map(len, blocks)) * 8
    (empty,) = text_blocks(con, f"SELECT * FROM ({query}) WHERE false")
    assert (len(empty), empty.column_names) == (0, ["event_id", "text"])


@pytest.mark.parametrize("model", [OF_PRODUCTS, OF_REVIEWS], ids=lambda model: model.name)
def test_languages_are_the_same_in_many_blocks(con, model):
    inputs = {name: name for name in NAMES}
    whole, parts = (model.train(con, inputs, {}, **more) for more in ({}, {"most": 1}))
    assert rows(whole) == rows(parts)
    assert (whole.rows, whole.metrics) == (parts.rows, parts.metrics)
    assert set(whole.metrics["texts"]) == {"en", "fr", "zh"}


@pytest.mark.parametrize("find", [word_forms.stem_words, word_forms.find_chinese_words])
def test_word_forms_are_the_same_in_many_blocks(con, monkeypatch, find):
    inputs = {name: name for name in NAMES}
    for model in (OF_PRODUCTS, OF_REVIEWS):
        (table,) = model.train(con, inputs, {}).tables.items()
        con.register("found", table[1])
        con.execute(f"CREATE TABLE {table[0]} AS FROM found")
    whole = find(con, inputs, {"stem": True})
    monkeypatch.setattr(word_forms, "text_blocks", lambda con, query: text_blocks(con, query, 1))
    parts = find(con, inputs, {"stem": True})
    assert rows(whole) == rows(parts) != {}
    assert whole.rows == parts.rows
