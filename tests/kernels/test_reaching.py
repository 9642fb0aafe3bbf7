import numpy as np
import pytest

from duckmark.kernels.reaching import reaching

RANDOM = np.random.default_rng(2)


@pytest.mark.parametrize("shape", [(0, 3), (1, 1), (3, 5), (7, 8), (13, 301)])
@pytest.mark.parametrize("least", [-np.inf, 0.0, 1.5, np.inf])
@pytest.mark.parametrize("broadcast", [False, True])
def test_places_are_those_of_a_plain_comparison(shape, least, broadcast):
    scores = RANDOM.normal(size=shape).astype(np.float32)
    scores[RANDOM.random(shape) < 0.1] = np.nan
    scores[RANDOM.random(shape) < 0.1] = 1.5  # as high as the threshold
    if broadcast:
        least = np.float32(least) - RANDOM.random((shape[0], 1), np.float32)
    assert np.array_equal(reaching(scores, least), np.flatnonzero(scores >= least))
