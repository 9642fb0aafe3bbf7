"""Exact nearest rows by inner product: of unit rows, by cosine.

Scores are made in tiles that stay in a core's cache. Of a tile only the maxima of groups of items are looked at, and
only groups that reach what a query's k-th best item so far scores are looked into: after the first tiles these are
few. Where vectors are clustered, queries that are near each other are searched together, what is near to them comes
first, and of the rest only what a shorter product cannot rule out is scored. The candidates that are left are scored
again in float64. Threads take block after block of queries, and join in the last ones tile by tile.
"""

from __future__ import annotations

import numpy as np

from duckmark.kernels.blas import one_blas_thread
from duckmark.kernels.blocks import WORKERS, cut, side_by_side
from duckmark.kernels.catalogue import CELL, Catalogue, catalogue, finite
from duckmark.kernels.distinct import best_rows
from duckmark.kernels.joint import Joint
from duckmark.kernels.shortlist import Shortlist

QUERIES = 640  # of a block
STEP, SHIFT = 256, 8  # lengths of blocks to avoid, and by how much
DEEP, QUERIES_OF_DEEP = 256, 1024  # dimensions of which a tile does not stay in cache, but is read anew for every block
FEW = 256  # queries a thread below which the threads do not have blocks of their own
CELLS = 4  # of the catalogue in a tile, 5 MiB of scores with a block: less leaves threads waiting for the interpreter
MOST_CELLS = 128  # of a tile where queries are few
FEWEST_ITEMS = 1 << 13  # of a thread
TILES = 4  # at least of a thread where queries are few
LONG = 1e12  # such lengths of queries, and their inverses, are safe beside unit items
UNIT = 2.0**-24  # relative error of a float32 operation
LEAST = 2.0**-149  # the smallest positive float32
LARGEST = np.finfo(np.float32).max / 4  # that a score may be


def top_k(
    queries: np.ndarray, items: np.ndarray | Catalogue, k: int, cosine: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """The ``k`` rows of ``items`` (n, d) with the highest inner product with each of ``queries`` (q, d).

    Gives rows and scores, both (q, min(k, n)), best first, equal scores in the order of the rows. Vectors count as
    float32; scores are summed in float64, so that nothing depends on how the work was cut. With ``cosine`` they are
    then divided by the lengths of the queries, which for unit items gives cosines. Memory beyond what is given
    and returned is bounded. Raises ValueError on NaN and infinite values, and on scores beyond the range of float32.
    """
    items = items if isinstance(items, Catalogue) else catalogue(items)
    queries, norms = finite(queries, "queries")
    k = max(0, min(k, len(items.groups.rows)))
    asked = norms > 0 if k else np.zeros(len(queries), bool)  # a query of zeros scores 0 with every item
    if asked.all() and len(asked):
        return _scaled(queries, items, k, norms, cosine)
    rows, scores = np.tile(np.arange(k), (len(queries), 1)), np.zeros((len(queries), k))
    if asked.any():
        rows[asked], scores[asked] = top_k(queries[asked], items, k, cosine)
    return rows, scores


def _scaled(
    queries: np.ndarray, items: Catalogue, k: int, norms: np.ndarray, cosine: bool
) -> tuple[np.ndarray, np.ndarray]:
    """As `top_k`, of queries (q, d) of the lengths ``norms`` (q,), none of them 0, and 0 < k <= n.

    Very long queries are multiplied by powers of two, and with ``cosine`` very short ones, which rounds nothing. Then
    the scores are divided by the lengths, which is quicker than to divide the queries.
    """
    exponents = np.where((norms > LONG) | (cosine & (norms < 1 / LONG)), np.frexp(norms)[1], 0)
    scaled = np.ldexp(norms, -exponents)
    if not ((scaled if cosine else norms) * items.longest < LARGEST).all():
        raise ValueError("vectors are too long: their inner products leave the range of float32")
    if exponents.any():
        queries = np.ldexp(queries, -exponents[:, None])
    rows, scores = _best(queries, items, k, scaled)
    if cosine:
        scores /= scaled[:, None]
    elif exponents.any():
        scores = np.ldexp(scores, exponents[:, None])
    return rows, scores


def _best(queries: np.ndarray, items: Catalogue, k: int, norms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As `top_k` without cosine, of queries (q, d) whose lengths ``norms`` (q,) are not very large, and 0 < k <= n."""
    slack = _slack(norms, items)
    blocks, threads = _cuts(len(queries), *items.vectors.shape)
    if threads == 1:
        return _in_blocks(queries, items, k, slack, blocks, threads)
    with one_blas_thread():  # for the short products beforehand too: BLAS's own threads would linger
        return _in_blocks(queries, items, k, slack, blocks, threads)


def _in_blocks(
    queries: np.ndarray, items: Catalogue, k: int, slack: np.ndarray, blocks: list[slice], threads: int
) -> tuple[np.ndarray, np.ndarray]:
    """As `_best`, by ``threads`` that take the ``blocks`` of queries one by one, and join in the last ones."""
    rows, scores = np.empty((len(queries), k), np.int64), np.empty((len(queries), k))
    cells = None if items.centres is None else _nearest_cells(queries, items, blocks)
    if cells is not None and len(blocks) > 1:
        blocks = _near_each_other(cells, blocks)
    joints = [Joint() for _ in blocks]

    def search(block: np.ndarray | slice, joint: Joint) -> None:
        near, tiles = None if cells is None else cells[block], _tiles(queries[block], items, threads)
        shortlist = Shortlist(queries[block], near, items, tiles, min(k, len(items.vectors)), slack[block])
        rows[block], scores[block] = best_rows(items.groups, *shortlist.best(joint.share), k)

    def work(place: int) -> None:
        if place < len(blocks):
            with joints[place] as joint:
                search(blocks[place], joint)
        else:
            for joint in joints:
                joint.join()

    side_by_side(work, range(len(blocks) + threads - 1))
    return rows, scores


def _cuts(queries: int, items: int, dimensions: int) -> tuple[list[slice], int]:
    """Blocks of queries and a number of threads."""
    most = QUERIES_OF_DEEP if dimensions >= DEEP else QUERIES
    if queries < FEW * WORKERS:
        blocks = cut(queries, -(-queries // most))
        return blocks, max(len(blocks), min(WORKERS, items // FEWEST_ITEMS))
    rounds = -(-queries // (most * WORKERS))
    return _out_of_step(cut(queries, rounds * WORKERS), most), WORKERS


def _out_of_step(blocks: list[slice], most: int) -> list[slice]:
    """``blocks`` of nearly the same length, of which none longer than ``most`` is to be. Where it is a multiple of
    STEP, every second one gives a few queries to the one before: in a tile whose rows are of such a length, the scores
    of one query fall on the same few places of a core's cache."""
    length = blocks[0].stop
    if length % STEP or length + SHIFT > most:
        return blocks
    shifts = [SHIFT * (place % 2) for place in range(len(blocks))] + [0]
    return [slice(one.start + shifts[i], one.stop + shifts[i + 1]) for i, one in enumerate(blocks)]


def _nearest_cells(queries: np.ndarray, items: Catalogue, blocks: list[slice]) -> np.ndarray:
    """The cell of ``items`` that each query is nearest to: (q,)."""
    return np.concatenate(side_by_side(lambda block: (queries[block] @ items.centres.T).argmax(axis=1), blocks))


def _near_each_other(cells: np.ndarray, blocks: list[slice]) -> list[np.ndarray]:
    """The rows of each of ``blocks``, such that queries of a block are near to the same ``cells``."""
    order = np.argsort(cells, kind="stable")
    return [order[block] for block in blocks]


def _tiles(queries: np.ndarray, items: Catalogue, threads: int) -> list[slice]:
    """The items to score at a time, some for each of ``threads``, what is likely to be near to ``queries`` first."""
    most = min(MOST_CELLS, len(items.vectors) // (CELL * TILES * threads))
    most, all_cells = max(CELLS, min(most, QUERIES // len(queries) * CELLS)), -(-len(items.vectors) // CELL)
    cells = -(-all_cells // -(-all_cells // most))  # so that all tiles are of nearly the same length
    step = cells * CELL
    tiles = [slice(start, min(start + step, len(items.vectors))) for start in range(0, len(items.vectors), step)]
    if items.centres is None:
        return tiles
    near = np.maximum.reduceat(items.centres @ queries.mean(axis=0), np.arange(0, len(items.centres), cells))
    return [tiles[place] for place in np.argsort(-near, kind="stable")]


def _slack(norms: np.ndarray, items: Catalogue) -> np.ndarray:
    """How far the float32 scores of two items of equal rank can lie apart: (q,).

    Each is off by at most d u |x| |y| (Higham, Accuracy and Stability of Numerical Algorithms, 3.1) and, where numbers
    are so small that they are rounded to whole multiples of the least one, by that much for each of them.
    """
    relative, absolute = 2 * UNIT * norms * items.longest, LEAST * (1 + norms + items.longest)
    slack = (items.vectors.shape[1] + 8) * (relative + absolute)
    return np.nextafter(slack.astype(np.float32), np.float32(np.inf))
