"""The best products of many users at once, by the score of `audience` and `explain`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from duckmark.kernels.blocks import side_by_side
from duckmark.kernels.features import FEATURES, Evidence, features, rows, with_taste
from duckmark.kernels.network import Network, score_blocks
from duckmark.kernels.ranking import best_columns, block_length

CELLS = 1 << 18  # scores held by a thread, beside each of which stand a dozen features
TOGETHER = 64  # blocks whose lists are held at once


@dataclass(frozen=True)
class Lists:
    """Flat recommendations: rows of ``user`` and ``product``, ``place`` from 1, ``score``, and the features by name."""

    user: np.ndarray
    product: np.ndarray
    place: np.ndarray
    score: np.ndarray
    features: Mapping[str, np.ndarray]


def recommendation_lists(
    evidence: Evidence, users: np.ndarray, k: int, networks: Mapping[str, Network]
) -> Iterator[dict[str, Lists]]:
    """The ``k`` best products for each of ``users`` that they do not have, by each network, a block of users at a time.

    Users of whose taste nothing is known (no profile, no neighbour and no history) get none.
    """
    users = users[with_taste(evidence)[users]]
    step = block_length(len(evidence.of_product), CELLS)
    parts = [users[start : start + step] for start in range(0, len(users), step)]

    def ranked(some: np.ndarray) -> dict[str, Lists]:
        blocks = features(evidence, some)
        return {name: _best(evidence, some, blocks, k, network) for name, network in networks.items()}

    for start in range(0, len(parts), TOGETHER):
        yield from side_by_side(ranked, parts[start : start + TOGETHER])


def _best(evidence: Evidence, users: np.ndarray, blocks: dict[str, np.ndarray], k: int, network: Network) -> Lists:
    scores = score_blocks(network, blocks, (len(users), len(evidence.of_product)))
    owned = evidence.preferences[users].tocoo()
    scores[owned.row, owned.col] = -np.inf
    row, product = best_columns(scores, k, above=-np.inf)
    chosen = rows(blocks, row, product)
    score = network.scores(chosen)  # in double, as SQL has it
    order = np.lexsort((product, -score, row))
    row, product, score, chosen = row[order], product[order], score[order], chosen[order]
    place = np.arange(len(row)) - np.searchsorted(row, row) + 1
    return Lists(users[row], product, place, score, dict(zip(FEATURES, chosen.T, strict=True)))
