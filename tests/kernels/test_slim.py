import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import ElasticNet

from duckmark.kernels import slim as module
from duckmark.kernels.ease import TooManyItems
from duckmark.kernels.item_neighbours import item_neighbours
from duckmark.kernels.slim import slim
from tests.kernels.matrices import DENSE, PREFERENCES


def naive(k: int, l1: float, l2: float, dropout: float) -> np.ndarray:
    """One elastic net an item over its nearest, by scikit-learn, whose loss is divided by the users.

    ``dropout`` is further users, each with one item, who took nothing else.
    """
    apart = np.diag(np.sqrt(dropout / (1 - dropout) * (DENSE**2).sum(axis=0)))
    near, rows, users = item_neighbours(PREFERENCES, k).toarray(), np.vstack([DENSE, apart]), len(DENSE) + 9
    expected = np.zeros((9, 9))
    for item in range(9):
        (sources,) = np.nonzero(near[:, item])
        if len(sources):
            net = ElasticNet((l1 + l2) / users, l1_ratio=l1 / (l1 + l2), positive=True, fit_intercept=False, tol=1e-9)
            expected[sources, item] = net.fit(rows[:, sources], np.append(DENSE[:, item], np.zeros(9))).coef_
    return expected


@pytest.mark.parametrize("cells", [1, 100, 1 << 22])
@pytest.mark.parametrize(
    ("k", "l1", "l2", "dropout"),
    [(3, 0.5, 1.0, 0.0), (50, 0.5, 1.0, 0.0), (50, 2.0, 5.0, 0.0), (50, 0.01, 20.0, 0.0), (50, 0.5, 1.0, 0.4)],
)
def test_one_elastic_net_an_item(monkeypatch, cells, k, l1, l2, dropout):
    monkeypatch.setattr(module, "CELLS", cells)
    monkeypatch.setattr(module, "STILL", 0.0)
    assert slim(PREFERENCES, k, l1, l2, dropout, sweeps=200).toarray() == pytest.approx(
        naive(k, l1, l2, dropout), abs=1e-4
    )


def test_a_high_penalty_leaves_nothing():
    assert slim(PREFERENCES, l1=1e6).nnz == 0


def test_beyond_the_limit(monkeypatch):
    monkeypatch.setattr(module, "MOST_ITEMS", 8)
    with pytest.raises(TooManyItems, match="9 items, at most 8"):
        slim(PREFERENCES)


def test_an_item_that_nobody_has_spoils_no_other():
    """Without a penalty its weight would be 0 / 0, and it stands where an item has fewer near ones than others."""
    dense = np.array([[0, 1, 1, 1], [0, 1, 1, 0], [0, 1, 0, 0]], float)
    found = slim(sparse.csr_array(dense), l1=0.1, l2=0.0)
    assert np.isfinite(found.data).all()
    assert np.flatnonzero(found.sum(axis=0)).tolist() == [1, 2, 3]
