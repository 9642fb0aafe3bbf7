"""Real users x items matrices for the benchmarks, and larger ones made of them.

`expanded` is a fractal expansion (Belletti et al. 2019, "Scalable realistic recommendation datasets through fractal
expansions"): users and items are copied, and each block of user copies x item copies keeps every interaction of the
real matrix with a probability of its own, drawn so that each user copy's probabilities add up to one. So users keep
their number of items on average, the popularity of items keeps its shape within a copy and varies between copies, and
items go together within a block as they do in the real matrix.
"""

from __future__ import annotations

from importlib.resources import as_file, files

import duckdb
import numpy as np
from scipy import sparse

RETAIL = """
SELECT CustomerID AS user_id, StockCode AS product_id
FROM read_parquet($path)
WHERE CustomerID IS NOT NULL AND Quantity > 0 AND UnitPrice > 0
"""
MOVIELENS = "SELECT column0 AS user_id, column1 AS product_id FROM read_csv($path, delim = '\t', header = false)"


def retail() -> sparse.csr_array:
    """Who bought what in the shop that comes with the package."""
    with as_file(files("duckmark") / "data/online_retail.parquet") as path:
        return interactions(RETAIL, str(path))


def movielens(path: str) -> sparse.csr_array:
    """Who rated what in MovieLens-100K, of its file ``u.data``."""
    return interactions(MOVIELENS, path)


def interactions(query: str, path: str) -> sparse.csr_array:
    """The distinct (user_id, product_id) of a query as ones, float64, rows and columns in ascending order of id."""
    with duckdb.connect() as con:
        dense = (
            "SELECT DISTINCT dense_rank() OVER (ORDER BY {}) - 1 AS u, dense_rank() OVER (ORDER BY {}) - 1 AS i FROM"
        )
        rows = con.sql(f"{dense.format('user_id', 'product_id')} ({query}) ORDER BY ALL", params={"path": path})
        at = rows.fetchnumpy()
    return sparse.csr_array((np.ones(len(at["u"])), (at["u"], at["i"])))


def expanded(real: sparse.csr_array, size: int, seed: int = 0) -> sparse.csr_array:
    """About ``size`` interactions like those of ``real``: some of its users, or copies of users and items.

    With c copies of the users there are sqrt(c) of the items.
    """
    random = np.random.default_rng(seed)
    if size <= real.nnz:
        users = random.permutation(real.shape[0])
        enough = int(np.searchsorted(np.cumsum(np.diff(real.indptr)[users]), size)) + 1
        return used(real[np.sort(users[:enough])])
    user_copies = -(-size // real.nnz)
    item_copies = round(user_copies**0.5)
    kept = random.dirichlet(np.full(item_copies, 0.5), user_copies) * size / (user_copies * real.nnz)
    blocks = [[thinned(real, share, random) for share in row] for row in kept]
    return used(sparse.csr_array(sparse.block_array(blocks, format="csr")))


def thinned(matrix: sparse.csr_array, share: float, random: np.random.Generator) -> sparse.csr_array:
    """Each stored value of ``matrix`` with probability ``share``."""
    kept = matrix.tocoo()
    chosen = random.random(kept.nnz) < share
    return sparse.csr_array((kept.data[chosen], (kept.row[chosen], kept.col[chosen])), shape=matrix.shape)


def used(matrix: sparse.csr_array) -> sparse.csr_array:
    """``matrix`` without empty rows and columns."""
    taken = np.bincount(matrix.indices, minlength=matrix.shape[1]) > 0
    return sparse.csr_array(matrix[np.diff(matrix.indptr) > 0][:, taken])
