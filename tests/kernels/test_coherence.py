"""c_v coherence against gensim's, and its windows against a count of each."""

from itertools import combinations

import numpy as np
import pytest
from gensim.corpora import Dictionary
from gensim.models import CoherenceModel

from duckmark.kernels.coherence import c_v, windows_together

TERMS = 40


def texts(longest, count=300, seed=4):
    chance = np.random.default_rng(seed)
    phi = chance.dirichlet(np.full(TERMS, 0.2), 4)
    mixtures = chance.dirichlet(np.full(4, 0.2), count)
    return [chance.choice(TERMS, chance.integers(0, longest + 1), p=mixture @ phi) for mixture in mixtures]


def flat(documents):
    return np.concatenate(documents), np.cumsum([0, *map(len, documents)])


def counted(documents, chosen, window):
    """Each window of each document, one after the other."""
    together, windows = np.zeros((len(chosen), len(chosen))), 0
    for words in documents:
        for start in range(max(len(words) - window, 0) + 1):
            inside = set(words[start : start + window].tolist())
            found = [place for place, term in enumerate(chosen) if term in inside]
            windows += 1
            together[found, found] += 1
            for a, b in combinations(found, 2):
                together[a, b] += 1
                together[b, a] += 1
    return together, windows


@pytest.mark.parametrize("window", [1, 7, 110])
def test_windows_are_those_of_a_naive_count(window):
    documents = [*texts(30), np.array([], np.int64), np.array([3] * 20)]
    chosen = np.array([1, 3, 4, 17, 39])
    together, windows = windows_together(*flat(documents), chosen, window)
    expected, total = counted(documents, chosen, window)
    assert np.array_equal(together, expected)
    assert windows == total


def test_more_documents_than_are_looked_at_at_once():
    documents = texts(12, count=1_200)
    together, _ = windows_together(*flat(documents), np.arange(TERMS))
    assert np.array_equal(together, counted(documents, np.arange(TERMS), 110)[0])


def test_coherence_is_gensims():
    """Of texts no longer than a window; in longer ones gensim forgets a word that leaves it, though it stands twice."""
    documents = [document for document in texts(60) if len(document)]
    chance, seen = np.random.default_rng(1), np.unique(np.concatenate(documents))
    top = np.array([chance.choice(seen, 10, replace=False) for _ in range(5)])
    words = [[str(term) for term in document] for document in documents]
    theirs = CoherenceModel(
        topics=[[str(term) for term in row] for row in top],
        texts=words,
        dictionary=Dictionary(words),
        coherence="c_v",
        processes=1,
    ).get_coherence_per_topic()
    chosen = np.unique(top)
    assert c_v(top, chosen, *windows_together(*flat(documents), chosen)) == pytest.approx(theirs, abs=1e-9)


def test_terms_that_always_stand_together_are_coherent():
    documents = [np.array([0, 1, 2]), np.array([3, 4, 5])] * 20
    top = np.array([[0, 1, 2], [0, 3, 4]])
    together = c_v(top, np.arange(6), *windows_together(*flat(documents), np.arange(6)))
    assert together[0] == pytest.approx(1)
    assert together[1] < 0.9


def test_a_term_that_never_stands_is_not_coherent():
    documents = [np.array([0, 1])] * 5 + [np.array([2])] * 5
    chosen = np.array([0, 1, 7])
    coherence = c_v(chosen[None], chosen, *windows_together(*flat(documents), chosen))
    assert coherence == pytest.approx(2 / 3)
