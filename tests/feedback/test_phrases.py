"""Phrases against gensim's, word forms by hand, and how both stand in the terms of a review."""

from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from gensim.models.phrases import Phrases

from duckmark.models.term_groups import stems

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
        ("lamp", "lamps"), ("returning", "returned"), ("returns", "returned"),
    ]  # fmt: skip
    terms = con.execute("SELECT terms FROM duckmark.review_terms ORDER BY event_id").fetchall()
    assert terms[3:] == [(["returned"],), (["returned"],), (["lamps"],), (["lamps"],), (["lamps"],)]


def test_stems_of_phrases_are_those_of_their_words():
    assert stems(["runs small", "running small", "sizes"]) == ["run small", "run small", "size"]


@pytest.mark.parametrize("texts", [[], [None], ["the"], ["12 34"] * 20])
def test_shops_without_phrases(shop, texts):
    con = shop([{"rating": 5, "text": text} for text in texts])
    count = partial("SELECT count(*) FROM duckmark.{}".format)
    assert [con.execute(count(name)).fetchall()[0][0] for name in ("phrases", "term_groups")] == [0, 0]
