"""Real vectors to search: of words, and of texts such as products are described by, trained on public review texts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.context import Context
from duckmark.sqltext import literal

REVIEWS = {"clothing-reviews/reviews.csv": "Review Text", "amazon-musical-instruments/reviews.csv": "reviewText"}
TITLES = {"books/books.csv": "title"}
STOCK = "online-retail/online_retail.parquet"


def vectors(context: Context, kind: str, dimensions: int, rows: int, seed: int = 0) -> np.ndarray:
    """``rows`` unit vectors (rows, dimensions) in random order; smoke runs make up some with repetitions.

    "words": Word2Vec vectors of all words of the texts; "texts": tf-idf profiles of titles, product descriptions and
    review sentences; "normal": drawn from the normal distribution. Where more are asked for than there are, real ones
    are drawn again with noise that leaves a cosine of about 0.9 with the original.
    """
    random = np.random.default_rng(seed)
    if kind == "normal" or context.smoke:
        found = random.standard_normal((rows, dimensions), np.float32)
        return _unit(found[random.integers(0, max(1, rows // 2), rows)] if context.smoke else found)
    real = np.load(_trained(context, dimensions)[kind], mmap_mode="r")
    if rows <= len(real):
        return real[np.sort(random.choice(len(real), rows, replace=False))][random.permutation(rows)]
    more = random.integers(0, len(real), rows - len(real))
    noise = random.standard_normal((len(more), dimensions), np.float32) * np.float32(0.48 / np.sqrt(dimensions))
    return _unit(np.concatenate([real, real[more] + noise]))[random.permutation(rows)]


def _trained(context: Context, dimensions: int) -> dict[str, Path]:
    paths = {kind: context.work / f"vectors-{kind}-{dimensions}.npy" for kind in ("words", "texts")}
    if not all(path.exists() for path in paths.values()):
        context.call(_train, _texts(context), dimensions, paths)
    return paths


def _texts(context: Context) -> str:
    """The query of all texts, review by sentence."""
    csv = 'SELECT "{}" AS text FROM read_csv({}, quote = \'"\', all_varchar = true)'
    reviews = " UNION ALL ".join(
        csv.format(column, literal(str(context.source(file)))) for file, column in REVIEWS.items()
    )
    titles = " UNION ALL ".join(
        csv.format(column, literal(str(context.source(file)))) for file, column in TITLES.items()
    )
    return f"""
        SELECT unnest(regexp_split_to_array(text, '[.!?]+\\s+')) AS text FROM ({reviews})
        UNION ALL {titles}
        UNION ALL SELECT DISTINCT Description FROM read_parquet({literal(str(context.source(STOCK)))})
    """


def _train(texts: str, dimensions: int, paths: dict[str, Path]) -> None:
    import gensim.models
    from scipy import sparse

    import duckmark

    with duckmark.connect() as con:
        tokens = con.sql(f"SELECT DISTINCT tokenize(text) FROM ({texts}) WHERE len(tokenize(text)) > 1 ORDER BY ALL")
        tokens = [row[0] for row in tokens.fetchall()]
    words = gensim.models.Word2Vec(tokens, vector_size=dimensions, sg=1, min_count=1, epochs=5, workers=2, seed=1).wv
    indices = np.array([words.key_to_index[token] for text in tokens for token in text])
    offsets = np.concatenate(([0], np.cumsum([len(text) for text in tokens])))
    counts = sparse.csr_array((np.ones(len(indices)), indices, offsets), shape=(len(tokens), len(words)))
    counts.sum_duplicates()
    idf = np.log((1 + len(tokens)) / (1 + np.bincount(counts.indices, minlength=len(words)))) + 1
    np.save(paths["words"], _unit(words.vectors))
    np.save(paths["texts"], _unit((counts * idf) @ words.vectors.astype(np.float64)))


def _unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)).astype(np.float32)
