"""Non-negative matrix factorisation: TF-IDF of bags of words, and the weights of documents over given topics."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from duckmark.kernels.lda import Bags
from duckmark.kernels.segments import segment_of

MOST_SWEEPS = 1_000
CONVERGED = 1e-7  # largest change of a document's weights in a sweep
DOCUMENTS_AT_ONCE = 4_096  # x 12 topics of float64 are 384 KiB: the sweeps stay in cache


def tf_idf(bags: Bags, idf: np.ndarray) -> csr_array:
    """Each document as a unit row of counts x ``idf`` (v,): (n, v). A document without terms is a row of zeros."""
    values = bags.counts * idf[bags.terms]
    squares = np.bincount(segment_of(bags.offsets), values * values, len(bags))
    values = values / np.sqrt(np.repeat(squares, np.diff(bags.offsets)))
    return csr_array((values, bags.terms, bags.offsets), shape=(len(bags), len(idf)))


def inverse_document_frequency(bags: Bags, size: int) -> np.ndarray:
    """ln((1 + n) / (1 + df)) + 1, as scikit-learn smooths it: (size,)."""
    return np.log((1 + len(bags)) / (1 + np.bincount(bags.terms, minlength=size))) + 1


def nonnegative_weights(documents: csr_array, phi: np.ndarray) -> np.ndarray:
    """The weights w >= 0 (n, k) with the least squared error of w @ phi.T to ``documents`` (n, v); ``phi``: (v, k).

    Non-negative least squares by exact coordinate descent (HALS; Cichocki & Phan 2009), one topic at a time for many
    documents. Each is touched by arithmetic of its own only and rests as soon as it has converged, so its answer does
    not depend on its neighbours.
    """
    gram = phi.T @ phi
    starts = range(0, documents.shape[0], DOCUMENTS_AT_ONCE)
    parts = [_descend((documents[start : start + DOCUMENTS_AT_ONCE] @ phi).T, gram) for start in starts]
    return np.concatenate([np.empty((0, phi.shape[1])), *parts])


def _descend(gradient: np.ndarray, gram: np.ndarray) -> np.ndarray:
    gradient = np.ascontiguousarray(gradient)
    weights, current = np.zeros_like(gradient), np.zeros_like(gradient)
    waiting = np.arange(gradient.shape[1])
    for _ in range(MOST_SWEEPS):
        moves = _sweep(current, gradient, gram) > CONVERGED
        if not moves.all():
            weights[:, waiting[~moves]] = current[:, ~moves]
            waiting, current, gradient = waiting[moves], current[:, moves], gradient[:, moves]
        if not len(waiting):
            break
    weights[:, waiting] = current
    return weights.T


def _sweep(weights: np.ndarray, gradient: np.ndarray, gram: np.ndarray) -> np.ndarray:
    """One step along each topic, in place; the largest change of each document's weights (n,)."""
    moved = np.zeros(weights.shape[1])
    for topic in np.flatnonzero(np.diag(gram)):
        change = np.maximum(gradient[topic] / gram[topic, topic], -weights[topic])
        weights[topic] += change
        gradient -= gram[:, topic, None] * change
        np.maximum(moved, np.abs(change), out=moved)
    return moved
