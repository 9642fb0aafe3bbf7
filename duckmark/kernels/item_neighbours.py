"""Item-kNN: sparse weights B (items x items) with score(user) = preferences(user) @ B.

Row i of B is what one unit of preference for item i adds to the score of every other item, so that a user's score
is explained by their items: preference x weight. The diagonal is zero: an item says nothing of itself.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from duckmark.kernels.checks import require_finite
from duckmark.kernels.similarity import Scale, lengths, most_similar


def item_neighbours(
    weighted: sparse.csr_array,
    k: int = 100,
    shrinkage: float = 0.0,
    asymmetry: float = 0.5,
    unit: bool = True,
    dtype: type = np.float32,
    of_source: bool = False,
) -> sparse.csr_array:
    """B of item-kNN: for each item (column) the ``k`` items most like it, by cosine of columns of ``weighted``.

    With ``of_source`` it is for each item that one may have (row) the ``k`` that it speaks for: popular items then
    stand in many lists, and an item in nobody's is never recommended (Deshpande & Karypis 2004).

    ``weighted`` (u, i): preferences, raw or weighted. The cosine is dot(i, j) divided by
    |i|^(2 asymmetry) |j|^(2 - 2 asymmetry) + ``shrinkage`` (Sarwar et al. 2001; Deshpande & Karypis 2004; Aiolli
    2013 for the asymmetric form); with ``unit`` false the plain dot product. Only positive similarities are kept.
    A few blocks of items x items of ``dtype`` are held. Raises ValueError on NaN and infinite preferences.
    """
    require_finite(weighted)
    items = sparse.csr_array(weighted.T, dtype=dtype)
    scale = None
    if unit or shrinkage:
        length = lengths(items) if unit else np.ones(items.shape[0])
        of_targets, of_sources = length ** (2 - 2 * asymmetry), length ** (2 * asymmetry)
        scale = Scale(*((of_sources, of_targets) if of_source else (of_targets, of_sources)), shrinkage)
    asked, other, weight = most_similar(items, np.arange(items.shape[0]), k, scale)
    target, source = (other, asked) if of_source else (asked, other)
    return by_target(items.shape[0], target, source, weight)


def by_target(items: int, target: np.ndarray, source: np.ndarray, weight: np.ndarray) -> sparse.csr_array:
    """B (items, items) of flat weights: what having ``source`` adds to the score of ``target``."""
    weights = sparse.csr_array((weight, (source, target)), shape=(items, items))
    weights.sort_indices()
    return weights
