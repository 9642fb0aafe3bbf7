"""Word2Vec on the shop's own text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

from duckmark.arrow import to_lists
from duckmark.kernels.profiles import unit_rows
from duckmark.steps import Inputs, Model, Options, Skipped, Trained

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

FEWEST_TERMS = 10
TOKENS_SEEN = 2_000_000  # epochs are chosen so that about so many tokens are seen: small shops train longer


def train(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """Word vectors by skip-gram with negative sampling (Mikolov et al. 2013), centred and in unit length.

    One worker and a fixed seed: the same sentences give the same vectors.
    """
    from gensim.models import Word2Vec  # a second to import, and only training needs it

    query = f"SELECT terms FROM {inputs['duckmark.sentences']} WHERE len(terms) > 0 ORDER BY source, sentence_id"
    sentences = con.sql(query).to_arrow_table()["terms"].to_pylist()
    tokens = sum(map(len, sentences))
    chosen = {
        "vector_size": options.get("dimensions", 64),
        "window": 5,
        "min_count": 1 if tokens < 20_000 else 2,
        "sg": 1,
        "negative": 5,
        "sample": 1e-3,
        "epochs": int(np.clip(TOKENS_SEEN // max(tokens, 1), 2, 30)),
        "seed": options.get("seed", 42),
    }
    model = Word2Vec(workers=1, **chosen)
    if sentences:
        model.build_vocab(sentences)
    if len(model.wv) < FEWEST_TERMS:
        raise Skipped(f"too little text: {len(model.wv)} terms, at least {FEWEST_TERMS} are needed")
    model.train(sentences, total_examples=model.corpus_count, epochs=model.epochs)
    table = pa.table({"term": model.wv.index_to_key, "vector": to_lists(unit_rows(_centred(model.wv)))})
    metrics = {"tokens": tokens, "terms": len(model.wv)}
    return Trained({"duckmark.word_vectors": table.sort_by("term")}, len(sentences), chosen, metrics)


def _centred(words: KeyedVectors) -> np.ndarray:
    """Word vectors less the mean of the text they come from, which all texts share and none is told apart by.

    (Mu & Viswanath 2018, all-but-the-top, its first step.)
    """
    counts = np.array([words.get_vecattr(word, "count") for word in words.index_to_key], np.float64)
    return words.vectors - np.average(words.vectors, axis=0, weights=counts)


MODELS = [
    Model(
        name="word_vectors",
        kind="word2vec",
        stage="profile",
        reads=("duckmark.sentences",),
        writes={"duckmark.word_vectors": "term VARCHAR, vector FLOAT[]"},
        train=train,
    )
]
