"""The ranker: a linear score beside a hidden layer of rectified units, wide and deep (Cheng et al. 2016).

score(x) = base + weights . x + sum over units of output x max(0, bias + unit weights . x)

A weighted sum is the case of no units, and an average of networks is one with the units of all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

PAIRS_AT_ONCE = 1 << 16  # features and units of so many pairs are held at once: few enough for a core's cache


@dataclass(frozen=True)
class Network:
    """``weights`` (f,), ``base``, and h units: ``bias`` (h,), ``output`` (h,), ``units`` (h, f)."""

    weights: np.ndarray
    base: float
    bias: np.ndarray
    output: np.ndarray
    units: np.ndarray

    def scores(self, x: np.ndarray) -> np.ndarray:
        """The score (m,) of features ``x`` (m, f), in their type."""
        hidden = self.units.astype(x.dtype) @ x.T
        hidden += self.bias.astype(x.dtype)[:, None]
        np.maximum(hidden, 0, out=hidden)
        return x @ self.weights.astype(x.dtype) + self.output.astype(x.dtype) @ hidden + x.dtype.type(self.base)

    def rescaled(self, scale: np.ndarray) -> Network:
        """The network that gives for x what this one gives for x / ``scale`` (f,)."""
        return Network(self.weights / scale, self.base, self.bias, self.output, self.units / scale)


def linear(weights: Mapping[str, float], features: Sequence[str]) -> Network:
    """The plain sum of features by their ``weights``; those not named weigh nothing."""
    return Network(np.array([weights.get(name, 0.0) for name in features]), 0.0, *_no_units(len(features)))


def mean(networks: Sequence[Network]) -> Network:
    """The network whose score is the mean of theirs."""
    share = 1 / len(networks)
    return Network(
        sum(network.weights for network in networks) * share,
        sum(network.base for network in networks) * share,
        np.concatenate([network.bias for network in networks]),
        np.concatenate([network.output * share for network in networks]),
        np.concatenate([network.units for network in networks]),
    )


def score_blocks(network: Network, blocks: Mapping[str, np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    """The scores (n, p) of every pair of features given as blocks that broadcast to ``shape``, of units in float32."""
    if not len(network.bias):
        parts = (weight * block for weight, block in zip(network.weights, blocks.values(), strict=True) if weight)
        return sum(parts, np.full(shape, network.base))
    scores = np.empty(shape)
    step = max(1, PAIRS_AT_ONCE // max(1, shape[1]))
    room = np.empty((len(blocks), min(step, shape[0]), shape[1]), np.float32)
    for start in range(0, shape[0], step):
        part = scores[start : start + step]
        # A feature after the other, as they come: the products of matrices read them as well as pair by pair.
        x = room.reshape(len(blocks), -1)[:, : part.size].reshape(len(blocks), *part.shape)
        for place, block in zip(x, blocks.values(), strict=True):
            place[:] = block[start : start + step] if len(block) > 1 else block
        part[:] = network.scores(x.reshape(len(blocks), -1).T).reshape(part.shape)
    return scores


def _no_units(features: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.empty(0), np.empty(0), np.empty((0, features))
