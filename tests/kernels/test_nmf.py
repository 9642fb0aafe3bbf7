"""The NMF kernels against scikit-learn's TF-IDF and scipy's non-negative least squares."""

import numpy as np
import pytest
from scipy.optimize import nnls
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfTransformer

from duckmark.kernels.lda import bags_of_words
from duckmark.kernels.nmf import inverse_document_frequency, nonnegative_weights, tf_idf

TERMS, TOPICS = 50, 6


@pytest.fixture(scope="module")
def bags():
    """Texts of up to 25 terms, some of none."""
    chance = np.random.default_rng(2)
    documents = [chance.integers(0, TERMS, chance.integers(0, 26)) for _ in range(200)]
    return bags_of_words(np.concatenate(documents), np.cumsum([0, *map(len, documents)]), TERMS)


@pytest.fixture(scope="module")
def phi():
    return np.random.default_rng(3).dirichlet(np.full(TERMS, 0.1), TOPICS).T


def test_tf_idf_is_scikit_learns(bags):
    counts = csr_array((bags.counts, bags.terms, bags.offsets), shape=(len(bags), TERMS))
    theirs = TfidfTransformer().fit(counts)
    idf = inverse_document_frequency(bags, TERMS)
    assert idf == pytest.approx(theirs.idf_)
    assert tf_idf(bags, idf).toarray() == pytest.approx(theirs.transform(counts).toarray())


def test_weights_are_the_non_negative_least_squares(bags, phi):
    documents = tf_idf(bags, inverse_document_frequency(bags, TERMS))
    expected = [nnls(phi, row)[0] for row in documents.toarray()]
    assert nonnegative_weights(documents, phi) == pytest.approx(np.array(expected), abs=1e-5)


def test_topics_alike_do_not_hold_it_up(bags, phi):
    """Two topics that are nearly one: slow to converge, and still as near as scipy comes."""
    alike = np.column_stack([phi[:, 0], phi[:, 0] + 0.01 * phi[:, 1], phi])
    documents = tf_idf(bags, inverse_document_frequency(bags, TERMS))
    found = nonnegative_weights(documents, alike)
    errors = np.linalg.norm(documents.toarray() - found @ alike.T, axis=1)
    best = [nnls(alike, row)[1] for row in documents.toarray()]
    assert errors == pytest.approx(np.array(best), abs=1e-4)


def test_a_document_does_not_see_its_neighbours(bags, phi):
    documents = tf_idf(bags, inverse_document_frequency(bags, TERMS))
    alone = [nonnegative_weights(documents[[i]], phi) for i in range(len(bags))]
    assert np.array_equal(np.concatenate(alone), nonnegative_weights(documents, phi))


def test_a_document_that_is_a_topic_has_its_weight_alone(phi):
    weights = nonnegative_weights(csr_array(phi.T), phi)
    assert weights == pytest.approx(np.eye(TOPICS), abs=1e-5)


def test_no_documents_and_a_topic_of_nothing(phi):
    assert nonnegative_weights(csr_array((0, TERMS)), phi).shape == (0, TOPICS)
    phi = np.column_stack([phi, np.zeros(TERMS)])
    assert nonnegative_weights(csr_array(phi.T), phi)[:, -1].tolist() == [0] * (TOPICS + 1)
