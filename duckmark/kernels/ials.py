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
from duckmark.kernels.least_squares import TINY, Part, Scratch, descend, padded, solve
from duckmark.kernels.pattern import with_data
from duckmark.kernels.segments import segment_of

STRETCH = 1.2  # of a step: sweeps settle sooner where each goes somewhat too far, as in successive over-relaxation
STRAYED = 0.25  # cosine of two axes beyond which a diagonal preconditioner loses more than turning costs
SPREAD = 0.1  # standard deviation of a start vector's length, Rendle et al. (2021)


@dataclass(frozen=True)
class Loss:
    """What is minimised, and over how many factors; see the head of this module for the formula."""

    factors: int = 64
    regularisation: float = 0.015
    unobserved: float = 0.15
    exponent: float = 1.0


class Rows(NamedTuple):
    """Rows of like length, where they stand, the ridge of each (n, 1), and this, 1 and its summed weights (n, 3)."""

    part: Part
    place: slice
    ridge: np.ndarray
    terms: np.ndarray


def ials(confidence: sparse.csr_array, loss: Loss, sweeps: int = 16, seed: int = 0) -> np.ndarray:
    """Item factors (i, d), float32, of ``confidence`` (u, i), on the basis that `fold_in` takes.

    A sweep takes one preconditioned gradient from where the last one ended, which over the sweeps comes as far as
    exact solutions do. Its preconditioner is diagonal, so the factors are kept near the principal axes of those on the
    other side, where the systems are about diagonal. Raises ValueError on a confidence that is NaN or infinite.
    """
    require_finite(confidence)
    stored = np.diff(confidence.indptr), np.bincount(confidence.indices, minlength=confidence.shape[1])
    users_by_length, items_by_length = (np.argsort(lengths, kind="stable") for lengths in stored)
    by_length = confidence[users_by_length][:, items_by_length]
    random = np.random.default_rng(seed)
    users, items = (
        random.standard_normal((n, loss.factors), np.float32) * np.float32(SPREAD / np.sqrt(loss.factors))
        for n in confidence.shape
    )
    by_user, by_item = (_rows(matrix, loss) for matrix in (by_length, sparse.csr_array(by_length.T)))
    of_users, of_items = (_shares(rows) for rows in (by_user, by_item))
    scratch = Scratch()
    with threads() as run:
        for _ in range(sweeps):
            for mine, other, share, rows in ((users, items, of_items, by_user), (items, users, of_users, by_item)):
                _turn(mine, other)
                run(_improvement(mine, other, share, loss, scratch), rows)
    return _whitened(items, loss, confidence.nnz / max(1, confidence.shape[0]))[np.argsort(items_by_length)]


def fold_in(confidence: sparse.csr_array, items: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Factors (n, d) of users with ``confidence`` (n, i), in closed form, and what each of their items is in them.

    ``items`` (i, d) come from `ials`. A user of n items has a ridge of sqrt(n), so that it grows with what they have
    chosen, but more slowly. The second array (stored,) weighs the items stored for a user: their weighted sum of
    factors is the user's, so weight x (item . other item) explains the score of the other (Hu et al. 2008, section 5).
    A user of no items gets zeros.
    """
    width, items = items.shape[1], items.astype(np.float64)
    users, nothing = np.zeros((confidence.shape[0], width)), np.zeros((width, width))
    row, reached = segment_of(confidence.indptr), np.zeros(confidence.nnz)
    ridge = np.sqrt(np.maximum(np.diff(confidence.indptr), 1))

    def place(part: Part) -> None:
        users[part.rows] = solve(part, items, nothing, np.repeat(ridge[part.rows, None], width, axis=1))

    def reach(some: slice) -> None:
        reached[some] = np.einsum("ij,ij->i", users[row[some]], items[confidence.indices[some]])

    side_by_side(place, padded(abs(confidence), confidence.data > 0, width, least=width))
    in_blocks(reach, confidence.nnz, width)
    return users, np.abs(confidence.data) * ((confidence.data > 0) - reached) / ridge[row]


def _whitened(items: np.ndarray, loss: Loss, stored: float) -> np.ndarray:
    """``items`` on the basis where the unobserved pairs and the regularisation of a user with ``stored`` items together
    are a ridge of sqrt(``stored``), as in `fold_in`: a user's factors then need nothing but their items'."""
    items = items.astype(np.float64)
    ridge = loss.regularisation * (stored + loss.unobserved * len(items)) ** loss.exponent
    system = loss.unobserved * items.T @ items + ridge * np.eye(loss.factors)
    return (items @ np.linalg.inv(np.linalg.cholesky(system)).T * stored**0.25).astype(np.float32)


def _turn(mine: np.ndarray, other: np.ndarray) -> None:
    """Turn both to the principal axes of ``other`` if two axes have strayed from these; their products stay."""
    gram = other.T @ other
    length = np.sqrt(np.maximum(gram.diagonal(), TINY))
    cosines = gram / length / length[:, None]
    if np.abs(np.triu(cosines, 1)).max() > STRAYED:
        axes = np.linalg.eigh(gram)[1]
        for factors in (mine, other):
            factors[:] = factors @ axes


def _improvement(
    mine: np.ndarray, other: np.ndarray, share: np.ndarray, loss: Loss, scratch: Scratch
) -> Callable[[Rows], None]:
    """What moves the factors of some rows of ``mine``. What a row stores is taken for a sample of ``other``, drawn by
    ``share`` (m,)."""
    gram = np.float32(loss.unobserved) * (other.T @ other)
    diagonal = np.stack([np.ones_like(share, shape=len(gram)), gram.diagonal(), share @ np.square(other)])

    def improve(rows: Rows) -> None:
        x = mine[rows.place]
        guess = np.matmul(rows.terms, diagonal, out=scratch("guess", *x.shape))
        descend(rows.part, other, gram, rows.ridge, guess, x, scratch, STRETCH)

    return improve


def _shares(rows: list[Rows]) -> np.ndarray:
    """How much of all that is stored lies in each row, float32."""
    weights = np.concatenate([np.empty(0, np.float32), *(some.terms[:, 2] for some in rows)])
    return weights / max(weights.sum(), TINY)


def _rows(confidence: sparse.csr_array, loss: Loss) -> list[Rows]:
    """All of them; those of ``confidence`` (n, m) go by length."""
    weights = with_data(confidence, np.abs(confidence.data))  # abs() of the array sorts it first

    def rows(part: Part) -> Rows:
        ridge, weight = _ridge(part, confidence.shape[1], loss), part.weights.sum(axis=1)[:, None]
        place = slice(part.rows[0], part.rows[-1] + 1)
        return Rows(part, place, ridge, np.hstack([ridge, np.ones_like(ridge), weight]))

    return side_by_side(rows, padded(weights, confidence.data > 0, loss.factors))


def _ridge(part: Part, others: int, loss: Loss) -> np.ndarray:
    stored = np.count_nonzero(part.weights, axis=1)[:, None]
    ridge = loss.regularisation * (stored + loss.unobserved * others) ** loss.exponent
    return ridge.astype(np.float32)
