"""Quality of recommendation lists, one value a user, and how sure their mean is."""

from __future__ import annotations

import numpy as np

RESAMPLES = 1000
AIMED_AT = 20  # places of a list that `aim` looks at


def ranking_quality(hits: np.ndarray, relevant: np.ndarray) -> dict[str, np.ndarray]:
    """Accuracy of each user's list of k places, each measure (n,).

    ``hits`` (n, k) is 1 where a place holds a relevant product; ``relevant`` (n,) counts these, at least one.
    precision is hits / k, recall hits / relevant, hit_rate whether there is any; mrr is 1 / place of the first;
    map is the mean precision at the places of hits, over min(relevant, k) of them; ndcg has binary gains
    (Jarvelin & Kekalainen 2002).
    """
    k = hits.shape[1]
    places = np.arange(1, k + 1)
    discounts = 1 / np.log2(places + 1)
    most = np.minimum(relevant, k)
    found = hits.sum(axis=1)
    precision_at = hits.cumsum(axis=1) / places
    return {
        "precision": found / k,
        "recall": found / relevant,
        "hit_rate": (found > 0).astype(float),
        "mrr": (hits / places).max(axis=1),
        "map": (precision_at * hits).sum(axis=1) / most,
        "ndcg": hits @ discounts / discounts.cumsum()[most - 1],
    }


def aim(hits: np.ndarray, relevant: np.ndarray) -> np.ndarray:
    """What learning and tuning aim at: the mean of NDCG@10 and recall@20 of each user's list of 20 places, (n,).

    ``hits`` (n, 20) and ``relevant`` (n,) are as in `ranking_quality`.
    """
    return (ranking_quality(hits[:, :10], relevant)["ndcg"] + ranking_quality(hits, relevant)["recall"]) / 2


def by_user(values: np.ndarray, user: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums of the known ``values`` (n, m) of each user (n,) that there is, and how many they are of, both (u, m)."""
    place, known = np.unique(user, return_inverse=True)[1], np.isfinite(values)
    filled = np.where(known, values, 0)
    return tuple(np.column_stack([np.bincount(place, column) for column in columns.T]) for columns in (filled, known))


def bootstrap_intervals(
    values: np.ndarray, seed: int, level: float = 0.95, counts: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Percentile bootstrap intervals of the means of ``values`` (n, m) columns, two arrays (m,).

    Users are drawn with replacement (Efron 1979), the same draws for every column; a NaN counts as nobody's, and what
    nobody has is NaN. With ``counts`` (n,) or (n, m) each value is the sum over that many observations of a user, and
    the mean is over these.
    """
    generator = np.random.default_rng(seed)
    known = np.isfinite(values)
    filled = np.where(known, values, 0)
    sizes = known if counts is None else counts.reshape(len(values), -1)
    means = np.empty((RESAMPLES, values.shape[1]))
    for place in range(RESAMPLES):
        times = np.bincount(generator.integers(0, len(values), len(values)), minlength=len(values))
        with np.errstate(invalid="ignore"):
            means[place] = (times @ filled) / (times @ sizes)
    low, high = np.full((2, values.shape[1]), np.nan)
    for column in np.flatnonzero((known & (sizes > 0)).any(axis=0)):
        low[column], high[column] = np.nanquantile(means[:, column], [(1 - level) / 2, (1 + level) / 2])
    return low, high


def novelty(products: np.ndarray, owners: np.ndarray, users: int) -> np.ndarray:
    """Self-information of each recommended product, -log2 of the share of ``users`` who own it (Zhou et al. 2010).

    ``products`` (m,) are recommended rows of ``owners`` (p,), how many people own each; an unowned one counts as
    owned by one.
    """
    return -np.log2(np.maximum(owners[products], 1) / users)


def diversity(lists: np.ndarray, products: np.ndarray, vectors: np.ndarray, count: int) -> np.ndarray:
    """One minus the mean cosine between the products of each list (Ziegler et al. 2005); NaN for a list of one
    or without vectors.

    ``lists`` (m,) says which of ``count`` lists each of ``products`` (m,) is in; ``vectors`` (p, d) are unit rows.
    The sum of all pairs comes from the squared length of each list's summed vectors.
    """
    sums = np.zeros((count, vectors.shape[1]))
    np.add.at(sums, lists, vectors[products])
    own = np.zeros(count)
    np.add.at(own, lists, np.einsum("ij,ij->i", vectors[products], vectors[products]))
    length = np.bincount(lists, minlength=count)
    with np.errstate(divide="ignore", invalid="ignore"):
        cosines = ((sums * sums).sum(axis=1) - own) / (length * (length - 1))
    return np.where((own > 0) & (length > 1), 1 - cosines, np.nan)
