"""Word vectors: the vector of each term of the shop, by the embedder chosen."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.arrow import to_lists, whole
from duckmark.kernels.profiles import unit_rows
from duckmark.models.embedders import EMBEDDERS
from duckmark.steps import Inputs, Model, Options, Skipped, Trained

FEWEST_TERMS = 10
ROWS = 1 << 16  # of sentences in a chunk: the terms of all together may be more than Arrow's 32-bit offsets reach


def train(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """Word vectors by skip-gram or CBOW with negative sampling (Mikolov et al. 2013), centred and in unit length.

    ``options``: ``embedder`` is ``word2vec``, ``fasttext``, ``file`` or ``transformer`` (the last two read the path
    ``vectors``); the first two take ``word_model`` (``skip_gram`` or ``cbow``), ``dimensions``, ``window``,
    ``subsampling``, ``epochs`` and ``seed``. Raises Skipped where fewer than 10 terms get a vector, and ConfigError
    where there is none to read.
    """
    sentences, counts = _sentences(con, inputs["duckmark.sentences"])
    embedder = options.get("embedder", "word2vec")
    words = EMBEDDERS[embedder](sentences, counts, {**options, "embedder": embedder})
    if len(words.terms) < FEWEST_TERMS:
        raise Skipped(f"too little text: {len(words.terms)} terms, at least {FEWEST_TERMS} are needed")
    occurrences = np.array([counts[term] for term in words.terms])
    vectors = to_lists(unit_rows(_centred(words.vectors, occurrences)))
    table = pa.table({"term": words.terms, "vector": vectors}).sort_by("term")
    metrics = {
        "tokens": counts.total(),
        "terms": len(words.terms),
        "known": round(occurrences.sum() / counts.total(), 4),
    }
    return Trained({"duckmark.word_vectors": table}, len(sentences), {"embedder": embedder, **words.chosen}, metrics)


def _sentences(con: duckdb.DuckDBPyConnection, relation: str) -> tuple[list[list[str]], Counter[str]]:
    """The shop's sentences in the order of their ids, and how often each term is in them.

    A term is one text wherever it stands: it takes the room of a reference, and its hash is worked out once.
    """
    query = f"SELECT terms FROM {relation} WHERE len(terms) > 0 ORDER BY source, sentence_id"
    lists = con.sql(query).to_arrow_table(ROWS)["terms"]
    encoded = whole(pc.list_flatten(lists).dictionary_encode())
    terms, codes = np.array(encoded.dictionary.to_pylist(), object), np.asarray(encoded.indices)
    ends = np.cumsum(np.asarray(pc.list_value_length(lists)), dtype=np.int64)
    flat = terms[codes].tolist()
    sentences = [flat[start:end] for start, end in pairwise([0, *ends.tolist()])]
    return sentences, Counter(dict(zip(terms, np.bincount(codes, minlength=len(terms)).tolist(), strict=True)))


def _centred(vectors: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Word vectors (n, d) less the mean of the text they come from, which all texts share and none is told apart by.

    (Mu & Viswanath 2018, all-but-the-top, its first step.)
    """
    return vectors - np.average(vectors, axis=0, weights=counts)


MODELS = [
    Model(
        name="word_vectors",
        kind="word_vectors",
        stage="profile",
        reads=("duckmark.sentences",),
        writes={"duckmark.word_vectors": "term VARCHAR, vector FLOAT[]"},
        train=train,
    )
]
