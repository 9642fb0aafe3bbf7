"""Latent Dirichlet allocation: bags of words, topics of documents, and what makes a topic readable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array

from duckmark.kernels.segments import segment_of, segment_sums

CONVERGED = 1e-3  # mean change of a document's weights, gensim's gamma_threshold
MOST_STEPS = 100
DOCUMENTS_AT_ONCE = 512  # 512 reviews x 25 terms x 12 topics of float64 are 1.2 MiB: the loop stays in cache


@dataclass(frozen=True)
class Bags:
    """Documents as bags of words: ``terms``, ``counts`` (m,); document i at [offsets[i], offsets[i + 1])."""

    terms: np.ndarray
    counts: np.ndarray
    offsets: np.ndarray

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def part(self, start: int, end: int) -> Bags:
        """Documents ``start`` to ``end`` on their own."""
        flat = slice(self.offsets[start], self.offsets[end])
        return Bags(self.terms[flat], self.counts[flat], self.offsets[start : end + 1] - self.offsets[start])

    def keep(self, chosen: np.ndarray) -> Bags:
        """The documents for which ``chosen`` (n,) is true."""
        lengths = np.diff(self.offsets)
        flat = np.repeat(chosen, lengths)
        return Bags(self.terms[flat], self.counts[flat], np.concatenate(([0], np.cumsum(lengths[chosen]))))


def bags_of_words(terms: np.ndarray, offsets: np.ndarray, size: int) -> Bags:
    """Count the flat ``terms`` (rows of a vocabulary of ``size``, -1 where unknown) of each document."""
    document = segment_of(offsets)
    known = terms >= 0
    pairs, counts = np.unique(document[known] * size + terms[known], return_counts=True)
    row, term = np.divmod(pairs, max(size, 1))
    return Bags(term, counts.astype(np.float64), np.searchsorted(row, np.arange(len(offsets))))


def topic_weights(bags: Bags, alpha: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """The variational Dirichlet weights of each document over topics, gamma (n, k).

    ``alpha``: prior (k,); ``beta``: probability of each term under each topic (v, k). The E-step of Blei,
    Ng & Jordan (2003) in the form of Hoffman, Blei & Bach (2010, algorithm 2), started from ones, so that a
    document's answer depends neither on chance nor on its neighbours.
    """
    starts = range(0, len(bags), DOCUMENTS_AT_ONCE)
    parts = [bags.part(start, min(start + DOCUMENTS_AT_ONCE, len(bags))) for start in starts]
    return np.concatenate([np.empty((0, len(alpha))), *(_fixed_points(part, alpha, beta) for part in parts)])


def _fixed_points(bags: Bags, alpha: np.ndarray, beta: np.ndarray) -> np.ndarray:
    gamma = np.ones((len(bags), len(alpha)))
    waiting = np.arange(len(bags))
    likely = beta[bags.terms]
    for _ in range(MOST_STEPS):
        theta = _expected(gamma[waiting])
        shares = likely * _responsibilities(bags, theta, likely)[:, None]
        new = alpha + theta * segment_sums(shares, bags.offsets)
        moved = np.abs(new - gamma[waiting]).mean(axis=1) >= CONVERGED
        gamma[waiting] = new
        if not moved.any():
            break
        if not moved.all():  # only what still moves is worth another step
            waiting, bags = waiting[moved], bags.keep(moved)
            likely = beta[bags.terms]
    return gamma


def _expected(gamma: np.ndarray) -> np.ndarray:
    """exp(E[log theta]) up to a factor per document, which cancels in all that is made of it."""
    from scipy.special import psi  # which only shops with topics by LDA need

    logs = psi(gamma)
    return np.exp(logs - logs.max(axis=1, keepdims=True))


def _responsibilities(bags: Bags, theta: np.ndarray, likely: np.ndarray) -> np.ndarray:
    """Each flat term's count over its probability in its document's mixture (m,)."""
    mixture = np.einsum("ij,ij->i", theta[segment_of(bags.offsets)], likely)
    return bags.counts / np.maximum(mixture, np.finfo(float).tiny)


def expected_counts(bags: Bags, gamma: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """How often each term is expected to stand for each topic, given the documents' weights: (v, k)."""
    theta = _expected(gamma)
    shares = _responsibilities(bags, theta, beta[bags.terms])
    by_document = csc_array((shares, bags.terms, bags.offsets), shape=(len(beta), len(bags)))
    return (by_document @ theta) * beta


def relevance(phi: np.ndarray, frequencies: np.ndarray, weight: float = 0.6) -> np.ndarray:
    """How well each term tells what a topic is: weight log p(w|t) + (1 - weight) log p(w|t)/p(w), (v, k).

    ``phi``: p(w|t) as (v, k); ``frequencies``: occurrences (v,), all positive. From Sievert & Shirley (2014),
    who found 0.6 to serve readers best.
    """
    log_phi = np.log(np.maximum(phi, np.finfo(float).tiny))
    return log_phi - (1 - weight) * np.log(frequencies / frequencies.sum())[:, None]
