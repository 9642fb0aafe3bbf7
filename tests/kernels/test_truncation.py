import numpy as np
import pytest

from duckmark.kernels import truncation
from duckmark.kernels.truncation import truncated, worthwhile_axes

RANDOM = np.random.default_rng(5)


@pytest.mark.parametrize("kept", [1, 4, 9])
@pytest.mark.parametrize("scale", [1e-9, 1, 1e9])
def test_products_of_truncated_rows_are_bounds(kept, scale):
    axes = np.linalg.qr(RANDOM.normal(size=(9, 9)))[0][:, :kept]
    x, y = (RANDOM.normal(size=(400, 9)).astype(np.float32) * np.float32(scale) for _ in range(2))
    y[:100] = x[:100]  # the bound is nearly reached
    exact, bounds = (
        np.einsum("id,id->i", a.astype(np.float64), b.astype(np.float64))
        for a, b in ((x, y), (truncated(x, axes), truncated(y, axes)))
    )
    largest = np.linalg.norm(x.astype(np.float64), axis=1) * np.linalg.norm(y.astype(np.float64), axis=1)
    assert (bounds >= exact - 4 * 2.0**-24 * largest).all()
    assert np.allclose(bounds[:100], exact[:100], rtol=1e-6)


def test_axes_are_those_that_tell_vectors_apart(monkeypatch):
    monkeypatch.setattr(truncation, "LEAST", 0)
    vectors = (RANDOM.normal(size=(6_000, 64)) * 0.8 ** np.arange(64)[::-1]).astype(np.float32)
    axes = worthwhile_axes(vectors, 100_000)
    assert axes.shape[1] < 32
    assert np.allclose(axes.T @ axes, np.eye(axes.shape[1]))
    assert np.square(axes[-16:]).sum(axis=0).min() > 0.8


@pytest.mark.parametrize("n", [100_000, truncation.LEAST - 1])
def test_no_axes_where_none_pay(n):
    assert worthwhile_axes(RANDOM.normal(size=(5_000, 64)).astype(np.float32), n) is None
