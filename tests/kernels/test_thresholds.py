import numpy as np
import pytest

from duckmark.kernels.catalogue import CELL, catalogue
from duckmark.kernels.group_maxima import group_maxima, group_size
from duckmark.kernels.thresholds import MOST_NEAR, Wanted, opening

ITEMS, DIMENSIONS = 25_000, 24  # enough for cells, where the spread of the vectors makes them pay
RANDOM = np.random.default_rng(5)


def vectors(rows: int, flat: bool) -> np.ndarray:
    spread = np.ones(DIMENSIONS) if flat else 0.6 ** np.arange(DIMENSIONS)
    found = RANDOM.normal(size=(rows, DIMENSIONS)) * spread
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("may_be_bold", [True, False])
@pytest.mark.parametrize("k", [1, MOST_NEAR, MOST_NEAR + 1, 300])
@pytest.mark.parametrize("flat", [True, False], ids=["in fair order", "near ones together"])
def test_more_than_the_wanted_reach_the_first_threshold_but_not_many_more(flat, k, may_be_bold):
    items, queries = catalogue(vectors(ITEMS, flat)), vectors(50, flat)
    assert (items.centres is None) == flat
    cells = None if flat else (queries @ items.centres.T).argmax(axis=1)
    tiles = [slice(start, min(start + 4 * CELL, ITEMS)) for start in range(0, ITEMS, 4 * CELL)]
    kth = opening(queries.T, cells, items, tiles, Wanted.among(k, items, may_be_bold)).kth
    reaching = (queries @ items.vectors.T >= kth[:, None] - 1e-6).sum(axis=1)
    assert reaching.min() >= k
    assert np.median(reaching) < 40 * k


@pytest.mark.parametrize("size", [1, 4, 16, 64])
def test_group_maxima_cover_every_row(size):
    scores = RANDOM.normal(size=(96, 7)).astype(np.float32)
    heads = group_maxima(scores, size)
    assert len(heads) == 96 / np.gcd(96, size)
    assert np.array_equal(heads[5 % len(heads)], scores[5 % len(heads) :: len(heads)].max(axis=0))


@pytest.mark.parametrize(("most", "size"), [(0, 1), (0.7, 1), (1, 1), (7.9, 4), (8, 8), (1e9, 32)])
def test_groups_are_powers_of_two(most, size):
    assert group_size(most) == size
