"""Sentiment learned from the shop's own reviews: what words stand beside good and bad ratings."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from duckmark.arrow import offsets_of
from duckmark.kernels.nb_logistic import TermScales, auc, brier, calibration_error, logistic, term_scales
from duckmark.steps import Inputs, Model, Options, Skipped, Trained

SCALE, WEIGHTS = "duckmark.sentiment_scale", "duckmark.sentiment_weights"
LEFT_OUT = "duckmark.sentiment_left_out"
LEAST_OF_EACH = 50  # with fewer satisfied or dissatisfied writers, what is learned are accidents
MOST_TEXTS = 50_000  # texts trained on, evenly spaced over a larger shop's
MANY_TEXTS = 5_000  # with more, a term must stand in two of them
FOLDS = 5
PENALTY = 100.0  # C of the logistic regression: little shrinkage, for rare terms are scaled down already
VADER_SCALE = 0.5  # deviations of VADER's parts, beside terms whose vectors have length one
DIGITS = 6  # of a probability, as in `duckmark.satisfied`
VADER = ("compound", "pos", "neu", "neg", "silent")
QUERY = """
SELECT
    md5_number_lower(text) AS text_number,
    is_satisfied,
    duckmark.sentiment_terms(text) AS terms,
    v.compound::DOUBLE AS compound,
    v.pos::DOUBLE AS pos,
    v.neu::DOUBLE AS neu,
    v.neg::DOUBLE AS neg
FROM (
    SELECT *, sentiment(text) AS v
    FROM (
        SELECT event_id, is_satisfied, text
        FROM {texts}
        QUALIFY count(*) OVER () <= {most}
            OR (row_number() OVER (ORDER BY event_id)) * {most} // count(*) OVER ()
            > (row_number() OVER (ORDER BY event_id) - 1) * {most} // count(*) OVER ()
    )
)
ORDER BY event_id
"""


@dataclass(frozen=True)
class Linear:
    """A score per text: ``scales`` and ``coefficients`` (t,) of its terms, and of its ``vader`` parts (5,)."""

    intercept: float
    scales: TermScales
    coefficients: np.ndarray
    vader: np.ndarray

    def scores(self, texts: sparse.csr_array, vader: np.ndarray) -> np.ndarray:
        """The log odds (n,) that the writers of ``texts`` (n, t) with VADER's parts (n, 5) are satisfied."""
        return self.scales.features(texts) @ self.coefficients + vader @ self.vader + self.intercept

    def stretched(self, slope: float, shift: float) -> Linear:
        """The model whose scores are ``slope`` x score + ``shift``."""
        return Linear(slope * self.intercept + shift, self.scales, slope * self.coefficients, slope * self.vader)


def train(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """Words and pairs of words weighed by logistic regression on the shop's ratings (Wang & Manning 2012), calibrated.

    VADER's shares and score are features beside them. Calibrated by Platt's sigmoid (1999) on the scores of texts left
    out in turn, which are kept by the text: what a model says of those it was trained on are their stars over again.
    ``options``: ``seed``. Raises Skipped where fewer than 50 writers were satisfied, or dissatisfied, or
    where VADER alone tells the texts left out apart as well.
    """
    query = QUERY.format(texts=inputs["duckmark.rated_texts"], most=MOST_TEXTS)
    rows = con.sql(query).to_arrow_table()
    labels = np.asarray(rows["is_satisfied"]).astype(bool)
    if min(labels.sum(), (~labels).sum()) < LEAST_OF_EACH:
        raise Skipped(
            f"too few ratings with text: {labels.sum()} of 4 or 5 stars and {(~labels).sum()} of 1 or 2, "
            f"at least {LEAST_OF_EACH} of each are needed"
        )
    terms, texts = term_matrix(rows["terms"].combine_chunks())
    vader, seed = vader_parts(rows), int(options.get("seed", 42))
    model, left_out = calibrated(texts, vader, labels, seed)
    metrics = quality(labels, left_out) | {"vader_auc": round(auc(labels, vader[:, 0]), 4)}
    if metrics["auc"] <= metrics["vader_auc"]:
        raise Skipped(
            f"what was learned tells satisfied writers apart no better than VADER: AUC {metrics['auc']} and "
            f"{metrics['vader_auc']} on {len(labels)} texts left out in turn"
        )
    used = {"seed": seed, "folds": FOLDS, "C": PENALTY}
    tables = _tables(model, terms) | {LEFT_OUT: _means(rows["text_number"], left_out)}
    return Trained(tables, len(labels), used, {"terms": len(terms), **metrics})


def term_matrix(lists: pa.Array) -> tuple[pa.Array, sparse.csr_array]:
    """The terms (t,) and which texts they stand in (n, t; ones); rare ones are left out of a large collection."""
    flat = pc.dictionary_encode(lists.flatten())
    shape = len(lists), len(flat.dictionary)
    offsets = offsets_of(lists).astype(np.int32)  # liblinear takes no wider ones
    texts = sparse.csr_array((np.ones(len(flat)), np.array(flat.indices), offsets), shape=shape)
    texts.sum_duplicates()
    texts.data[:] = 1  # where a term stands, however often
    frequencies = np.bincount(texts.indices, minlength=shape[1])
    kept = np.flatnonzero(frequencies >= (1 if len(lists) <= MANY_TEXTS else 2))
    return flat.dictionary.take(pa.array(kept)), texts[:, kept]


def vader_parts(rows: pa.Table) -> np.ndarray:
    """VADER's score, its shares, and whether it found nothing to say, (n, 5)."""
    parts = np.column_stack([np.asarray(rows[name]) for name in VADER[:-1]])
    return np.column_stack([parts, parts[:, 0] == 0])


def calibrated(texts: sparse.csr_array, vader: np.ndarray, labels: np.ndarray, seed: int) -> tuple[Linear, np.ndarray]:
    """The model of all texts, and the probability (n,) of each by models of the other folds; both calibrated.

    A fold's sigmoid is fitted on the scores of the other folds, so that ``left_out`` is honest.
    """
    from sklearn.model_selection import StratifiedKFold

    folds = np.empty(len(labels), int)
    splits = StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(texts, labels)
    scores = np.empty(len(labels))
    for fold, (others, own) in enumerate(splits):
        folds[own] = fold
        scores[own] = fitted(texts[others], vader[others], labels[others]).scores(texts[own], vader[own])
    left_out = np.empty(len(labels))
    for fold in range(FOLDS):
        own = folds == fold
        slope, shift = sigmoid(scores[~own], labels[~own])
        left_out[own] = logistic(slope * scores[own] + shift)
    return fitted(texts, vader, labels).stretched(*sigmoid(scores, labels)), left_out


def fitted(texts: sparse.csr_array, vader: np.ndarray, labels: np.ndarray) -> Linear:
    """Logistic regression of ``labels`` (n,) on ``texts`` (n, t; ones) and VADER's parts (n, 5)."""
    from sklearn.linear_model import LogisticRegression

    scales = term_scales(texts, labels)
    mean, deviation = vader.mean(axis=0), vader.std(axis=0)
    deviation = np.where(deviation > 0, deviation, 1) / VADER_SCALE
    features = sparse.hstack([scales.features(texts), sparse.csr_array((vader - mean) / deviation)]).tocsr()
    model = LogisticRegression(C=PENALTY, solver="liblinear", max_iter=1000, tol=1e-2).fit(features, labels)
    coefficients, of_vader = np.split(model.coef_[0], [texts.shape[1]])
    of_vader = of_vader / deviation
    return Linear(float(model.intercept_[0] - mean @ of_vader), scales, coefficients, of_vader)


def sigmoid(scores: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Slope and shift of the log odds of ``labels`` by ``scores`` (Platt 1999)."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e6).fit(scores[:, None], labels)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def quality(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Accuracy, AUC, Brier score and expected calibration error."""
    measures = {
        "accuracy": np.mean((probabilities >= 0.5) == labels),
        "auc": auc(labels, probabilities),
        "brier": brier(labels, probabilities),
        "calibration_error": calibration_error(labels, probabilities),
    }
    return {name: round(float(value), 4) for name, value in measures.items()}


def _tables(model: Linear, terms: pa.Array) -> dict[str, pa.Table]:
    scale = {"intercept": model.intercept, **dict(zip(VADER, model.vader, strict=True))}
    weights = {"term": terms, "idf": model.scales.idf, "weight": model.scales.weights(model.coefficients)}
    return {
        SCALE: pa.table({name: [float(value)] for name, value in scale.items()}),
        WEIGHTS: pa.table(weights).sort_by("term"),
    }


def _means(numbers: pa.ChunkedArray, probabilities: np.ndarray) -> pa.Table:
    """One probability a text, however often it is said."""
    texts, place = np.unique(np.asarray(numbers), return_inverse=True)
    means = np.bincount(place, probabilities) / np.bincount(place)
    return pa.table({"text_number": texts, "probability": means.round(DIGITS)})


MODELS = (
    Model(
        name="sentiment_weights",
        kind="nb_logistic",
        stage="feedback",
        reads=("duckmark.rated_texts", "duckmark.sentiment_terms", "sentiment"),
        writes={
            SCALE: ", ".join(f"{name} DOUBLE" for name in ("intercept", *VADER)),
            WEIGHTS: "term VARCHAR, idf DECIMAL(9, 6), weight DECIMAL(18, 6)",
            LEFT_OUT: "text_number UBIGINT, probability DOUBLE",
        },
        train=train,
    ),
)
