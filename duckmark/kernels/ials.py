"""Implicit-feedback matrix factorisation by alternating least squares (Hu, Koren & Volinsky 2008).

The loss and its regularisation are those of Rendle, Krichene, Zhang & Koren (2021, "Revisiting the performance of
iALS on item recommendation benchmarks"):

    sum over stored (u, i) of |c| (x_u . y_i - [c > 0])^2  +  unobserved * sum over all (u, i) of (x_u . y_i)^2
    +  regularisation * sum over u of (n_u + unobserved * items)^exponent |x_u|^2, and the same over items

c is the confidence, negative for a dislike, and n_u the number of the user's stored items.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import sparse

from duckmark.kernels.blocks import in_blocks, side_by_side, threads
from duckmark.kernels.checks import require_finite
from duckmark.kernels.least_squares import Part, Scratch, approach, padded, solve
from duckmark.kernels.segments import segment_of

SPREAD = 0.1  # standard deviation of a start vector's length, Rendle et al. (2021)


@dataclass(frozen=True)
class Loss:
    """What is minimised, and over how many factors; see the head of this module for the formula."""

    factors: int = 64
    regularisation: float = 0.015
    unobserved: float = 0.15
    exponent: float = 1.0


class Rows(NamedTuple):
    """Rows of like length, the ridge of each and the sum of its weights, both (n, 1)."""

    part: Part
    ridge: np.ndarray
    weight: np.ndarray


def ials(confidence: sparse.csr_array, loss: Loss, sweeps: int = 16, seed: int = 0) -> np.ndarray:
    """Item factors (i, d), float32, of ``confidence`` (u, i), on the basis that `fold_in` takes.

    A sweep takes one conjugate gradient from where the last one ended (the first quarter of them two), on the principal
    axes of the factors on the other side: preconditioned there, it comes as far as three without. Raises ValueError on
    a confidence that is NaN or infinite.
    """
    require_finite(confidence)
    random = np.random.default_rng(seed)
    users, items = (
        (random.standard_normal((n, loss.factors)) * SPREAD / np.sqrt(loss.factors)).astype(np.float32)
        for n in confidence.shape
    )
    by_user, by_item = (_rows(matrix, loss) for matrix in (confidence, sparse.csr_array(confidence.T)))
    of_users, of_items = (_shares(confidence, axis) for axis in (1, 0))
    scratch = Scratch()
    with threads() as run:
        for sweep in range(sweeps):
            steps = 2 if sweep < sweeps / 4 else 1
            for mine, other, share, rows in ((users, items, of_items, by_user), (items, users, of_users, by_item)):
                run(_improvement(mine, other, share, loss, steps, scratch), rows)
    return _whitened(items, loss, confidence.nnz / max(1, confidence.shape[0]))


def fold_in(confidence: sparse.csr_array, items: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Factors (n, d) of users with ``confidence`` (n, i), in closed form, and what each of their items is in them.

    ``items`` (i, d) come from `ials`. The second array (stored,) weighs the items stored for a user: their weighted
    sum of factors is the user's, so weight x (item . other item) explains the score of the other (Hu et al. 2008,
    section 5). A user of no items gets zeros.
    """
    width, items = items.shape[1], items.astype(np.float64)
    users, nothing = np.zeros((confidence.shape[0], width)), np.zeros((width, width))
    row, reached = segment_of(confidence.indptr), np.zeros(confidence.nnz)

    def place(part: Part) -> None:
        users[part.rows] = solve(part, items, nothing, np.ones((len(part.rows), width)))

    def reach(some: slice) -> None:
        reached[some] = np.einsum("ij,ij->i", users[row[some]], items[confidence.indices[some]])

    side_by_side(place, padded(abs(confidence), confidence.data > 0, width, least=width))
    in_blocks(reach, confidence.nnz, width)
    return users, np.abs(confidence.data) * ((confidence.data > 0) - reached)


def _whitened(items: np.ndarray, loss: Loss, stored: float) -> np.ndarray:
    """``items`` on the basis where the unobserved pairs and the regularisation of a user with ``stored`` items weigh 1.

    Users of few and of many items are then regularised alike, and a user's factors need nothing but their items'.
    """
    items = items.astype(np.float64)
    ridge = loss.regularisation * (stored + loss.unobserved * len(items)) ** loss.exponent
    system = loss.unobserved * items.T @ items + ridge * np.eye(loss.factors)
    return np.linalg.solve(np.linalg.cholesky(system), items.T).T.astype(np.float32)


def _improvement(
    mine: np.ndarray, other: np.ndarray, share: np.ndarray, loss: Loss, steps: int, scratch: Scratch
) -> Callable[[Rows], None]:
    """What moves the factors of some rows of ``mine``; both sides are first turned to the principal axes of ``other``.

    There the system of a row is about diagonal: what it stores is a sample of ``other``, drawn by ``share`` (m,).
    """
    values, axes = np.linalg.eigh(loss.unobserved * (other.T @ other).astype(np.float64))
    for factors in (mine, other):
        factors[:] = factors @ axes.astype(np.float32)
    values = values.astype(np.float32)
    drawn = np.einsum("i,ij,ij->j", share, other, other)

    def improve(rows: Rows) -> None:
        x = mine[rows.part.rows]
        diagonal = rows.ridge + values
        approach(rows.part, other, diagonal, diagonal + rows.weight * drawn, x, steps, scratch)
        mine[rows.part.rows] = x

    return improve


def _shares(confidence: sparse.csr_array, axis: int) -> np.ndarray:
    """How much of all that is stored lies in each row (``axis`` 1) or column (0), float32."""
    weights = np.asarray(abs(confidence).sum(axis=axis), np.float64).ravel()
    return (weights / max(weights.sum(), np.finfo(float).tiny)).astype(np.float32)


def _rows(confidence: sparse.csr_array, loss: Loss) -> list[Rows]:
    parts = padded(abs(confidence), confidence.data > 0, loss.factors)
    weights = [part.weights.sum(axis=1)[:, None] for part in parts]
    return [Rows(part, _ridge(part, confidence.shape[1], loss), w) for part, w in zip(parts, weights, strict=True)]


def _ridge(part: Part, others: int, loss: Loss) -> np.ndarray:
    stored = np.count_nonzero(part.weights, axis=1)[:, None]
    ridge = loss.regularisation * (stored + loss.unobserved * others) ** loss.exponent
    return ridge.astype(np.float32)
