"""What speaks for the products recommended to users: of their history, their neighbours and their words."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from duckmark.kernels.blocks import WORKERS, cut, side_by_side
from duckmark.kernels.ranking import block_length
from duckmark.kernels.segments import segment_of
from duckmark.kernels.sparse_product import dense_product

WORDS = 3  # at most, of a pair
CELLS = 1 << 22  # places held by a thread
TOGETHER = 64  # users, so that what is known of their pairs stays in a core's cache


class Said(NamedTuple):
    """What reasons are found in, for u users, p products and t terms, in ascending order as are the stored entries.

    ``histories`` (u, p): the weight of each product in a user's history; ``says`` (p, p): of each product, what having
    another says; ``neighbours`` (u, n): 1 where one is a user's; ``chosen`` (n, p): 1 where one likes a product;
    ``user_terms`` (u, t) and ``product_terms`` (p, t): the weights of terms, and ``idf`` (t,): theirs in all texts.
    """

    histories: sparse.csr_array
    says: sparse.csr_array
    neighbours: sparse.csr_array
    chosen: sparse.csr_array
    user_terms: sparse.csr_array
    product_terms: sparse.csr_array
    idf: np.ndarray


class Reasons(NamedTuple):
    """Of m pairs: ``because`` (m,), the product of the history that says most, -1 where none says anything;
    ``takers`` (m,), how many neighbours chose it; and ``words`` (m, 3), the terms in common that weigh most, the first
    of equal ones, -1 where there are fewer."""

    because: np.ndarray
    takers: np.ndarray
    words: np.ndarray


def reasons(said: Said, user: np.ndarray, product: np.ndarray) -> Reasons:
    """What speaks for each pair of a ``user`` (m,), in ascending order, and a ``product`` (m,), all pairs different."""
    found = Reasons(
        np.full(len(user), -1, np.int32), np.zeros(len(user), np.int32), np.full((len(user), WORDS), -1, np.int32)
    )
    first = np.append(np.flatnonzero(np.diff(user, prepend=-1)), len(user))
    columns = max(said.says.shape[1], said.user_terms.shape[1])
    step = min(TOGETHER, block_length(columns, CELLS))

    def find(part: slice) -> None:
        room = np.zeros(min(step, part.stop - part.start) * columns, bool)
        for start in range(part.start, part.stop, step):
            pairs = slice(first[start], first[min(start + step, part.stop)])
            _find(said, user[pairs], product[pairs], room, Reasons(*(of[pairs] for of in found)))

    side_by_side(find, cut(len(first) - 1, WORKERS))
    return found


def _find(said: Said, user: np.ndarray, product: np.ndarray, room: np.ndarray, found: Reasons) -> None:
    """Fill in what is ``found`` of the pairs of some users, by their ``room`` of zeros, which it stays."""
    users, row = np.unique(user, return_inverse=True)
    found.takers[:] = dense_product(said.neighbours[users], said.chosen)[row, product]
    pair, had, value = _shared(said.histories[users], row, said.says[product], room)
    best, known = _first_of_highest(pair, value, len(row))
    found.because[known] = had[best]
    pair, term, value = _shared(said.user_terms[users], row, said.product_terms[product], room)
    value *= said.idf[term]
    for place in range(WORDS):
        best, known = _first_of_highest(pair, value, len(row))
        found.words[known, place] = term[best]
        value[best] = 0


def _shared(
    own: sparse.csr_array, row: np.ndarray, known: sparse.csr_array, room: np.ndarray
) -> tuple[np.ndarray, ...]:
    """What each of m pairs has in common, in a ``row`` (m,) of what users have of their ``own`` (n, c) and in what is
    ``known`` (m, c) of the pair: the pair, the column and the product of both values, ascending."""
    width = np.int32(own.shape[1])
    places = segment_of(own.indptr) * width + own.indices
    room[places] = True
    columns = np.repeat(row.astype(np.int32) * width, np.diff(known.indptr))
    columns += known.indices
    shared = np.flatnonzero(room.take(columns, mode="clip"))
    room[places] = False
    pair = np.searchsorted(known.indptr, shared, side="right") - 1
    entry = np.empty(len(room), np.int32)  # read only where it was written
    entry[places] = np.arange(len(places), dtype=np.int32)
    return pair, known.indices[shared], own.data[entry[columns[shared]]] * known.data[shared]


def _first_of_highest(pair: np.ndarray, value: np.ndarray, pairs: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the first of the highest values of each pair stands, and which pairs have any above 0."""
    most, best = np.zeros(pairs), np.full(pairs, -1)
    np.maximum.at(most, pair, value)
    highest = np.flatnonzero((value == most[pair]) & (value > 0))[::-1]
    best[pair[highest]] = highest  # the last one written stays
    known = np.flatnonzero(best >= 0)
    return best[known], known
