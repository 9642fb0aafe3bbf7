"""Exact nearest rows by cosine: one matrix product for many queries."""

from __future__ import annotations

import numpy as np

BLOCK = 1 << 24  # scores held at once: 64 MiB of float32
NEAR = 1e-5  # above float32 rounding of a unit dot product, so that no true neighbour is lost before rescoring


def top_k(queries: np.ndarray, items: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The ``k`` rows of ``items`` nearest to each query, best first, equal scores in the order of the rows.

    ``queries`` (q, d) and ``items`` (n, d) are unit rows in float32. Gives flat arrays (rows of ``items``,
    scores in float64) and offsets (q + 1,). Candidates come from a float32 product and are scored again in
    float64, so the result does not depend on how the product was blocked.
    """
    k = min(k, len(items))
    if k <= 0 or not len(queries):
        return np.empty(0, np.int64), np.empty(0), np.zeros(len(queries) + 1, np.int64)
    step = max(1, BLOCK // len(items))
    blocks = [_block(queries[start : start + step], items, k) for start in range(0, len(queries), step)]
    rows, scores = (np.concatenate([block[i] for block in blocks]) for i in (0, 1))
    return rows, scores, np.arange(len(queries) + 1) * k


def _block(queries: np.ndarray, items: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    coarse = queries @ items.T
    threshold = np.partition(coarse, len(items) - k, axis=1)[:, len(items) - k]
    query, row = np.nonzero(coarse >= threshold[:, None] - NEAR)
    exact = np.einsum("ij,ij->i", queries[query], items[row], dtype=np.float64)
    order = np.lexsort((row, -exact, query))
    first = np.searchsorted(query, np.arange(len(queries)))
    chosen = order[(first[:, None] + np.arange(k)).ravel()]
    return row[chosen], exact[chosen]
