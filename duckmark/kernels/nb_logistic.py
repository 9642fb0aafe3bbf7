"""Which of two classes a text is of: logistic regression on TF-IDF, each term scaled by its log-count ratio."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

SMOOTHING = 0.25  # added to each count of a term in a class
DAMPING = 0.75  # power of the ratios: whole ones lean on rare terms too much where there is much text


@dataclass(frozen=True)
class TermScales:
    """``idf`` (t,) of each term, and ``ratio`` (t,): how much more often it stands in one class than in the other."""

    idf: np.ndarray
    ratio: np.ndarray

    def features(self, texts: sparse.csr_array) -> sparse.csr_array:
        """The features (n, t) of texts by their terms (n, t; ones): a unit TF-IDF vector times the ratios."""
        weighted = texts.multiply(self.idf).tocsr()
        lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
        scale = sparse.dia_array((1 / np.where(lengths > 0, lengths, 1)[None], [0]), shape=(len(lengths),) * 2)
        return (scale @ weighted).multiply(self.ratio).tocsr()

    def weights(self, coefficients: np.ndarray) -> np.ndarray:
        """What each term adds (t,), over the length of a text's vector of idf, by its coefficients (t,)."""
        return coefficients * self.ratio * self.idf


def term_scales(texts: sparse.csr_array, labels: np.ndarray, smoothing: float = SMOOTHING) -> TermScales:
    """The scales of the terms of ``texts`` (n, t; ones where a term stands) of two classes, ``labels`` (n,) bool.

    idf = ln((1 + n) / (1 + df)) + 1, and 0 for a term that no text has; ratio = |ln(p / q)| ** 0.75, p and q being the
    term's smoothed share of the texts of either class. (Wang & Manning 2012, NBSVM; only the size of their ratio
    counts here, the sign is learned.)
    """
    counts = [np.asarray(texts[rows].sum(axis=0)).ravel() for rows in (labels, ~labels)]
    sizes = labels.sum(), (~labels).sum()
    shares = [(count + smoothing) / (size + smoothing) for count, size in zip(counts, sizes, strict=True)]
    frequencies = counts[0] + counts[1]
    idf = np.where(frequencies > 0, np.log((1 + len(labels)) / (1 + frequencies)) + 1, 0)
    return TermScales(idf, np.abs(np.log(shares[0] / shares[1])) ** DAMPING)


def logistic(scores: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-score))."""
    return 1 / (1 + np.exp(-np.clip(scores, -500, 500)))


def brier(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean squared error of the probabilities (Brier 1950)."""
    return float(np.mean((probabilities - labels) ** 2))


def calibration_error(labels: np.ndarray, probabilities: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error: |share of ones - mean probability| over equal bins, weighted by their sizes.

    (Naeini et al. 2015.)
    """
    places = np.minimum((probabilities * bins).astype(int), bins - 1)
    gaps = np.bincount(places, labels - probabilities, bins)
    return float(np.abs(gaps).sum() / len(labels))


def auc(labels: np.ndarray, scores: np.ndarray) -> float:
    """How often a one is scored above a zero, ties counting half (the Mann-Whitney statistic)."""
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    ones = labels.sum()
    return float((ranks[labels].sum() - ones * (ones + 1) / 2) / (ones * (len(labels) - ones)))
