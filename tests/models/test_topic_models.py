"""How many topics there are, and what both models make of planted ones."""

from functools import partial

import numpy as np
import pytest

from duckmark.kernels.lda import bags_of_words
from duckmark.models.topic_models import TRAINERS, choose_number, evenly_spaced, sample, top_terms, train_nmf

EACH = 12  # terms of a topic


def planted(topics: int, documents: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Documents of 12 words, nine in ten of which are of the document's topic: its words, and where each begins."""
    chance = np.random.default_rng(topics)
    own = chance.integers(0, topics, documents)
    strays = chance.integers(0, topics * EACH, (documents, 12))
    words = own[:, None] * EACH + chance.integers(0, EACH, (documents, 12))
    return np.where(chance.random(words.shape) < 0.1, strays, words).ravel(), np.arange(0, documents * 12 + 1, 12)


def test_the_number_of_planted_topics_is_found():
    topics = 4
    words, offsets = planted(topics)
    fit = partial(train_nmf, size=topics * EACH + 200, seed=1)
    assert choose_number(fit, words, offsets, topics * EACH + 200, 10**6) == topics


@pytest.mark.parametrize("kind", TRAINERS)
def test_planted_topics_are_found(kind):
    words, offsets = planted(4)
    bags = bags_of_words(words, offsets, 4 * EACH)
    fitted = TRAINERS[kind](bags, 4, 4 * EACH, 1)
    found = [set(row // EACH) for row in top_terms(fitted.phi, bags)]
    assert sorted(map(tuple, found)) == [(topic,) for topic in range(4)]
    assert fitted.phi.sum(axis=0) == pytest.approx(1, abs=1e-5)
    topic = fitted.weights(bags).argmax(axis=1)
    own = words.reshape(-1, 12) // EACH
    assert (np.array([next(iter(found[t])) for t in topic]) == [np.bincount(row).argmax() for row in own]).mean() > 0.99


@pytest.mark.parametrize("documents", [3, 39, 60])
def test_few_documents_have_few_topics(documents):
    words, offsets = planted(4, documents)
    assert choose_number(partial(train_nmf, size=48, seed=1), words, offsets, 48, 10**6) == 2


def test_samples_are_evenly_spaced():
    words, offsets = np.arange(20), np.array([0, 2, 2, 5, 9, 14, 20])
    some, begin = evenly_spaced(words, offsets, 3)
    assert (some.tolist(), begin.tolist()) == ([0, 1, 2, 3, 4, *range(14, 20)], [0, 2, 5, 11])
    assert evenly_spaced(words, offsets, 100)[0].tolist() == words.tolist()
    bags = bags_of_words(words, offsets, 20)
    assert np.array_equal(sample(bags, 3).terms, some)
    assert sample(bags, 6) is bags
