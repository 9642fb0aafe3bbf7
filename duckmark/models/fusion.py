"""The simple fusion: a fixed weighted sum of the features, which stands where a learned ranker does no better."""

from __future__ import annotations

import numpy as np

from duckmark.kernels.features import FEATURES, TASTE, Evidence, spread
from duckmark.kernels.network import Network, linear
from duckmark.steps import Options

# Of features in units of their spread over the catalogue (benchmarks/README.md).
WEIGHTS = {
    "content": 0.05,
    "collaborative": 0.05,
    "items": 0.35,
    "factors": 0.35,
    "popularity": 0.4,
    "recent": 0.5,
}


def given_weights(options: Options) -> dict[str, float]:
    """The weights that the user has set."""
    return {name: float(options[f"{name}_weight"]) for name in WEIGHTS if f"{name}_weight" in options}


def fusion(options: Options) -> Network:
    """The fusion of features that were divided by `scale`."""
    return linear({**WEIGHTS, **given_weights(options)}, FEATURES)


def scale(evidence: Evidence) -> np.ndarray:
    """What each of FEATURES is divided by: their spread where their size depends on the shop, else 1."""
    spreads = spread(evidence)
    return np.array([spreads[name] if name in TASTE else 1.0 for name in FEATURES])
