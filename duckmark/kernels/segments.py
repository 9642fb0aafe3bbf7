"""Sums over ragged rows held as one flat array and n + 1 offsets."""

from __future__ import annotations

import numpy as np

LEAST_SQUARES = 1e-300  # of the lengths of two vectors, multiplied: nearer to 0 float64 has fewer digits


def segment_sums(values: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Sum ``values`` (m,) or (m, d) over each [offsets[i], offsets[i + 1]); (n,) or (n, d), zero for empty rows."""
    sums = np.zeros((len(offsets) - 1, *values.shape[1:]), values.dtype)
    filled = np.flatnonzero(np.diff(offsets))
    if len(filled):
        # reduceat would give an empty row its successor's first value, so only filled rows are asked for.
        sums[filled] = np.add.reduceat(values[: offsets[-1]], offsets[filled], axis=0)
    return sums


def segment_of(offsets: np.ndarray) -> np.ndarray:
    """The row each flat position belongs to: (m,)."""
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))


def segment_cosines(a: np.ndarray, b: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Cosine of each pair of ragged rows of ``a`` and ``b`` (m,), float64; NaN where either is all zero or empty, or
    the product of their squared lengths is near the limits of float64."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        dots, aa, bb = (segment_sums(product, offsets) for product in (a * b, a * a, b * b))
        squares = aa * bb
        told = (squares >= LEAST_SQUARES) & (squares <= 1 / LEAST_SQUARES)
        return np.where(told, np.clip(dots / (np.sqrt(aa) * np.sqrt(bb)), -1.0, 1.0), np.nan)
