"""Ridge regressions of many sparse rows on the same factors, a padded chunk of rows at a time.

Row r solves (gram + sum of w f f' + diag(ridge)) x = sum of w t f over its stored columns c with factors
f = factors[c], weights w and targets t. Alternating least squares, implicit or explicit, is this and nothing else.
"""

from __future__ import annotations

import math
import threading
from typing import NamedTuple

import numpy as np
from scipy import sparse

from duckmark.kernels.blocks import side_by_side

CELLS = 3 << 16  # gathered factors held at once: 0.75 MiB of float32, so that passes over them stay in a core's cache

TINY = np.float32(1e-30)  # divides what is zero too, where a row has arrived


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
    counted = np.maximum(lengths[order], max(1, least)) * width
    groups, start = [], 0
    while start < len(order):
        most = counted[start : start + CELLS // counted[start] + 1]
        room = most * np.arange(1, len(most) + 1) <= CELLS
        end = start + max(1, int(np.searchsorted(~room, True)))
        groups.append(order[start:end])
        start = end
    return side_by_side(lambda rows: _part(weights, targets, rows), groups)


def _part(weights: sparse.csr_array, targets: np.ndarray, rows: np.ndarray) -> Part:
    first, lengths = weights.indptr[rows], np.diff(weights.indptr)[rows]
    place = np.arange(max(1, lengths.max()))
    real = place < lengths[:, None]
    if not weights.nnz:
        return Part(rows, np.zeros(real.shape, np.intp), *np.zeros((2, *real.shape), np.float32))
    flat = np.minimum(first[:, None] + place, weights.nnz - 1)  # what is padded has the columns of the next rows
    weight, target = ((values.take(flat) * real).astype(np.float32) for values in (weights.data, targets))
    return Part(rows, weights.indices.take(flat).astype(np.intp), weight, target)


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


class Scratch(threading.local):
    """Buffers to be used again and again, each thread its own: fresh memory costs more than what is put into it."""

    def __init__(self) -> None:
        self._buffers: dict[str, np.ndarray] = {}

    def __call__(self, name: str, *shape: int) -> np.ndarray:
        """A float32 array of ``shape`` with anything in it, the same memory for the same ``name``."""
        size = math.prod(shape)
        if name not in self._buffers or self._buffers[name].size < size:
            self._buffers[name] = np.empty(size, np.float32)
        return self._buffers[name][:size].reshape(shape)


def descend(
    part: Part,
    factors: np.ndarray,
    gram: np.ndarray,
    ridge: np.ndarray,
    guess: np.ndarray,
    x: np.ndarray,
    scratch: Scratch,
    stretch: float = 1.0,
) -> None:
    """Move ``x`` (n, d) in place down its preconditioned gradient towards the exact solutions, given ``factors``
    (m, d), ``gram`` (d, d) and ``ridge`` (n, 1), all float32.

    ``guess`` (n, d) is about the diagonal of each whole system; the better it is, the further a step comes. A step of
    ``stretch`` 1 ends where the loss is least along it, one of almost 2 where it is what it was. A step costs three
    passes over the gathered factors, where the exact solution costs d of them. It is the first of the conjugate
    gradients of Takács, Pilászy & Tikk (2011).
    """
    shape = part.columns.shape
    near, along, weighted = scratch("near", *shape, x.shape[1]), scratch("along", *shape), scratch("weighted", *shape)
    residual, direction, term = scratch("rows", 3, *x.shape)
    np.take(factors, part.columns, axis=0, out=near, mode="clip")  # any other mode fills a buffer of its own first

    np.matmul(near, x[:, :, None], out=along[:, :, None])
    np.subtract(part.targets, along, out=along)
    np.multiply(along, part.weights, out=along)
    np.matmul(along[:, None, :], near, out=residual[:, None, :])
    residual -= np.matmul(x, gram, out=term)
    residual -= np.multiply(x, ridge, out=term)
    np.divide(residual, guess, out=direction)

    np.matmul(near, direction[:, :, None], out=along[:, :, None])
    np.multiply(along, part.weights, out=weighted)
    curvature = np.vecdot(weighted, along)
    curvature += np.vecdot(np.matmul(direction, gram, out=term), direction)
    curvature += ridge[:, 0] * np.vecdot(direction, direction)
    length = stretch * np.vecdot(residual, direction) / np.maximum(curvature, TINY)
    x += np.multiply(direction, length[:, None], out=term)
