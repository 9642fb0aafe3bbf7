"""Queries made ready to be compared with their thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

LONG = 1e12  # items of such a length, or the inverse, are safe beside queries divided by their thresholds


class Asked(NamedTuple):
    """Queries as they are multiplied with items: ``vectors`` (q, d) and, where there are bounds, ``short`` (q, p + 1).

    Their scores are in parts of ``unit`` (q, 1), and what does not reach ``least`` is out: a number, or (q, 1).
    """

    vectors: np.ndarray
    short: np.ndarray | None
    unit: np.ndarray
    least: np.ndarray | float


def asked_by(sides: Sequence[np.ndarray | None], least: np.ndarray, slack: np.ndarray, longest: float) -> Asked:
    """The two ``sides`` of queries, for thresholds ``least`` (q,) and items up to ``longest``.

    Where all thresholds are positive, clear of the ``slack`` (q,), they become the units: numpy compares with the
    number 1 in a third of the time, as it copies first what it broadcasts.
    """
    unit = least[:, None].copy()
    if 1 / LONG < longest < LONG and (least > slack).all():
        return Asked(*(None if side is None else side / unit for side in sides), unit, 1)
    return Asked(*sides, np.ones_like(unit), unit)
