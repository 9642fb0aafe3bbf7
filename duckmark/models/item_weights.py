"""Item-based collaborative filtering: which products go together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from scipy import sparse

from duckmark.kernels.ease import MOST_ITEMS, ease, largest
from duckmark.kernels.graph_filter import graph_filter
from duckmark.kernels.item_neighbours import item_neighbours
from duckmark.kernels.metrics import AIMED_AT, aim
from duckmark.kernels.ranking import best_columns
from duckmark.kernels.slim import slim
from duckmark.kernels.weighting import WEIGHTINGS
from duckmark.models.matrices import HALF_LIFE, choices
from duckmark.steps import Inputs, Model, Options, Skipped, Trained

TABLE = "duckmark.item_weights"
# Chosen on later slices of the training events of several shops (benchmarks/README.md).
MOST_WEIGHTS = 200  # stored for each product, except by SLIM
NEAREST, L1, L2 = 100, 1.0, 100.0
WEAK_L2 = 10.0  # for catalogues where products go with few others, and closely
TRIED = 2000  # products to choose between the two by
REGULARISATION = 300.0
DROPOUT = 0.5
RANK, IDEAL = 256, 0.3

Fit = Callable[[sparse.csr_array, Options], tuple[sparse.csr_array, dict[str, Any]]]


def train(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """What having one product adds to the score of another, learnt from who chose what and when.

    ``items_model`` names the method: SLIM (Ning & Karypis 2011), or BM25-weighted item-kNN in catalogues of more than
    20,000 products, unless told. Choices count half as much every ``half_life`` days before the shop's last (0: all
    alike); dislikes are left out.
    """
    half_life = float(options.get("half_life", HALF_LIFE))
    _, products, taken = choices(con, inputs["duckmark.interactions"], half_life)
    method = options.get("items_model") or ("slim" if len(products) <= MOST_ITEMS else "item_knn")
    weighting = options.get("item_weighting") or ("bm25" if method == "item_knn" else "none")
    given = {"without_times": _without_times(con, inputs), **options, "item_weighting": weighting}
    weights, used = METHODS[method](WEIGHTINGS[weighting](taken), given)
    return Trained(
        {TABLE: _table(products, weights)},
        taken.nnz,
        {"method": method, "weighting": weighting, "half_life": half_life, **used},
        {"products": len(products), "weights": weights.nnz},
    )


def _without_times(con: duckdb.DuckDBPyConnection, inputs: Inputs) -> bool:
    return con.sql(f"SELECT count(last_at) = 0 FROM {inputs['duckmark.interactions']}").fetchall()[0][0]


def _slim(taken: sparse.csr_array, options: Options) -> tuple[sparse.csr_array, dict[str, Any]]:
    """Both penalties go with the square of what choices weigh, so that one value suits old and new shops.

    What is to be foretold of a later time needs the strong ``slim_l2`` throughout; of a fold, it depends on the shop.
    """
    _require_room(taken)
    size = float(np.mean(taken.data**2))
    k, l1, l2 = options.get("item_neighbours", NEAREST), float(options.get("slim_l1", L1)), options.get("slim_l2")
    if l2 is None and options.get("learns_from", "folds" if options["without_times"] else "time") == "folds":
        l2 = _fitting_l2(taken, k, l1 * size, size, options.get("seed", 42))
    l2 = float(L2 if l2 is None else l2)
    return slim(taken, k, l1 * size, l2 * size), {"k": k, "slim_l1": l1, "slim_l2": l2}


def _fitting_l2(taken: sparse.csr_array, k: int, l1: float, size: float, seed: int) -> float:
    """L2, or WEAK_L2 where that foretells a fifth of the choices better by a hundredth, for a sample of products."""
    random = np.random.default_rng(seed)
    targets = np.sort(random.permutation(taken.shape[1])[:TRIED])
    out = random.random(taken.nnz) < 0.2
    left, later = _stored(taken, ~out), _stored(taken, out)[:, targets]
    asked = np.diff(later.indptr) > 0
    if not asked.any():
        return L2
    truth, owned = (matrix[asked].toarray() > 0 for matrix in (later, left[:, targets]))

    def quality(l2: float) -> float:
        weights = slim(left, k, l1, l2 * size, targets=targets)[:, targets]
        scores = np.where(owned, -np.inf, (left[asked] @ weights).toarray())
        row, column = best_columns(scores, AIMED_AT, above=0.0)
        hits = np.zeros((len(scores), AIMED_AT))
        hits[row, np.arange(len(row)) - np.searchsorted(row, row)] = truth[row, column]
        return float(aim(hits, truth.sum(axis=1)).mean())

    return WEAK_L2 if quality(WEAK_L2) > 1.01 * quality(L2) else L2


def _stored(matrix: sparse.csr_array, which: np.ndarray) -> sparse.csr_array:
    """``matrix`` with only ``which`` (stored,) of its values."""
    part = matrix.copy()
    part.data[~which] = 0
    part.eliminate_zeros()
    return part


def _ease(taken: sparse.csr_array, options: Options) -> tuple[sparse.csr_array, dict[str, Any]]:
    return _regressed(taken, options, {})


def _edlae(taken: sparse.csr_array, options: Options) -> tuple[sparse.csr_array, dict[str, Any]]:
    return _regressed(taken, options, {"dropout": float(options.get("ease_dropout", DROPOUT))})


def _regressed(
    taken: sparse.csr_array, options: Options, more: Mapping[str, float]
) -> tuple[sparse.csr_array, dict[str, Any]]:
    """As with SLIM, the regularisation goes with the square of what choices weigh."""
    _require_room(taken)
    k = _most(options)
    given = float(options.get("ease_regularisation", REGULARISATION))
    regularisation = given * float(np.mean(taken.data**2))
    try:
        weights = largest(ease(taken, regularisation, **more), k)
    except np.linalg.LinAlgError:
        raise Skipped(f"ease_regularisation = {given:g} is too low for this data: raise it") from None
    return weights, {"ease_regularisation": given, "regularisation": regularisation, **more, "k": k}


def _require_room(taken: sparse.csr_array) -> None:
    if taken.shape[1] > MOST_ITEMS:
        raise Skipped(
            f"SLIM and EASE take at most {MOST_ITEMS:,} products and there are {taken.shape[1]:,}: "
            "leave items_model out, or set it to 'item_knn' or 'graph_filter'"
        )


def _item_knn(taken: sparse.csr_array, options: Options) -> tuple[sparse.csr_array, dict[str, Any]]:
    """BM25 weights are compared by dot product, which prefers popular products; all others by cosine."""
    used = {"k": _most(options), "shrinkage": float(options.get("item_shrinkage", 0.0))}
    unit = options["item_weighting"] != "bm25" or used["shrinkage"] > 0
    return _to_one(item_neighbours(taken, **used, unit=unit)), {**used, "cosine": unit}


def _graph_filter(taken: sparse.csr_array, options: Options) -> tuple[sparse.csr_array, dict[str, Any]]:
    used = {
        "k": _most(options),
        "rank": options.get("graph_rank", RANK),
        "ideal": float(options.get("graph_ideal", IDEAL)),
        "seed": options.get("seed", 42),
    }
    return _to_one(graph_filter(taken, **used)), used


METHODS: Mapping[str, Fit] = {
    "slim": _slim,
    "ease": _ease,
    "edlae": _edlae,
    "item_knn": _item_knn,
    "graph_filter": _graph_filter,
}


def _most(options: Options) -> int:
    return options.get("item_neighbours", MOST_WEIGHTS)


def _to_one(weights: sparse.csr_array) -> sparse.csr_array:
    """The same in proportion, the largest weight 1."""
    return weights / max(float(weights.data.max(initial=0)), np.finfo(float).tiny)


def _table(products: pa.Array, weights: sparse.csr_array) -> pa.Table:
    by_target = sparse.coo_array(weights.T.tocsr())
    return pa.table(
        {
            "for_product_id": products.take(pa.array(by_target.row)),
            "product_id": products.take(pa.array(by_target.col)),
            "weight": by_target.data.astype(np.float64),
        }
    )


MODELS = [
    Model(
        name="item_weights",
        kind="item_based",
        stage="recommend",
        reads=("duckmark.interactions",),
        writes={TABLE: "for_product_id VARCHAR, product_id VARCHAR, weight DOUBLE"},
        train=train,
    )
]
