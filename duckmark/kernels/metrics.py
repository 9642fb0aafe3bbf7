"""Ranking quality of recommendation lists."""

from __future__ import annotations

import numpy as np


def ranking_quality(hits: np.ndarray, relevant: np.ndarray, k: int) -> dict[str, np.ndarray]:
    """Recall and NDCG at ``k`` of each user's list.

    ``hits`` (n, k) says which places of a list hold a relevant product; ``relevant`` (n,) how many there are,
    at least one. Recall is hits / relevant; NDCG has binary gains (Jarvelin & Kekalainen 2002).
    """
    discounts = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.concatenate(([0.0], np.cumsum(discounts)))[np.minimum(relevant, k)]
    return {"recall": hits.sum(axis=1) / relevant, "ndcg": hits @ discounts / ideal}
