import itertools

import numpy as np
import pytest

from duckmark.kernels import truncation
from duckmark.kernels.truncation import Levels, query_sides, truncated, worthwhile

RANDOM = np.random.default_rng(5)


@pytest.mark.parametrize("dimensions", [3, 9, 24])
@pytest.mark.parametrize("scale", [1e-9, 1, 1e9])
def test_products_of_truncated_rows_are_bounds_that_come_nearer_by_level(dimensions, scale):
    levels = Levels.along(np.linalg.qr(RANDOM.normal(size=(dimensions, dimensions)))[0])
    assert levels.widths
    x, y = (RANDOM.normal(size=(400, dimensions)).astype(np.float32) * np.float32(scale) for _ in range(2))
    y[:100] = x[:100]  # the bound is nearly reached
    exact, largest = dots(x, y), np.sqrt(dots(x, x) * dots(y, y))
    short, before = truncated(y, levels), np.inf
    for level, one in enumerate(query_sides(truncated(x, levels), levels)):
        assert one.shape[1] == levels.widths[level] <= dimensions
        bounds = dots(one, short[:, : one.shape[1]])
        assert (bounds >= exact - 4 * 2.0**-24 * largest).all()
        assert (bounds <= before + 4 * 2.0**-24 * largest).all()
        assert np.allclose(bounds[:100], exact[:100], rtol=1e-6)
        before = bounds


def dots(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.einsum("id,id->i", x.astype(np.float64), y.astype(np.float64))


@pytest.mark.parametrize("dimensions", [1, 2, 5, 8, 64, 300])
def test_every_level_has_more_components_and_its_own_share_that_may_pass(dimensions):
    levels = Levels.along(np.eye(dimensions))
    assert levels.axes.shape == (dimensions, max(levels.kept, default=0))
    assert all(one < other for one, other in itertools.pairwise([0, *levels.kept]))
    assert len(levels.most_passing) == len(levels.widths)
    assert all(0 < share < 1 for share in levels.most_passing)


def test_axes_are_those_that_tell_vectors_apart(monkeypatch):
    monkeypatch.setattr(truncation, "LEAST", 0)
    vectors = (RANDOM.normal(size=(6_000, 64)) * 0.8 ** np.arange(64)[::-1]).astype(np.float32)
    levels = worthwhile(vectors, 100_000)
    axes = levels.axes
    assert np.allclose(axes.T @ axes, np.eye(axes.shape[1]))
    assert np.square(axes[-16:, : levels.kept[0]]).sum(axis=0).min() > 0.8


@pytest.mark.parametrize("n", [100_000, truncation.LEAST - 1])
def test_no_axes_where_none_pay(n):
    assert worthwhile(RANDOM.normal(size=(5_000, 64)).astype(np.float32), n) is None
