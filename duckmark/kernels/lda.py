"""Latent Dirichlet allocation: bags of words, topics of documents, and what makes a topic readable."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import psi

from duckmark.kernels.segments import segment_of, segment_sums

CONVERGED = 1e-3  # mean change of a document's weights, gensim's gamma_threshold
MOST_STEPS = 100
DOCUMENTS_AT_ONCE = 512  # 512 reviews x 25 terms x 12 topics of float64 are 1.2 MiB: the loop stays in cache


class Bags(NamedTuple):
    """Documents as bags of words: ``terms`` and ``counts`` (m,), document i in [offsets[i], offsets[i + 1])."""

    terms: np.ndarray
    counts: np.ndarray
    offsets: np.ndarray

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def part(self, start: int, end: int) -> Bags:
        """Documents ``start`` to ``end`` on their own."""
        flat = slice(self.offsets[start], self.offsets[end])
        return Bags(self.terms[flat], self.counts[flat], self.offsets[start : end + 1] - self.offsets[start])


def bags_of_words(terms: np.ndarray, offsets: np.ndarray, size: int) -> Bags:
    """Count the flat ``terms`` (rows of a vocabulary of ``size``, -1 where unknown) of each document."""
    document = segment_of(offsets)
    known = terms >= 0
    pairs, counts = np.unique(document[known] * size + terms[known], return_counts=True)
    row, term = np.divmod(pairs, max(size, 1))
    return Bags(term, counts.astype(np.float64), np.searchsorted(row, np.arange(len(offsets))))


def topic_weights(bags: Bags, alpha: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """The variational Dirichlet weights of each document over topics, gamma (n, k).

    ``alpha``: prior (k,); ``beta``: probability of each term under each topic (v, k). The E-step of Blei, Ng &
    Jordan (2003) in the form of Hoffman, Blei & Bach (2010, algorithm 2), started from ones, so that a
    document's answer depends neither on chance nor on its neighbours.
    """
    starts = range(0, len(bags), DOCUMENTS_AT_ONCE)
    parts = [bags.part(start, min(start + DOCUMENTS_AT_ONCE, len(bags))) for start in starts]
    return np.concatenate([np.empty((0, len(alpha))), *(_fixed_points(part, alpha, beta) for part in parts)])


def _fixed_points(bags: Bags, alpha: np.ndarray, beta: np.ndarray) -> np.ndarray:
    gamma = np.ones((len(bags), len(alpha)))
    beta = beta[bags.terms]
    waiting = np.arange(len(bags))
    for _ in range(MOST_STEPS):
        theta = _expected(gamma[waiting])
        new = alpha + theta * segment_sums(beta * (bags.counts / _mixture(theta, beta, bags))[:, None], bags.offsets)
        moved = np.abs(new - gamma[waiting]).mean(axis=1) >= CONVERGED
        gamma[waiting] = new
        if not moved.all():
            waiting, bags, beta = _still(moved, waiting, bags, beta)
        if not len(waiting):
            break
    return gamma


def _expected(gamma: np.ndarray) -> np.ndarray:
    """exp(E[log theta]) up to a factor per document, which the fixed point does not see."""
    logs = psi(gamma)
    return np.exp(logs - logs.max(axis=1, keepdims=True))


def _mixture(theta: np.ndarray, beta: np.ndarray, bags: Bags) -> np.ndarray:
    """How likely each flat term is under its document's mixture (m,)."""
    return np.einsum("ij,ij->i", theta[segment_of(bags.offsets)], beta) + np.finfo(float).tiny


def _still(moved: np.ndarray, waiting: np.ndarray, bags: Bags, beta: np.ndarray) -> tuple:
    """Go on with the documents that have not converged."""
    lengths = np.diff(bags.offsets)
    flat = np.repeat(moved, lengths)
    offsets = np.concatenate(([0], np.cumsum(lengths[moved])))
    return waiting[moved], Bags(bags.terms[flat], bags.counts[flat], offsets), beta[flat]
