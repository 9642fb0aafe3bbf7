"""Why the products of the stored lists are recommended: ids, counts and words of which `recommend` makes a sentence."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from scipy import sparse

from duckmark.kernels.features import Evidence, neighbour_preferences
from duckmark.kernels.reasons import Said, reasons
from duckmark.models.evidence import Tables
from duckmark.models.matrices import ids_of, read_matrix

READS = ("duckmark.user_terms", "duckmark.product_terms", "duckmark.terms")
COLUMNS = "because VARCHAR, takers INTEGER, words VARCHAR[]"


def columns_of(tables: Tables, evidence: Evidence, user: np.ndarray, product: np.ndarray) -> dict[str, pa.Array]:
    """For pairs of a ``user`` (m,), in ascending order, and a ``product`` (m,), the columns of their reasons:
    the product of the history that says most, how many neighbours chose it, and the words in common."""
    terms = tables.once("terms", "term", lambda: ids_of(tables.con, tables.relation("terms"), "term"))
    found = reasons(_said(tables, evidence, terms), user, product)
    used = found.words >= 0
    offsets = np.concatenate(([0], np.cumsum(used.sum(axis=1)))).astype(np.int32)
    return {
        "because": tables.products.take(pa.array(found.because, mask=found.because < 0)),
        "takers": pa.array(found.takers),
        "words": pa.ListArray.from_arrays(offsets, terms.take(pa.array(found.words[used]))),
    }


def _said(tables: Tables, evidence: Evidence, terms: pa.Array) -> Said:
    return Said(
        evidence.histories,
        tables.once("item_weights", "transposed", lambda: sparse.csr_array(evidence.item_weights.T)),
        (evidence.shares != 0).astype(np.int16),
        (neighbour_preferences(evidence) > 0).astype(np.int16),
        tables.matrix("user_terms", "user_id, term, weight", tables.users, terms),
        tables.once("product_terms", "own", lambda: _product_terms(tables, terms)),
        tables.once("terms", "idf", lambda: _idf(tables)),
    )


def _product_terms(tables: Tables, terms: pa.Array) -> sparse.csr_array:
    """The terms of products' own texts."""
    query = f"SELECT product_id, term, weight FROM {tables.relation('product_terms')} WHERE own_count > 0"
    return read_matrix(tables.con, query, tables.products, terms)


def _idf(tables: Tables) -> np.ndarray:
    query = f"SELECT idf FROM {tables.relation('terms')} ORDER BY term"
    return tables.con.execute(query).fetchnumpy()["idf"]
