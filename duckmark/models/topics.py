"""What feedback is about: topics trained on the shop's reviews, and the topic of each review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.arrow import offsets_of, to_lists, to_matrix
from duckmark.kernels.coherence import c_v, windows_together
from duckmark.kernels.lda import Bags, bags_of_words
from duckmark.models.topic_models import REVIEWS_TRIED, TRAINERS, Fitted, choose_number, sample, top_terms
from duckmark.steps import Inputs, Model, Options, Skipped, Trained

TABLE = "duckmark.review_topics"
LEAST_REVIEWS = 50  # with fewer, topics are accidents
LEAST_TERMS = 10
MOST_REVIEWS = 50_000  # reviews trained on, evenly spaced over a larger shop's: topics settle long before
LABEL_TERMS = 3
ROWS = 1 << 16  # of reviews in a chunk


def train_topics(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """Topics of the reviews: non-negative matrix factorisation of TF-IDF (Lee & Seung 1999), or LDA on request.

    ``options``: ``topic_model`` (``nmf`` by default, or ``lda``: latent Dirichlet allocation, Blei et al. 2003, online
    as in Hoffman et al. 2010), ``topics`` (how many; by default those with the highest coherence) and ``seed``.
    Raises Skipped where fewer than 50 reviews have words of the vocabulary, or it has fewer than 10.
    """
    vocabulary = f"SELECT term FROM {inputs['duckmark.topic_vocabulary']} ORDER BY term"
    terms = con.sql(vocabulary).to_arrow_table()["term"].combine_chunks()
    words, offsets = encoded(_reviews(con, inputs), terms)
    bags = _written(bags_of_words(words, offsets, len(terms)))
    if len(bags) < LEAST_REVIEWS or len(terms) < LEAST_TERMS:
        raise Skipped(
            f"topics need {LEAST_REVIEWS} reviews that share terms and {LEAST_TERMS} such terms; "
            f"there are {len(bags)} and {len(terms)}"
        )
    kind, seed = options.get("topic_model") or "nmf", int(options.get("seed", 42))
    fit = partial(TRAINERS[kind], size=len(terms), seed=seed)
    topics = int(options.get("topics") or choose_number(fit, words, offsets, len(terms), REVIEWS_TRIED[kind]))
    fitted = fit(sample(bags, MOST_REVIEWS), topics=topics)
    tables, top = _tables(fitted, terms, bags)
    chosen = np.unique(top)
    coherence = c_v(top, chosen, *windows_together(words, offsets, chosen)).mean()
    return Trained(
        tables,
        rows=min(len(bags), MOST_REVIEWS),
        options={"topic_model": kind, "topics": topics, "seed": seed},
        metrics={"topics": topics, "terms": len(terms), "coherence_c_v": round(float(coherence), 4)},
    )


def _tables(fitted: Fitted, terms: pa.Array, bags: Bags) -> tuple[dict[str, pa.Table], np.ndarray]:
    """The model as tables, its topics numbered from 1 by size, and their top terms (k, n)."""
    order = np.argsort(-fitted.sizes, kind="stable")
    phi = np.ascontiguousarray(fitted.phi[:, order])
    top = top_terms(phi, bags)
    names = [terms.take(pa.array(rows)).to_pylist() for rows in top]
    topics = {
        "topic": pa.array(np.arange(1, len(order) + 1, dtype=np.int32)),
        "label": [label(row) for row in names],
        "terms": names,
        "alpha": pa.nulls(len(order), pa.float64()) if fitted.alpha is None else pa.array(fitted.alpha[order]),
    }
    topic_terms = {"term": terms, "idf": fitted.idf, "probabilities": to_lists(phi.astype(np.float32))}
    return {"duckmark.topics": pa.table(topics), "duckmark.topic_terms": pa.table(topic_terms)}, top


def label(terms: Sequence[str]) -> str:
    """The first three terms, passing over other forms of one that is there already (cable, cables)."""
    chosen: list[str] = []
    for term in terms:
        if not any(term.startswith(other) or other.startswith(term) for other in chosen):
            chosen.append(term)
    return ", ".join(chosen[:LABEL_TERMS])


def infer_topics(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """The topic of each review, its probability, and the distribution over all topics.

    The probabilities are shares in the review: of its words under LDA, of what its TF-IDF is made of under NMF. A
    review without a term of any topic gets no row. Raises Skipped where there are no topics.
    """
    terms, fitted = _fitted(con, inputs)
    if not len(fitted.sizes):
        raise Skipped("there are no topics")
    reviews = _reviews(con, inputs)
    weights = fitted.weights(bags_of_words(*encoded(reviews, terms), len(terms)))
    totals = weights.sum(axis=1)
    shares = weights[totals > 0] / totals[totals > 0, None]
    rows = {
        "event_id": reviews["event_id"].filter(pa.array(totals > 0)),
        "topic": (shares.argmax(axis=1) + 1).astype(np.int32),
        "probability": shares.max(axis=1),
        "distribution": to_lists(shares.astype(np.float32)),
    }
    return Trained({TABLE: pa.table(rows)}, rows=len(shares))


def _fitted(con: duckdb.DuckDBPyConnection, inputs: Inputs) -> tuple[pa.Array, Fitted]:
    """The trained vocabulary (v) and the model as its tables hold it."""
    topics = con.sql(f"SELECT alpha FROM {inputs['duckmark.topics']} ORDER BY topic").to_arrow_table()
    words = f"SELECT term, idf, probabilities FROM {inputs['duckmark.topic_terms']} ORDER BY term"
    words = con.sql(words).to_arrow_table()
    phi = to_matrix(words["probabilities"]).astype(np.float64)
    alpha = None if topics["alpha"].null_count else np.asarray(topics["alpha"])
    return words["term"].combine_chunks(), Fitted(phi, np.zeros(len(topics)), np.asarray(words["idf"]), alpha)


def _reviews(con: duckdb.DuckDBPyConnection, inputs: Inputs) -> pa.Table:
    reviews = inputs["duckmark.review_terms"]
    written = f"SELECT event_id, terms FROM {reviews} WHERE len(terms) > 0 ORDER BY event_id"
    return con.sql(written).to_arrow_table(ROWS)


def encoded(reviews: pa.Table, terms: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The reviews' terms as places in the vocabulary, -1 where it has them not, and where each review begins.

    Chunk by chunk: the terms of all of them together may be more than Arrow's 32-bit offsets reach.
    """
    nothing = np.empty(0, np.int64)
    parts = [(nothing, nothing)]
    for lists in reviews["terms"].chunks:
        known = pc.fill_null(pc.index_in(lists.flatten(), value_set=terms), -1)
        parts.append((np.asarray(known, np.int64), np.diff(offsets_of(lists))))
    words, lengths = (np.concatenate(column) for column in zip(*parts, strict=True))
    return words, np.concatenate(([0], np.cumsum(lengths)))


def _written(bags: Bags) -> Bags:
    """The bags that are not empty: these take no room, so only their offsets go."""
    return replace(bags, offsets=np.append(0, bags.offsets[1:][np.diff(bags.offsets) > 0]))


MODELS = (
    Model(
        name="topics",
        kind="topic_model",
        stage="feedback",
        reads=("duckmark.review_terms", "duckmark.topic_vocabulary"),
        writes={
            "duckmark.topics": "topic INTEGER, label VARCHAR, terms VARCHAR[], alpha DOUBLE",
            "duckmark.topic_terms": "term VARCHAR, idf DOUBLE, probabilities FLOAT[]",
        },
        train=train_topics,
    ),
    Model(
        name="review_topics",
        kind="topic_model",
        stage="feedback",
        reads=("duckmark.review_terms", "duckmark.topics", "duckmark.topic_terms"),
        writes={TABLE: "event_id BIGINT, topic INTEGER, probability DOUBLE, distribution FLOAT[]"},
        train=infer_topics,
        update="rows",
        key=("event_id",),
    ),
)
