"""How well the top terms of a topic go together: the c_v coherence of Röder, Both & Hinneburg (2015)."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from duckmark.kernels.segments import segment_of

WINDOW = 110  # words, the window of c_v
DOCUMENTS_AT_ONCE = 512
EPSILON = 1e-12  # gensim's, so that terms never seen together have a logarithm


def windows_together(
    terms: np.ndarray, offsets: np.ndarray, chosen: np.ndarray, window: int = WINDOW
) -> tuple[np.ndarray, int]:
    """In how many windows of the documents each two of the ``chosen`` (c,) terms stand together: (c, c), and of how
    many windows.

    ``terms``: the documents' words in their order (any number for one that is not looked at), document i at
    [offsets[i], offsets[i + 1]). A document no longer than a window is one window, any other has one beginning at
    each word that leaves room for it. ``chosen`` is sorted and without repeats.
    """
    lengths = np.diff(offsets)
    windows = np.maximum(lengths - window, 0) + 1
    total = np.zeros((len(chosen), len(chosen)))
    for start in range(0, len(lengths), DOCUMENTS_AT_ONCE):
        end = min(start + DOCUMENTS_AT_ONCE, len(lengths))
        flat = slice(offsets[start], offsets[end])
        part = _windows(terms[flat], offsets[start : end + 1] - offsets[start], windows[start:end], chosen, window)
        total += (part.T @ part).toarray()
    return total, int(windows.sum())


def _windows(terms: np.ndarray, offsets: np.ndarray, windows: np.ndarray, chosen: np.ndarray, window: int) -> csr_array:
    """Which window has which chosen term, of ones: (windows, c)."""
    column = np.minimum(np.searchsorted(chosen, terms), len(chosen) - 1)
    found = np.flatnonzero(chosen[column] == terms)
    document = segment_of(offsets)[found]
    place = found - offsets[document]
    first = np.maximum(place - window + 1, 0)
    count = np.minimum(place, windows[document] - 1) - first + 1  # the windows from `first` on that have this word
    before = np.concatenate(([0], np.cumsum(windows)))
    inside = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    row = np.repeat(before[document] + first, count) + inside
    cells = np.sort(row * len(chosen) + np.repeat(column[found], count))
    cells = cells[np.diff(cells, prepend=-1) > 0]  # np.unique hashes integers first, for several times as long
    rows, columns = np.divmod(cells, len(chosen))
    return csr_array((np.ones(len(cells)), (rows, columns)), shape=(int(before[-1]), len(chosen)))


def c_v(top: np.ndarray, chosen: np.ndarray, together: np.ndarray, windows: int) -> np.ndarray:
    """The coherence of each topic, 0 to 1: (k,). ``top``: their terms (k, n), all of them ``chosen``.

    Each term is a vector of its normalised pointwise mutual information with all terms of the topic; the coherence
    is the mean cosine of a term's vector with the sum of all. A term of no window goes together with none.
    """
    share = together / windows
    seen = np.diag(share) > 0
    single = np.log(np.where(seen, np.diag(share), 1))
    joint = np.log(share + EPSILON)
    npmi = np.where(seen & seen[:, None], (joint - single[:, None] - single) / -joint, 0)
    rows = np.searchsorted(chosen, top)
    vectors = npmi[rows[:, :, None], rows[:, None, :]]
    sums = vectors.sum(axis=1)
    dots = np.einsum("kij,kj->ki", vectors, sums)
    lengths = np.linalg.norm(vectors, axis=2) * np.linalg.norm(sums, axis=1)[:, None]
    return (dots / np.where(lengths > 0, lengths, 1)).mean(axis=1)
