"""The same for everyone: what any recommender has to be better than."""

from __future__ import annotations

import numpy as np

from benchmarks.recommenders.contenders import Contender, Options
from benchmarks.recommenders.training import VALUES, Training

CONFIDENCES = {"values": VALUES, "half_life": (None, 180, 60)}


def popularity(training: Training, options: Options, users: np.ndarray) -> np.ndarray:
    """The sum of each product's confidences."""
    totals = np.asarray(training.matrix(**options).sum(axis=0)).ravel()
    return np.repeat(totals[None], len(users), axis=0)


BASELINE = Contender("popularity", "baseline", CONFIDENCES, popularity)
