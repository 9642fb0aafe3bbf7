import numpy as np
import pytest

from duckmark.kernels import network as module
from duckmark.kernels.network import Network, linear, mean, score_blocks

RANDOM = np.random.default_rng(2)
NETWORK = Network(RANDOM.normal(size=3), 0.5, RANDOM.normal(size=4), RANDOM.normal(size=4), RANDOM.normal(size=(4, 3)))
PLAIN = linear({"a": 2.0, "c": -1.0}, ("a", "b", "c"))
X = RANDOM.normal(size=(50, 3))
BLOCKS = {"a": RANDOM.normal(size=(6, 5)), "b": RANDOM.normal(size=(1, 5)), "c": RANDOM.normal(size=(6, 1))}


def naive(network: Network, x: np.ndarray) -> float:
    hidden = sum(
        output * max(0.0, bias + sum(unit * x))
        for output, bias, unit in zip(network.output, network.bias, network.units, strict=True)
    )
    return network.base + sum(network.weights * x) + hidden


@pytest.mark.parametrize("network", [NETWORK, PLAIN])
def test_scores_equal_the_loop(network):
    assert network.scores(X) == pytest.approx([naive(network, x) for x in X])


@pytest.mark.parametrize("pairs", [1, 7, 1 << 18])
@pytest.mark.parametrize("network", [NETWORK, PLAIN])
def test_blocks_equal_rows(monkeypatch, network, pairs):
    monkeypatch.setattr(module, "PAIRS_AT_ONCE", pairs)
    x = np.stack([np.broadcast_to(block, (6, 5)) for block in BLOCKS.values()], axis=-1)
    expected = network.scores(x.reshape(-1, 3)).reshape(6, 5)
    assert score_blocks(network, BLOCKS, (6, 5)) == pytest.approx(expected, abs=1e-5)


def test_a_mean_of_networks_scores_their_mean():
    assert mean([NETWORK, PLAIN, NETWORK]).scores(X) == pytest.approx(
        (2 * NETWORK.scores(X) + PLAIN.scores(X)) / 3, abs=1e-12
    )


def test_rescaled_features():
    scale = np.array([2.0, 0.5, 10.0])
    assert NETWORK.rescaled(scale).scores(X) == pytest.approx(NETWORK.scores(X / scale))
