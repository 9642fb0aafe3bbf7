"""Phrases against gensim's, word forms by hand, and how both stand in the terms of a review."""

from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from gensim.models.phrases import Phrases

from duckmark.models.term_groups import stems
from tests.feedback.conftest import open_shop, run_stage

WORDS = [f"x{letter}" for letter in "abcdefghijklmnop"]


@pytest.fixture
def texts():
    """Texts at random, in which xa is mostly followed by xb, xb often by xc, and xd by xe."""
    chance = np.random.default_rng(8)
    found = []
    for _ in range(400):
        words = []
        for word in chance.choice(WORDS, 8).tolist():
            follower = {"xa": "xb", "xd": "xe"}.get(word)
            words += [word, follower] if follower and chance.random() < 0.9 else [word]
            if words[-1] == "xb" and chance.random() < 0.8:
                words.append("xc")
        found.append(words)
    return found


@pytest.fixture
def trained(shop, texts):
    return shop([{"rating": 5, "text": " ".join(words)} for words in texts])


@pytest.fixture
def gensim(texts):
    corpus = [*texts, ["lamp"]]  # the title of the shop's product
    return Phrases(corpus, min_count=10, threshold=0.4, scoring="npmi", delimiter=" ")


def test_phrases_are_gensims(trained, gensim):
    ours = dict(trained.execute("SELECT phrase, npmi FROM duckmark.phrases").fetchall())
    assert {"xa xb", "xb xc", "xd xe"} <= ours.keys()
    assert ours == pytest.approx(gensim.export_phrases())


def test_terms_are_joined_as_gensim_joins_them(trained, gensim, texts):
    ours = trained.execute("SELECT terms FROM duckmark.review_terms ORDER BY event_id").fetchall()
    assert [terms for (terms,) in ours] == [gensim[words] for words in texts]


def test_a_chain_is_joined_from_the_left(trained):
    ours = trained.execute("SELECT terms, phrases FROM duckmark.review_terms ORDER BY event_id").fetchall()
    chains = [terms for terms, _ in ours if "xa xb" in terms]
    assert chains
    assert all(term in ("xa xb", "xb xc", "xd xe") for _, phrases in ours for term in phrases)
    pairs = [pair for terms in chains for pair in pairwise(terms)]
    assert not any(left == "xa" and right.startswith("xb") for left, right in pairs)


def test_the_form_that_is_written_most_stands_for_all(shop):
    texts = ["returned it"] * 3 + ["returning", "returns", "lamp", "lamps", "lamps"]
    con = shop([{"rating": 1, "text": text} for text in texts])
    assert con.execute("FROM duckmark.term_groups").fetchall() == [
        ("en", "lamp", "lamps"), ("en", "returning", "returned"), ("en", "returns", "returned"),
    ]  # fmt: skip
    terms = con.execute("SELECT terms FROM duckmark.review_terms ORDER BY event_id").fetchall()
    assert terms[3:] == [(["returned"],), (["returned"],), (["lamps"],), (["lamps"],), (["lamps"],)]


def test_stems_of_phrases_are_those_of_their_words():
    assert stems(["runs small", "running small", "sizes"], "en") == ["run small", "run small", "size"]
    assert stems(["petites tailles", "petite taille"], "fr") == ["petit taill", "petit taill"]
    assert stems(["很 好"], "zh") == ["很 好"]


LANGUAGES = """
CREATE OR REPLACE VIEW duckmark.review_languages AS
SELECT event_id, coalesce(user_id, 'en') AS language FROM duckmark.events
"""


@pytest.fixture
def mixed(con, tmp_path):
    """Reviews in three languages (named in the place of the user), under VADER itself."""
    said = {
        ("fr", 1): ["La poignée est cassée, le service client est nul", "Poignées cassées, service client odieux"],
        ("fr", 5): ["Une belle lampe, très jolie couleur", "De belles lampes, livraison soignée"],
        ("en", 1): ["The handle broke, customer service did nothing", "Broken handles and customer service is rude"],
        ("en", 5): ["A lovely lamp for the corner", "Lamps as lovely as can be"],
        ("zh", 1): ["质量很差，非常失望。包装也破了！", "质量太差，非常后悔"],
        ("zh", 5): ["非常漂亮，质量不错", "颜色很漂亮。喜欢！"],
    }
    open_shop(con, tmp_path)
    con.execute(LANGUAGES)
    rows = [
        (10 * place + number, language, "p", rating, texts[number % 2])
        for place, ((language, rating), texts) in enumerate(said.items())
        for number in range(10)
    ]
    con.executemany(
        "INSERT INTO duckmark.events (event_id, user_id, product_id, rating, text) VALUES (?, ?, ?, ?, ?)", rows
    )
    con.execute("INSERT INTO duckmark.products (product_id, title) VALUES ('p', 'Lamp')")
    run_stage(con, topics=0)
    return con


def test_word_forms_are_grouped_in_their_own_language(mixed):
    groups = dict(mixed.sql("SELECT term, form FROM duckmark.term_groups WHERE language = 'fr'").fetchall())
    assert groups["poignées"] == "poignée"
    assert groups["cassées"] == "cassée"
    assert mixed.sql("SELECT DISTINCT language FROM duckmark.term_groups ORDER BY 1").fetchall() == [("en",), ("fr",)]


def test_phrases_are_found_in_each_language(mixed):
    found = dict(mixed.sql("SELECT phrase, language FROM duckmark.phrases").fetchall())
    assert found["customer service"] == "en"
    assert found["service client"] == "fr"
    assert found["质 量"] == "zh"  # no words were found in this shop's Chinese, so characters stand for them


def test_said_terms_are_of_a_language_and_only_english_ones_have_a_feeling(mixed):
    said = {term: rest for term, *rest in mixed.sql(
        "SELECT term, language, reviews, feeling, spellings FROM duckmark.said_terms"
    ).fetchall()}  # fmt: skip
    assert said["service client"] == ["fr", 10, 0, ["service client"]]
    assert said["poignée"] == ["fr", 10, 0, ["poignée", "poignées"]]
    assert {language for language, *_ in said.values()} == {"en", "fr", "zh"}
    assert all(feeling == 0 for language, _, feeling, _ in said.values() if language != "en")


def test_terms_of_weak_chinese_words_say_nothing(mixed):
    mentions = {term for (term,) in mixed.sql("SELECT DISTINCT term FROM duckmark.product_mentions").fetchall()}
    said = {term for (term,) in mixed.sql("SELECT term FROM duckmark.said_terms").fetchall()}
    assert {"太", "不"} <= mentions - said  # too and not: of what, they do not say
    assert "质 量" in said


def test_complaints_quote_sentences_of_every_language(mixed):
    quoted = dict(mixed.sql("SELECT term, example FROM complaints('p', 30)").fetchall())
    assert any("cassée" in quote for quote in quoted.values())
    assert any("质量" in quote for quote in quoted.values())
    assert all(quoted.values())


@pytest.mark.parametrize("texts", [[], [None], ["the"], ["12 34"] * 20])
def test_shops_without_phrases(shop, texts):
    con = shop([{"rating": 5, "text": text} for text in texts])
    count = partial("SELECT count(*) FROM duckmark.{}".format)
    assert [con.execute(count(name)).fetchall()[0][0] for name in ("phrases", "term_groups")] == [0, 0]
