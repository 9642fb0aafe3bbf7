"""Word vectors trained on two threads: the same again, and as good as those of one."""

from itertools import chain

import numpy as np
import pytest
from gensim.models import FastText, Word2Vec

from duckmark.kernels import blocks
from duckmark.models import mixing

GROUPS = [[f"{name}{number}" for number in range(8)] for name in ("red", "green", "blue")]
SETTINGS = {"vector_size": 16, "epochs": 4, "sg": 1, "negative": 5, "seed": 1, "min_count": 1, "workers": 1}


def texts() -> list[list[str]]:
    """A thousand sentences, the words of each of one group."""
    draws = np.random.default_rng(0)
    return [draws.choice(GROUPS[number % 3], 12).tolist() for number in range(1000)]


def vectors(kind: type) -> np.ndarray:
    model = kind(**SETTINGS, **({"bucket": 1000} if kind is FastText else {}))
    model.build_vocab(texts())
    mixing.trained(model, texts(), SETTINGS["seed"])
    return model.wv.get_normed_vectors()[[model.wv.key_to_index[word] for word in chain(*GROUPS)]]


@pytest.mark.parametrize("kind", [Word2Vec, FastText])
def test_words_of_the_same_sentences_are_alike_and_a_second_run_agrees(kind):
    found = vectors(kind)
    cosines = (found @ found.T).reshape(3, 8, 3, 8).mean(axis=(1, 3))
    assert (cosines.diagonal() > cosines[~np.eye(3, dtype=bool)].max() + 0.3).all()
    assert np.array_equal(found, vectors(kind))


def test_one_core_gives_what_two_give(monkeypatch):
    found = vectors(Word2Vec)
    monkeypatch.setattr(blocks, "WORKERS", 1)
    assert np.array_equal(found, vectors(Word2Vec))


def test_the_last_seed_that_there_is_has_a_next_one():
    model = Word2Vec(**SETTINGS)
    model.build_vocab(texts())
    mixing.trained(model, texts(), 2**32 - 1)
    assert np.isfinite(model.wv.vectors).all()
