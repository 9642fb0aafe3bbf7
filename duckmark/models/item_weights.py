"""Item-based collaborative filtering: which products go together."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from duckmark.kernels.item_weights import bm25, ease, item_neighbours, largest
from duckmark.models.matrices import sparse_by_id
from duckmark.steps import Inputs, Model, Options, Skipped, Trained

TABLE = "duckmark.item_weights"
MOST_WEIGHTS = 200  # stored for each product
MOST_ITEMS = 10_000  # EASE inverts a dense items x items matrix: 400 MB and several seconds at this size
REGULARISATION = 300.0


def train(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """What having one product adds to the score of another: EASE (Steck 2019) on who chose what.

    Catalogues of more than 10,000 products take BM25-weighted item-kNN instead. Dislikes are left out.
    """
    chosen = con.sql(
        f"SELECT user_id, product_id FROM {inputs['duckmark.interactions']} WHERE preference > 0"
    ).to_arrow_table()
    users, products = (pc.unique(chosen[name]).sort() for name in ("user_id", "product_id"))
    if len(users) < 2 or len(products) < 2:
        raise Skipped(f"too little to compare: {len(users)} users with {len(products)} products, at least 2 are needed")
    taken = sparse_by_id(chosen["user_id"], chosen["product_id"], np.ones(len(chosen)), users, products)
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
