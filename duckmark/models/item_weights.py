"""Item-based collaborative filtering: which products go together."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
from scipy import sparse

from duckmark.kernels.item_weights import bm25, ease, item_neighbours, largest
from duckmark.models.matrices import HALF_LIFE, choices
from duckmark.steps import Inputs, Model, Options, Trained

TABLE = "duckmark.item_weights"
MOST_WEIGHTS = 200  # stored for each product
MOST_ITEMS = 10_000  # EASE inverts a dense items x items matrix: 400 MB and several seconds at this size
REGULARISATION = 300.0


def train(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """What having one product adds to the score of another: EASE (Steck 2019) on who chose what.

    Catalogues of more than 10,000 products take BM25-weighted item-kNN instead. Dislikes are left out.
    """
    _, products, taken = choices(con, inputs["duckmark.interactions"], options.get("half_life", HALF_LIFE))
    if len(products) <= MOST_ITEMS:
        used = {"method": "ease", "regularisation": options.get("ease_regularisation", REGULARISATION)}
        weights = largest(ease(taken, used["regularisation"]), MOST_WEIGHTS)
    else:
        used = {"method": "item_knn", "weighting": "bm25", "k1": 100.0, "b": 0.2}
        weights = item_neighbours(bm25(taken, used["k1"], used["b"]), MOST_WEIGHTS, unit=False)
        weights /= max(weights.data.max(initial=0), np.finfo(float).tiny)
    return Trained(
        {TABLE: _table(products, weights)}, taken.nnz, used, {"products": len(products), "weights": weights.nnz}
    )


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
