"""What feedback is about: LDA topics trained on the shop's reviews, and the topic of each review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.arrow import offsets_of, to_lists, to_matrix
from duckmark.kernels.lda import Bags, bags_of_words, relevance, topic_weights, umass
from duckmark.steps import Inputs, Model, Options, Skipped, Trained

if TYPE_CHECKING:
    from duckmark.models.online_lda import OnlineLda

TABLE = "duckmark.review_topics"
LEAST_REVIEWS = 50  # with fewer, topics are accidents
LEAST_TERMS = 10
MOST_REVIEWS = 50_000  # reviews trained on, evenly spaced over a larger shop's: topics settle long before
LABEL_TERMS, TOP_TERMS = 3, 10


def train_topics(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """Latent Dirichlet allocation over the reviews (Blei et al. 2003; online as in Hoffman et al. 2010).

    ``options``: ``topics`` (how many; by default as ``default_topics``) and ``seed``. Raises Skipped where
    fewer than 50 reviews have words of the vocabulary, or it has fewer than 10.
    """
    from duckmark.models.online_lda import OnlineLda  # gensim takes half a second to import

    vocabulary = f"SELECT term FROM {inputs['duckmark.topic_vocabulary']} ORDER BY term"
    terms = con.sql(vocabulary).to_arrow_table()["term"].combine_chunks()
    bags = _written(_bags(_reviews(con, inputs), terms))
    if len(bags) < LEAST_REVIEWS or len(terms) < LEAST_TERMS:
        raise Skipped(
            f"topics need {LEAST_REVIEWS} reviews with text and {LEAST_TERMS} terms that recur in them; "
            f"there are {len(bags)} and {len(terms)}"
        )
    topics = int(options.get("topics") or default_topics(len(bags)))
    seed = int(options.get("seed", 42))
    model = OnlineLda(_sample(bags, MOST_REVIEWS), terms.to_pylist(), topics, seed)
    tables, coherence = _tables(model, terms, bags)
    return Trained(
        tables,
        rows=len(model.bags),
        options={"topics": topics, "seed": seed, "passes": model.passes},
        metrics={"topics": topics, "terms": len(terms), "coherence_u_mass": coherence},
    )


def default_topics(reviews: int) -> int:
    """How many topics to look for: one more for each doubling of the reviews, 3 for 50, 12 for 20,000."""
    return min(30, max(2, reviews.bit_length() - 3))


def _tables(model: OnlineLda, terms: pa.Array, bags: Bags) -> tuple[dict[str, pa.Table], float]:
    """The model as tables, its topics numbered from 1 by size, and the coherence of their top terms."""
    order = np.argsort(-model.state.get_lambda().sum(axis=1), kind="stable")
    phi = np.ascontiguousarray(model.get_topics()[order].T, np.float64)
    frequencies = np.bincount(bags.terms, bags.counts, len(terms))
    top = np.argsort(-relevance(phi, frequencies), axis=0, kind="stable")[:TOP_TERMS].T
    names = [terms.take(pa.array(rows)).to_pylist() for rows in top]
    topics = {
        "topic": pa.array(np.arange(1, len(order) + 1, dtype=np.int32)),
        "label": [label(row) for row in names],
        "terms": names,
        "alpha": model.alpha[order].astype(np.float64),
    }
    topic_terms = {"term": terms, "probabilities": to_lists(phi.astype(np.float32))}
    tables = {"duckmark.topics": pa.table(topics), "duckmark.topic_terms": pa.table(topic_terms)}
    return tables, round(umass(bags, top), 4)


def label(terms: Sequence[str]) -> str:
    """The first three terms, passing over other forms of one that is there already (cable, cables)."""
    chosen: list[str] = []
    for term in terms:
        if not any(term.startswith(other) or other.startswith(term) for other in chosen):
            chosen.append(term)
    return ", ".join(chosen[:LABEL_TERMS])


def infer_topics(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """The topic of each review, its probability, and the distribution over all topics.

    A review without a term of the vocabulary gets no row. Raises Skipped where there are no topics.
    """
    terms, alpha, phi = _topics(con, inputs)
    if not len(alpha):
        raise Skipped("there are no topics")
    reviews = _reviews(con, inputs)
    bags = _bags(reviews, terms)
    weights = topic_weights(_written(bags), alpha, phi)
    shares = weights / weights.sum(axis=1, keepdims=True)
    rows = {
        "event_id": reviews["event_id"].filter(pa.array(np.diff(bags.offsets) > 0)),
        "topic": (shares.argmax(axis=1) + 1).astype(np.int32),
        "probability": shares.max(axis=1),
        "distribution": to_lists(shares.astype(np.float32)),
    }
    return Trained({TABLE: pa.table(rows)}, rows=len(shares))


def _topics(con: duckdb.DuckDBPyConnection, inputs: Inputs) -> tuple[pa.Array, np.ndarray, np.ndarray]:
    """The trained vocabulary (v), alpha (k,) and phi (v, k)."""
    topics = con.sql(f"SELECT alpha FROM {inputs['duckmark.topics']} ORDER BY topic").to_arrow_table()
    words = f"SELECT term, probabilities FROM {inputs['duckmark.topic_terms']} ORDER BY term"
    words = con.sql(words).to_arrow_table()
    phi = to_matrix(words["probabilities"]).astype(np.float64)
    return words["term"].combine_chunks(), np.asarray(topics["alpha"]), phi


def _reviews(con: duckdb.DuckDBPyConnection, inputs: Inputs) -> pa.Table:
    reviews = inputs["duckmark.reviews"]
    written = f"SELECT event_id, terms FROM {reviews} WHERE len(terms) > 0 ORDER BY event_id"
    return con.sql(written).to_arrow_table()


def _bags(reviews: pa.Table, terms: pa.Array) -> Bags:
    """Each review's terms that the vocabulary knows, counted."""
    lists = reviews["terms"].combine_chunks()
    known = pc.fill_null(pc.index_in(lists.flatten(), value_set=terms), -1)
    return bags_of_words(np.asarray(known, np.int64), offsets_of(lists), len(terms))


def _written(bags: Bags) -> Bags:
    """The bags that are not empty: these take no room, so only their offsets go."""
    return replace(bags, offsets=np.unique(bags.offsets))


def _sample(bags: Bags, most: int) -> Bags:
    """At most so many documents, evenly spaced."""
    if len(bags) <= most:
        return bags
    chosen = np.zeros(len(bags), bool)
    chosen[np.linspace(0, len(bags) - 1, most).astype(np.int64)] = True
    return bags.keep(chosen)


MODELS = (
    Model(
        name="topics",
        kind="lda",
        stage="feedback",
        reads=("duckmark.reviews", "duckmark.topic_vocabulary"),
        writes={
            "duckmark.topics": "topic INTEGER, label VARCHAR, terms VARCHAR[], alpha DOUBLE",
            "duckmark.topic_terms": "term VARCHAR, probabilities FLOAT[]",
        },
        train=train_topics,
    ),
    Model(
        name="review_topics",
        kind="lda",
        stage="feedback",
        reads=("duckmark.reviews", "duckmark.topics", "duckmark.topic_terms"),
        writes={TABLE: "event_id BIGINT, topic INTEGER, probability DOUBLE, distribution FLOAT[]"},
        train=infer_topics,
        update="rows",
        key=("event_id",),
    ),
)
