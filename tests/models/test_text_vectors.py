"""Profiles of whole texts, as a transformer reads them."""

import sys

import duckdb
import numpy as np
import pytest

import duckmark
from tests.models.fake_encoder import unit
from tests.shop import build_shop, event, events


@pytest.fixture
def encoded(tmp_path, fake):
    """A shop whose texts were read whole."""
    options = {"embedder": "transformer", "vectors": str(tmp_path)}
    return build_shop(duckmark.build, tmp_path / "shop.duckdb", options=options)


PROFILES = """
SELECT vector, concat_ws(' ', title, category, description), list(text)
FROM product_profiles LEFT JOIN (SELECT product_id, text FROM feedback WHERE text IS NOT NULL) USING (product_id)
GROUP BY ALL
"""
OF_A_USER = """
SELECT u.vector, (
    SELECT list({
        'text': concat_ws(' ', title, category, description),
        'weight': if(i.preference < 0, i.preference / 4, i.preference)
    })
    FROM duckmark.interactions AS i JOIN product_profiles AS p USING (product_id) WHERE i.user_id = u.user_id
), (SELECT list({'text': text, 'satisfaction': satisfaction}) FROM feedback AS f WHERE f.user_id = u.user_id)
FROM user_profiles AS u WHERE u.user_id = '0003'
"""


def test_profiles_are_made_of_whole_texts(encoded):
    with duckdb.connect(str(encoded), read_only=True) as con:
        rows = con.sql(PROFILES).fetchall()
        [(user, taken, written)] = con.sql(OF_A_USER).fetchall()
    assert len(rows) == 40
    for vector, own, reviews in rows:
        said = [unit(review) for review in reviews if review]
        expected = unit(own) + (np.mean(said, axis=0) if said else 0)
        assert vector == pytest.approx(expected / np.linalg.norm(expected), abs=1e-5)
    expected = sum(unit(one["text"]) * float(one["weight"]) for one in taken)
    for one in written:
        if one["text"]:
            expected = expected + unit(one["text"]) * (-0.25 if one["satisfaction"] < 0.4 else 1)
    assert user == pytest.approx(expected / np.linalg.norm(expected), abs=1e-5)


def test_plain_sql_knows_the_texts_of_the_file_and_says_why_no_others(encoded):
    with duckdb.connect(str(encoded), read_only=True) as con:
        query = "SELECT embed(title), title FROM product_profiles UNION ALL SELECT embed(text), text FROM feedback"
        for vector, text in con.sql(query).fetchall():
            assert text is None or vector == pytest.approx(unit(text), abs=1e-6)
        assert con.sql("SELECT embed('never heard of'), embed(NULL)").fetchall() == [(None, None)]
        [(reason,)] = con.sql("SELECT reason FROM models WHERE model = 'text_vectors'").fetchall()
        assert "any other is NULL there: embed it in Python" in reason
        assert con.sql("SELECT title FROM search_products('violin', k := 1)").fetchall() == [("Classical Violin",)]
        assert con.sql("SELECT count(*) FROM similar_products('00100', k := 3)").fetchall() == [(3,)]


def test_python_encodes_other_texts(encoded):
    with duckmark.connect(encoded, read_only=True) as con:
        rows = con.sql("SELECT embed(t) FROM (VALUES ('never heard of'), (NULL), (' '), ('never heard of')) AS v (t)")
        one, nothing, blank, same = (vector for (vector,) in rows.fetchall())
        assert one == same == pytest.approx(unit("never heard of"), abs=1e-6)
        assert (nothing, blank) == (None, None)


def test_without_the_extra_python_answers_as_plain_sql_does(encoded, monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with duckmark.connect(encoded, read_only=True) as con:
        query = "SELECT embed('never heard of'), (SELECT embed(min(title)) FROM product_profiles)"
        [(unknown, known)] = con.sql(query).fetchall()
        assert unknown is None
        assert len(known) == 3


def test_a_refresh_reads_new_texts_or_says_that_it_cannot(encoded, monkeypatch):
    new = events([event("0003", "00100", "review", rating=5.0, text="Entirely unheard of praise")])
    duckmark.refresh(encoded, events=new)
    query = "SELECT embed('Entirely unheard of praise') FROM models WHERE model = 'text_vectors'"
    with duckdb.connect(str(encoded), read_only=True) as con:
        assert con.sql(query).fetchall()[0][0] == pytest.approx(unit("Entirely unheard of praise"), abs=1e-6)
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    duckmark.refresh(encoded, events=events([event("0003", "00101", "review", rating=5.0, text="More of it")]))
    with duckdb.connect(str(encoded), read_only=True) as con:
        query = "SELECT reason, embed('More of it') FROM models WHERE model = 'text_vectors'"
        [(reason, unknown)] = con.sql(query).fetchall()
        assert reason.startswith("1 new texts have no vector: embedder transformer needs sentence-transformers")
        assert unknown is None
        assert con.sql("SELECT count(vector) FROM user_profiles WHERE user_id = '0003'").fetchall() == [(1,)]
