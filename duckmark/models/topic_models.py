"""Topics of bags of words by NMF or LDA, and how many of them there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from duckmark.kernels.coherence import c_v, windows_together
from duckmark.kernels.lda import Bags, bags_of_words, relevance, topic_weights
from duckmark.kernels.nmf import inverse_document_frequency, nonnegative_weights, tf_idf

TOP_TERMS = 10
NUMBERS = (4, 6, 8, 10, 12, 15, 20, 25, 30)  # of topics, tried where none is given
# On how many reviews, evenly spaced over all, the numbers are tried: seconds for the one, half a minute for the other.
REVIEWS_TRIED = {"nmf": 20_000, "lda": 4_000}


@dataclass(frozen=True)
class Fitted:
    """A trained model of v terms and k topics.

    ``phi``: the terms' shares in each topic (v, k), each topic's adding up to 1; ``sizes``: how much of the reviews
    each topic is (k,); ``idf`` (v,); ``alpha``: LDA's prior (k,), None of NMF.
    """

    phi: np.ndarray
    sizes: np.ndarray
    idf: np.ndarray
    alpha: np.ndarray | None

    def weights(self, bags: Bags) -> np.ndarray:
        """How much of each topic is in each document, (n, k); nothing of any in one without a known term."""
        if self.alpha is None:
            return nonnegative_weights(tf_idf(bags, self.idf), self.phi)
        weights = topic_weights(bags, self.alpha, self.phi)
        weights[np.diff(bags.offsets) == 0] = 0
        return weights


def train_nmf(bags: Bags, topics: int, size: int, seed: int) -> Fitted:
    """scikit-learn's NMF (coordinate descent, begun from the singular vectors: NNDSVDa) on unit TF-IDF rows."""
    from sklearn.decomposition import NMF
    from threadpoolctl import threadpool_limits

    idf = inverse_document_frequency(bags, size)
    documents = tf_idf(bags, idf)
    model = NMF(topics, init="nndsvda", tol=1e-3, max_iter=400, random_state=seed)
    with threadpool_limits(1):  # its products are too small to share
        weights = model.fit_transform(documents)
    mass = model.components_.sum(axis=1)
    phi = (model.components_ / np.where(mass > 0, mass, 1)[:, None]).T
    return Fitted(phi, weights.sum(axis=0) * mass, idf, None)


def train_lda(bags: Bags, topics: int, size: int, seed: int) -> Fitted:
    """gensim's online LDA with automatic priors, on our own E-step."""
    from duckmark.models.online_lda import OnlineLda  # gensim takes half a second to import

    model = OnlineLda(bags, list(map(str, range(size))), topics, seed)
    idf = inverse_document_frequency(bags, size)
    phi = model.get_topics().T.astype(np.float64)
    return Fitted(phi, model.state.get_lambda().sum(axis=1), idf, model.alpha.astype(np.float64))


TRAINERS: dict[str, Callable[..., Fitted]] = {"nmf": train_nmf, "lda": train_lda}


def top_terms(phi: np.ndarray, bags: Bags) -> np.ndarray:
    """The ten terms that say best what each topic is, by relevance in these documents: (k, 10)."""
    frequencies = np.maximum(np.bincount(bags.terms, bags.counts, len(phi)), 1)
    return np.argsort(-relevance(phi, frequencies), axis=0, kind="stable")[:TOP_TERMS].T


def choose_number(fit: Callable[..., Fitted], words: np.ndarray, offsets: np.ndarray, size: int, documents: int) -> int:
    """The number of topics whose top terms go together best (c_v), on at most so many ``documents``, evenly spaced.

    ``words``: places in a vocabulary of ``size``, -1 where unknown; document i at [offsets[i], offsets[i + 1]). Tried
    are numbers from 4 to 30 that leave each topic twice as many documents and terms as it has top terms; the smallest
    of equals is taken.
    """
    words, offsets = evenly_spaced(words, offsets, documents)
    bags = bags_of_words(words, offsets, size)
    bags = bags.keep(np.diff(bags.offsets) > 0)
    most = min(len(bags), size) // (2 * TOP_TERMS)
    numbers = [number for number in NUMBERS if number <= most] or [max(2, most)]
    if len(numbers) == 1:
        return numbers[0]
    tops = [top_terms(fit(bags, topics=number).phi, bags) for number in numbers]
    chosen = np.unique(np.concatenate(tops))
    together = windows_together(words, offsets, chosen)
    coherence = [c_v(top, chosen, *together).mean() for top in tops]
    return numbers[int(np.argmax(np.round(coherence, 3)))]


def evenly_spaced(words: np.ndarray, offsets: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """The words and offsets of at most so many documents, evenly spaced."""
    lengths = np.diff(offsets)
    chosen = _spread(len(lengths), most)
    return words[np.repeat(chosen, lengths)], np.concatenate(([0], np.cumsum(lengths[chosen])))


def sample(bags: Bags, most: int) -> Bags:
    """At most so many documents, evenly spaced."""
    return bags if len(bags) <= most else bags.keep(_spread(len(bags), most))


def _spread(size: int, most: int) -> np.ndarray:
    """At most so many places out of ``size``, evenly spaced: (size,) of bool."""
    chosen = np.zeros(size, bool)
    chosen[np.linspace(0, size - 1, min(size, most)).astype(np.int64)] = True
    return chosen
