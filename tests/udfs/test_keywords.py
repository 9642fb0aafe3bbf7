from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duckmark.functions import Lexicon, Vocabulary
from duckmark.udfs.keywords import keywords

TERMS = {"drum": 2.0, "guitar": 3.0, "red": 1.0, "violin": 3.0}
VOCABULARY = Vocabulary(pa.array(TERMS), np.array(list(TERMS.values())), np.ones((len(TERMS), 2), np.float32))
LEXICON = Lexicon({"main": "en"}, {"en": ["the"]})


def of(texts: list[str | None], *k: int | None) -> list:
    counts = [pa.array([n] * len(texts), pa.int64()) for n in k]
    return keywords(pa.array(texts, pa.string()), *counts, lexicon=LEXICON, vocabulary=VOCABULARY).to_pylist()


def naive(text: str, k: int) -> list[dict]:
    weights = {term: n * TERMS[term] for term, n in Counter(text.lower().split()).items() if term in TERMS}
    best = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    return [{"term": term, "weight": weight} for term, weight in best[:k]]


def test_known_answer():
    assert of(["The red violin, the red, RED red guitar"], 2) == [
        [{"term": "red", "weight": 4.0}, {"term": "guitar", "weight": 3.0}]
    ]


@pytest.mark.parametrize("text", ["", "the", "unknown words"])
def test_no_known_term(text):
    assert of([text]) == [[]]


def test_null_and_k():
    assert of([None, "red"]) == [None, [{"term": "red", "weight": 1.0}]]
    assert of(["red", "drum"], None) == [None, None]
    assert of(["red drum"], 0) == of(["red drum"], -3) == [[]]


def test_a_file_without_terms():
    nothing = Vocabulary(pa.array([], pa.string()), np.zeros(0), np.zeros((0, 2), np.float32))
    assert keywords(pa.array(["red", None]), lexicon=LEXICON, vocabulary=nothing).to_pylist() == [[], None]


@settings(max_examples=100)
@given(st.lists(st.lists(st.sampled_from([*TERMS, "the", "other", "RED"]), max_size=9).map(" ".join), max_size=6))
def test_equals_a_count_for_each_text(texts):
    assert of(texts) == [naive(text, 10) for text in texts]
    assert of(texts, 2) == [naive(text, 2) for text in texts]
