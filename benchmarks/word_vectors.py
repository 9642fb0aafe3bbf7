"""Does a title find the text it stands over? Word vectors and ways to weigh them, on the reviews of two shops.

Usage: python benchmarks/word_vectors.py DATA [ENCODER]

DATA holds the public sets amazon-musical-instruments and clothing-reviews. Word vectors are trained on all titles and
texts, each a sentence of its own, so that no title stands beside its text. Then each of 3,000 titles asks for the
texts of those reviews, ranked by cosine: `MRR`, and the share whose own is among the first ten. Titles and texts are
embedded alike: the weighted sum of the vectors of their terms, in unit length. `tf-idf` is the profile of duckmark;
`SIF` weighs a term by a / (a + p), p its share of all text, and takes out the first principal component of the texts
(Arora et al. 2017, a = 0.001); `plain` weighs all alike. ENCODER is the folder of a sentence-transformers model,
which is measured as embedder of single words (as duckmark uses it) and of whole texts.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa

from duckmark import connect
from duckmark.kernels.profiles import profiles, unit_rows
from duckmark.models.word_vectors import train

ASKED = 3_000
SETS = {
    "Amazon music": ("amazon-musical-instruments/reviews.csv", "summary", '"reviewText"'),
    "clothing": ("clothing-reviews/reviews.csv", '"Title"', '"Review Text"'),
}
TRAINED: tuple[dict, ...] = (
    {"epochs": 4},
    {"epochs": 15},
    {"epochs": 4, "window": 10},
    {"epochs": 15, "window": 10},
    {"epochs": 4, "subsampling": 1e-4},
    {"epochs": 4, "subsampling": 0.0},
    {"epochs": 4, "dimensions": 32},
    {"epochs": 4, "dimensions": 128},
    {"epochs": 4, "embedder": "fasttext"},
)


def read(data: Path, name: str) -> tuple[pa.Table, pa.Table]:
    """The pairs that are asked (title, text and their terms), and all sentences to train on."""
    path, title, text = SETS[name]
    with connect() as con:
        con.execute(
            f"""
            CREATE TABLE pairs AS
            SELECT title, text, tokenize(title) AS asks, tokenize(text) AS told
            FROM (SELECT {title} AS title, {text} AS text FROM read_csv('{data / path}', header = true))
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


def main(data: str, encoder: str | None = None) -> None:
    print("| texts | word vectors | weighting | MRR | recall@10 | s to train |\n|---|---|---|---:|---:|---:|")
    for name in SETS:
        asked, sentences = read(Path(data), name)
        for options in (*TRAINED, *([{"embedder": "transformer", "vectors": encoder}] if encoder else [])):
            started = time.perf_counter()
            words = word_vectors(sentences, options)
            seconds = time.perf_counter() - started
            told = ", ".join(f"{o} {v}" for o, v in options.items() if o != "vectors") or "as built by default"
            places, vectors = dict(zip(words, range(len(words)), strict=True)), np.array(list(words.values()))
            for weighting, weight in weights(sentences, list(words)).items():
                sides = tuple(embedded(asked[side], places, weight, vectors) for side in ("asks", "told"))
                mrr, recall = found(*(without_common(*sides) if weighting == "SIF" else sides))
                print(f"| {name} | {told} | {weighting} | {mrr:.4f} | {recall:.4f} | {seconds:.0f} |", flush=True)
        if encoder:
            from sentence_transformers import SentenceTransformer

            model = SentenceTransformer(encoder)
            mrr, recall = found(*(model.encode(asked[side].to_pylist(), normalize_embeddings=True)
                                  for side in ("title", "text")))  # fmt: skip
            print(f"| {name} | transformer of whole texts | | {mrr:.4f} | {recall:.4f} | |", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
