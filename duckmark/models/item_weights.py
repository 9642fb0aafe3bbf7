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
from duckmark.kernels.weighting import WEIGHTINGS, by_activity, by_popularity
from duckmark.models.matrices import choices, half_life
from duckmark.steps import Inputs, Model, Options, Skipped, Trained

TABLE = "duckmark.item_weights"
# Chosen on later slices of the training events of several shops (benchmarks/README.md).
MOST_WEIGHTS = 200  # stored for each product, except by SLIM
NEAREST, L1, L2 = 100, 1.0, 100.0
WEAK_L2 = 10.0  # for catalogues where products go with few others, and closely
TRIED = 2000  # products to choose between the two by
REGULARISATION = 300.0
DROPOUT = 0.5  # of SLIM and EDLAE
ACTIVITY = 0.5  # how much less the choices of those weigh who choose much; for folds only
DISCOUNT = 0.1  # of popular products, where that predicts better
RANK, IDEAL = 256, 0.3

Fit = Callable[[sparse.csr_array, Options], tuple[sparse.csr_array, dict[str, Any]]]


def train(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """What having one product adds to the score of another, learnt from who chose what and when.

    ``items_model`` names the method: SLIM (Ning & Karypis 2011), or BM25-weighted item-kNN in catalogues of more than
    20,000 products, unless told. Choices count half as much every ``half_life`` days before the shop's last (0: all
    alike); dislikes are left out.
    """
    fading = half_life(options)
    _, products, taken = choices(con, inputs["duckmark.interactions"], fading)
    method = options.get("items_model") or ("slim" if len(products) <= MOST_ITEMS else "item_knn")
    weighting = options.get("item_weighting") or ("bm25" if method == "item_knn" else "none")
    given = {"without_times": _without_times(con, inputs), **options, "item_weighting": weighting}
    weights, used = METHODS[method](WEIGHTINGS[weighting](taken), given)
    return Trained(
        {TABLE: _table(products, weights)},
        taken.nnz,
        {"method": method, "weighting": weighting, "half_life": fading, **used},
        {"products": len(products), "weights": weights.nnz},
    )


def _without_times(con: duckdb.DuckDBPyConnection, inputs: Inputs) -> bool:
    return con.sql(f"SELECT count(last_at) = 0 FROM {inputs['duckmark.interactions']}").fetchall()[0][0]


def _slim(taken: sparse.csr_array, options: Options) -> tuple[sparse.csr_array, dict[str, Any]]:
    """Both penalties go with the square of what choices weigh, so that one value suits old and new shops.

    What is to be predicted of a later time needs the strong ``slim_l2`` throughout; of a fold, it depends on the shop,
    as does whether popular products are to be discounted.
    """
    _require_room(taken)
    used = {
        "k": options.get("item_neighbours", NEAREST),
        "slim_l1": float(options.get("slim_l1", L1)),
        "slim_l2": L2,
        "slim_dropout": float(options.get("slim_dropout", DROPOUT)),
        "activity_discount": _activity_discount(options),
        "popularity_discount": 0.0,
    }
    set_by_hand = {name: float(options[name]) for name in ("slim_l2", "popularity_discount") if name in options}
    if _predicts_folds(options) and len(set_by_hand) < 2:
        used |= _fitting(taken, used, options.get("seed", 42))
    used |= set_by_hand
    return by_popularity(_slim_weights(taken, used), taken, used["popularity_discount"]), used


def _slim_weights(
    taken: sparse.csr_array, used: Mapping[str, Any], targets: np.ndarray | None = None
) -> sparse.csr_array:
    """B of SLIM for what people have ``taken`` (u, i), or for some items, popular ones not discounted yet."""
    size = float(np.mean(taken.data**2))
    rows = by_activity(taken, used["activity_discount"] / 2)
    penalties = used["slim_l1"] * size, used["slim_l2"] * size, used["slim_dropout"]
    return slim(rows, used["k"], *penalties, targets=targets)


def _fitting(taken: sparse.csr_array, used: Mapping[str, Any], seed: int) -> Mapping[str, float]:
    """The l2 and the discount of popular products with which a fifth of the choices is predicted best, for a sample of
    products: not the usual ones only where others are better by a hundredth."""
    random = np.random.default_rng(seed)
    targets = np.sort(random.permutation(taken.shape[1])[:TRIED])
    out = random.random(taken.nnz) < 0.2
    left, later = _stored(taken, ~out), _stored(taken, out)[:, targets]
    asked = np.diff(later.indptr) > 0
    if not asked.any():
        return {}
    truth, owned = (matrix[asked].toarray() > 0 for matrix in (later, left[:, targets]))

    def quality(weights: sparse.csr_array) -> float:
        scores = np.where(owned, -np.inf, (left[asked] @ weights[:, targets]).toarray())
        row, column = best_columns(scores, AIMED_AT, above=0.0)
        hits = np.zeros((len(scores), AIMED_AT))
        hits[row, np.arange(len(row)) - np.searchsorted(row, row)] = truth[row, column]
        return float(aim(hits, truth.sum(axis=1)).mean())

    tried = {
        (l2, discount): quality(by_popularity(weights, left, discount))
        for l2 in (L2, WEAK_L2)
        for weights in [_slim_weights(left, {**used, "slim_l2": l2}, targets)]
        for discount in (0.0, DISCOUNT)
    }
    best = max(tried, key=tried.__getitem__)
    l2, discount = best if tried[best] > 1.01 * tried[L2, 0.0] else (L2, 0.0)
    return {"slim_l2": l2, "popularity_discount": discount}


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
    used = {
        "k": _most(options),
        "ease_regularisation": float(options.get("ease_regularisation", REGULARISATION)),
        "activity_discount": _activity_discount(options),
        "popularity_discount": float(options.get("popularity_discount", 0.0)),
        **more,
    }
    regularisation = used["ease_regularisation"] * float(np.mean(taken.data**2))
    rows = by_activity(taken, used["activity_discount"] / 2)
    try:
        weights = largest(ease(rows, regularisation, used.get("dropout", 0.0)), used["k"])
    except np.linalg.LinAlgError:
        given = used["ease_regularisation"]
        raise Skipped(f"ease_regularisation = {given:g} is too low for this data: raise it") from None
    return by_popularity(weights, taken, used["popularity_discount"]), used


def _activity_discount(options: Options) -> float:
    return float(options.get("activity_discount", ACTIVITY if _predicts_folds(options) else 0.0))


def _predicts_folds(options: Options) -> bool:
    """Whether what is to be predicted are choices that were left out, and not later ones."""
    return options.get("learns_from", "folds" if options["without_times"] else "time") == "folds"


def _require_room(taken: sparse.csr_array) -> None:
    if taken.shape[1] > MOST_ITEMS:
        raise Skipped(
            f"SLIM and EASE take at most {MOST_ITEMS:,} products and there are {taken.shape[1]:,}: "
            "leave items_model out, or set it to 'item_knn' or 'graph_filter'"
        )


def _item_knn(taken: sparse.csr_array, options: Options) -> tuple[sparse.csr_array, dict[str, Any]]:
    """BM25 weights are compared by dot product, which prefers popular products; all others by cosine.

    The nearest are kept of each product that may be recommended, or with ``item_lists`` = source of each in a history.
    """
    used = {"k": _most(options), "shrinkage": float(options.get("item_shrinkage", 0.0))}
    unit = options["item_weighting"] != "bm25" or used["shrinkage"] > 0
    lists = options.get("item_lists", "target")
    weights = item_neighbours(taken, **used, unit=unit, of_source=lists == "source")
    return _to_one(weights), {**used, "cosine": unit, "item_lists": lists}


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
        compression="dictionary",
    )
]
