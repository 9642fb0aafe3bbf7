"""Rounding as Python rounds: by the exact value of the double, halves to the even digit."""

from __future__ import annotations

import numpy as np


def round_half_even(values: np.ndarray, digits: int) -> np.ndarray:
    """``round(value, digits)`` of doubles between -1 and 1; NumPy's own rounds the product with 10 ** digits,
    which may have reached a half that the value itself had not.

    The error of the product is had exactly from Veltkamp's split of the value (Dekker 1971): two factors
    of at most 26 bits each have an exact product.
    """
    scale = 10.0**digits
    sizes = np.abs(values)
    product = sizes * scale
    high = sizes * 134217729.0
    high -= high - sizes
    error = (high * scale - product) + (sizes - high) * scale
    floor = np.floor(product)
    beyond_half = (product - floor - 0.5) + error
    up = beyond_half > 0
    halves = np.nonzero(beyond_half == 0)  # rare, and the remainder of a division is dear
    up[halves] = floor[halves] % 2 == 1
    return np.copysign((floor + up) / scale, values)
