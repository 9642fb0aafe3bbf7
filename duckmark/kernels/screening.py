"""The best products of many users in large catalogues: screened by a linear score, then ranked by the network.

Screening is one product of users' and products' vectors, all of which stand side by side, and the few stored entries
of the sparse features: a small part of what all features of all pairs take. A ranker that is linear loses nothing by
it; for one with units stands the weighted sum that comes nearest to its scores of the best products.

Of a catalogue of more than `screen.COMPARED` products, so many are compared with every user: those that come first by
what is the same for everyone. Any other product can enter the lists of those alone for whom a neighbour, or a product
that they have, speaks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from duckmark.kernels.blocks import in_blocks
from duckmark.kernels.features import FEATURES, PRODUCT, USER, Evidence, features, rows, with_taste
from duckmark.kernels.hybrid import Lists
from duckmark.kernels.network import Network, score_blocks
from duckmark.kernels.ranking import best_columns
from duckmark.kernels.screen import Products, Screen, Some, above, cells, dots, scores, screen_of, some_of
from duckmark.kernels.segments import segment_of
from duckmark.kernels.sparse_product import dense_product

SCREENED, EXACTLY = 8, 1.2  # products ranked by the network for each place of a list, by one without units
FITTED = 20  # products a place whose scores the weighted sum is fitted to
SAMPLED = 64  # users whose products these are
RIDGE = 1e-3  # of features in unit deviation: enough for those that say nothing
NOTHING = 1e-9  # a deviation that is but rounding
CELLS = 1 << 20  # scores held by a thread


class Pairs(NamedTuple):
    """A ``row`` of users, in ascending order, a ``column`` of products, and the sparse features: each (m,)."""

    row: np.ndarray
    column: np.ndarray
    collaborative: np.ndarray
    items: np.ndarray


def screened_lists(evidence: Evidence, users: np.ndarray, k: int, network: Network) -> Iterator[Lists]:
    """As `recommendation_lists` with one network, by screening."""
    users = users[with_taste(evidence)[users]]
    if not len(users):
        return
    screen = screen_of(evidence, weighted_sum(evidence, users, k, network))
    compared = len(screen.compared.which)
    yield from in_blocks(lambda part: _best(screen, users[part], k, network), len(users), compared, CELLS)


def weighted_sum(evidence: Evidence, users: np.ndarray, k: int, network: Network) -> np.ndarray:
    """The weights (f,) whose sum of features is nearest to the network's scores, but for a constant a user, over the
    best products of some of ``users``: least squares. Those of the network itself where it has no units."""
    if not len(network.bias):
        return network.weights
    some = users[np.linspace(0, len(users) - 1, min(SAMPLED, len(users))).astype(int)]
    blocks = features(evidence, some)
    scores = score_blocks(network, blocks, (len(some), len(evidence.of_product)))
    row, column = best_columns(scores, FITTED * k)
    x, y = (_less_mean(values, row) for values in (rows(blocks, row, column), scores[row, column][:, None]))
    spread = x.std(axis=0)
    per_spread = np.divide(1, spread, out=np.zeros_like(spread), where=spread > NOTHING)
    x = x * per_spread
    system = x.T @ x + RIDGE**2 * len(x) * np.eye(x.shape[1])
    return np.linalg.solve(system, x.T @ y)[:, 0] * per_spread


def _less_mean(values: np.ndarray, row: np.ndarray) -> np.ndarray:
    """``values`` (m, c) less the mean of their ``row`` (m,), rows in ascending order."""
    first = np.flatnonzero(np.diff(row, prepend=-1))
    lengths = np.diff(first, append=len(row))
    return values - np.repeat(np.add.reduceat(values, first, axis=0) / lengths[:, None], lengths, axis=0)


def _best(screen: Screen, users: np.ndarray, k: int, network: Network) -> Lists:
    of = some_of(screen, users)
    most = int(np.ceil((SCREENED if len(network.bias) else EXACTLY) * k))
    pairs, least = _compared(screen, of, most)
    parts = [(screen.compared, pairs)]
    if len(screen.others.which):
        parts.append((screen.others, _linked_to(screen, of, least)))
    row, product = (
        np.concatenate(flat)
        for flat in zip(*((pairs.row, part.which[pairs.column]) for part, pairs in parts), strict=True)
    )
    x = np.concatenate([_features(screen, of, *part) for part in parts])
    score = network.scores(x)  # in double, as SQL has it
    order = np.lexsort((product, -score, row))
    place = np.arange(len(row)) - np.searchsorted(row[order], row[order]) + 1
    order, place = order[place <= k], place[place <= k]
    named = dict(zip(FEATURES, x[order].T, strict=True))
    return Lists(users[row[order]], product[order], place, score[order], named)


def _compared(screen: Screen, of: Some, most: int) -> tuple[Pairs, np.ndarray]:
    """The ``most`` best of the products that are compared with everyone, for each user; and the score of the last of
    these (n,), less than any where there are fewer."""
    evidence, products = screen.evidence, screen.compared
    known = {
        "collaborative": dense_product(evidence.shares[of.users], products.chosen),
        "items": dense_product(evidence.histories[of.users], products.item_weights),
    }
    block = scores(screen, of, known)
    flat = block.reshape(-1)
    flat[cells(products.owned[of.users])] = -np.inf
    row, column = best_columns(block, most, above=-np.inf)
    least, number = np.full(len(block), -np.inf, np.float32), np.bincount(row, minlength=len(block))
    least[number == most] = block[row, column][np.cumsum(number)[number == most] - 1]
    return Pairs(row, column, *(feature[row, column] for feature in known.values())), least


def _linked_to(screen: Screen, of: Some, least: np.ndarray) -> Pairs:
    """Of the other products those that a link leads to, that score above ``least`` (n,) and that the user lacks."""
    found = above(screen, of, least)
    lacked = np.flatnonzero(~np.isin(cells(found), cells(screen.others.owned[of.users])))
    values = found.data[lacked]
    return Pairs(segment_of(found.indptr)[lacked], found.indices[lacked], values.real, values.imag)


def _features(screen: Screen, of: Some, products: Products, pairs: Pairs) -> np.ndarray:
    """The features (m, 14) of pairs."""
    evidence, row, product = screen.evidence, pairs.row, products.which[pairs.column]
    user = of.users[row]
    with np.errstate(invalid="ignore"):
        gap = np.nan_to_num(np.abs(evidence.user_prices[user] - evidence.prices[product]))
    found = {
        "content": dots(evidence.user_vectors[of.users], row, evidence.product_vectors, product),
        "collaborative": pairs.collaborative,
        "items": pairs.items,
        "factors": dots(evidence.user_factors[of.users], row, evidence.product_factors, product),
        "category_share": of.shares[row, products.category[pairs.column]],
        "price_gap": gap,
        **dict(zip(PRODUCT, evidence.of_product[product].T, strict=True)),
        **dict(zip(USER, evidence.of_user[user].T, strict=True)),
    }
    return np.stack([found[name] for name in FEATURES], axis=1)
