"""Ridge regressions of many sparse rows on the same factors, a padded chunk of rows at a time.

Row r solves (gram + sum of w f f' + diag(ridge)) x = sum of w t f over its stored columns c with factors
f = factors[c], weights w and targets t. Alternating least squares, implicit or explicit, is this and nothing else.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

CELLS = 1 << 20  # gathered factors held at once: 4 MiB of float32, about a core's cache


class Part(NamedTuple):
    """Rows of like length: ``rows`` (n,), ``columns``, ``weights`` and ``targets`` (n, l), weight 0 where padded."""

    rows: np.ndarray
    columns: np.ndarray
    weights: np.ndarray
    targets: np.ndarray


def padded(weights: sparse.csr_array, targets: np.ndarray, width: int, least: int = 1) -> list[Part]:
    """The rows of ``weights`` (n, m) as parts whose gathered factors of ``width`` stay near ``CELLS``.

    ``targets`` (stored,) go with the stored weights. Rows go by length, so that little is padded. For `solve`,
    whose systems are width x width, no row counts as shorter than ``least`` = ``width``.
    """
    lengths = np.diff(weights.indptr)
    order = np.argsort(lengths, kind="stable")
    parts, start = [], 0
    while start < len(order):
        room = np.maximum(lengths[order[start:]], least) * np.arange(1, len(order) - start + 1) * width <= CELLS
        end = start + max(1, int(np.searchsorted(~room, True)))
        parts.append(_part(weights, targets, order[start:end]))
        start = end
    return parts


def _part(weights: sparse.csr_array, targets: np.ndarray, rows: np.ndarray) -> Part:
    first, lengths = weights.indptr[rows], np.diff(weights.indptr)[rows]
    place = np.arange(max(1, lengths.max()))
    real = place < lengths[:, None]
    flat = (first[:, None] + place)[real]
    columns, weight, target = (np.zeros(real.shape, kind) for kind in (np.intp, np.float32, np.float32))
    columns[real], weight[real], target[real] = weights.indices[flat], weights.data[flat], targets[flat]
    return Part(rows, columns, weight, target)


def solve(part: Part, factors: np.ndarray, gram: np.ndarray, ridge: np.ndarray) -> np.ndarray:
    """The exact solutions (n, d), given ``factors`` (m, d), ``gram`` (d, d) and ``ridge`` (n, d), in their type."""
    near = factors.take(part.columns, axis=0)
    system = normal_equations(near, part.weights, gram, ridge)
    right = (part.weights * part.targets)[:, None, :] @ near
    return np.linalg.solve(system, right.swapaxes(1, 2))[:, :, 0]


def normal_equations(near: np.ndarray, weights: np.ndarray, gram: np.ndarray, ridge: np.ndarray) -> np.ndarray:
    """The systems (n, d, d) to be inverted, given the gathered factors ``near`` (n, l, d)."""
    system = (near * weights[:, :, None]).swapaxes(1, 2) @ near
    system += gram
    diagonal = np.arange(near.shape[2])
    system[:, diagonal, diagonal] += ridge
    return system


def approach(
    part: Part, factors: np.ndarray, gram: np.ndarray, ridge: np.ndarray, start: np.ndarray, steps: int
) -> np.ndarray:
    """``steps`` conjugate gradients from ``start`` (n, d) towards the exact solutions.

    A step costs a pass over the gathered factors where the exact solution costs d of them; a few warm-started
    steps a sweep lose nothing (Takács, Pilászy & Tikk 2011).
    """
    near = factors.take(part.columns, axis=0)

    def times(x: np.ndarray) -> np.ndarray:
        along = part.weights * (near @ x[:, :, None])[:, :, 0]
        return (along[:, None, :] @ near)[:, 0] + x @ gram + ridge * x

    x = start
    residual = ((part.weights * part.targets)[:, None, :] @ near)[:, 0] - times(x)
    direction, size = residual, _dots(residual, residual)
    for _ in range(steps):
        image = times(direction)
        step = _quotient(size, _dots(direction, image))
        x = x + step * direction
        residual = residual - step * image
        before, size = size, _dots(residual, residual)
        direction = residual + _quotient(size, before) * direction
    return x


def _dots(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", a, b)[:, None]


def _quotient(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """0 where a row has arrived and there is nothing left to divide by."""
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0)
