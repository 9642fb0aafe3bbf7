"""The LDA kernels against loops written from the papers, and against gensim."""

from collections import Counter
from math import log

import numpy as np
import pytest
from gensim.models import LdaModel
from scipy.special import psi

from duckmark.kernels.lda import Bags, bags_of_words, expected_counts, relevance, topic_weights
from duckmark.models.online_lda import OnlineLda

TERMS, TOPICS = 60, 4


@pytest.fixture(scope="module")
def texts():
    """Texts of up to 30 terms, each from its own mixture of topics (some empty)."""
    chance = np.random.default_rng(5)
    phi = chance.dirichlet(np.full(TERMS, 0.1), TOPICS)
    mixtures = chance.dirichlet(np.full(TOPICS, 0.2), 700)
    return [chance.choice(TERMS, chance.integers(0, 31), p=mixture @ phi) for mixture in mixtures]


@pytest.fixture(scope="module")
def bags(texts):
    return bags_of_words(np.concatenate(texts), np.cumsum([0, *map(len, texts)]), TERMS)


@pytest.fixture(scope="module")
def gensim(bags):
    model = LdaModel(
        corpus(bags),
        TOPICS,
        dict(enumerate(map(str, range(TERMS)))),
        passes=10,
        alpha="auto",
        eta="auto",
        random_state=1,
    )
    return model, np.ascontiguousarray(model.expElogbeta.T, np.float64)


def corpus(bags):
    pairs = list(zip(bags.terms.tolist(), bags.counts.tolist(), strict=True))
    return [pairs[start:end] for start, end in zip(bags.offsets, bags.offsets[1:], strict=False)]


def test_bags_count_known_terms():
    bags = bags_of_words(np.array([2, 0, 2, -1, -1, 1]), np.array([0, 4, 4, 5, 6]), 3)
    assert bags.terms.tolist() == [0, 2, 1]
    assert bags.counts.tolist() == [1, 2, 1]
    assert bags.offsets.tolist() == [0, 2, 2, 2, 3]


def test_bags_equal_a_count_of_each_text(texts, bags):
    assert [dict(bag) for bag in corpus(bags)] == [Counter(text.tolist()) for text in texts]


def test_parts_and_choices_of_bags(bags):
    chosen = np.arange(len(bags)) % 3 == 1
    assert corpus(bags.keep(chosen)) == corpus(bags)[1::3]
    assert corpus(bags.part(10, 20)) == corpus(bags)[10:20]


def fixed_point(bag, alpha, beta):
    """Hoffman et al. (2010), algorithm 2, lines 5 to 9, for one document."""
    gamma = np.ones(len(alpha))
    for _ in range(100):
        theta = np.exp(psi(gamma) - psi(gamma.sum()))
        new = alpha.copy()
        for term, count in bag:
            phi = theta * beta[term]
            new += count * phi / phi.sum()
        moved = np.abs(new - gamma).mean()
        gamma = new
        if moved < 1e-3:
            break
    return gamma


def test_topic_weights_are_the_papers(bags, gensim):
    model, beta = gensim
    alpha = model.alpha.astype(np.float64)
    naive = [fixed_point(bag, alpha, beta) for bag in corpus(bags)]
    assert topic_weights(bags, alpha, beta) == pytest.approx(np.array(naive), rel=1e-9)


def test_topic_weights_are_gensims(bags, gensim):
    model, beta = gensim
    theirs, _ = model.inference(corpus(bags))
    ours = topic_weights(bags, model.alpha.astype(np.float64), beta)
    ours, theirs = (gamma / gamma.sum(axis=1, keepdims=True) for gamma in (ours, theirs))
    full = np.diff(bags.offsets) > 0
    assert (ours.argmax(axis=1) == theirs.argmax(axis=1))[full].mean() > 0.98
    assert np.abs(ours - theirs)[full].sum(axis=1).mean() < 0.03


def test_a_document_does_not_see_its_neighbours(bags, gensim):
    model, beta = gensim
    alpha = model.alpha.astype(np.float64)
    alone = [topic_weights(bags.part(i, i + 1), alpha, beta) for i in range(len(bags))]
    assert np.array_equal(np.concatenate(alone), topic_weights(bags, alpha, beta))


def test_no_documents(gensim):
    model, beta = gensim
    none = Bags(np.empty(0, np.int64), np.empty(0), np.zeros(1, np.int64))
    assert topic_weights(none, model.alpha.astype(np.float64), beta).shape == (0, TOPICS)


def test_expected_counts_are_gensims_statistics(bags, gensim):
    model, beta = gensim
    gamma, statistics = model.inference(corpus(bags), collect_sstats=True)
    # gensim's come from the step before its last, so they agree as far as it has converged.
    ours = expected_counts(bags, gamma.astype(np.float64), beta)
    assert ours == pytest.approx(statistics.T, abs=0.5)
    assert ours.sum() == pytest.approx(bags.counts.sum())


def test_training_explains_texts_as_well_as_gensims(bags, gensim):
    model, beta = gensim
    written = Bags(bags.terms, bags.counts, np.unique(bags.offsets))
    ours = OnlineLda(written, list(map(str, range(TERMS))), TOPICS, seed=1)
    ours_beta = np.ascontiguousarray(ours.expElogbeta.T, np.float64)
    scores = [log_likelihood(written, m.alpha.astype(np.float64), b) for m, b in ((ours, ours_beta), (model, beta))]
    assert scores[0] > scores[1] - 0.02


def log_likelihood(bags, alpha, beta):
    """Mean log probability of a word under its document's mixture."""
    gamma = topic_weights(bags, alpha, beta)
    theta, phi = gamma / gamma.sum(axis=1, keepdims=True), beta / beta.sum(axis=0)
    likely = (np.repeat(theta, np.diff(bags.offsets), axis=0) * phi[bags.terms]).sum(axis=1)
    return (bags.counts * np.log(likely)).sum() / bags.counts.sum()


def test_relevance_weighs_lift():
    phi = np.array([[0.5, 0.1], [0.5, 0.9]])
    frequencies = np.array([10.0, 30.0])
    expected = 0.6 * log(0.5) + 0.4 * log(0.5 / 0.25)
    assert relevance(phi, frequencies)[0, 0] == pytest.approx(expected)
    assert relevance(phi, frequencies, 1.0) == pytest.approx(np.log(phi))
