"""Topic models beside one another: coherence, time, and how much of the topics another seed and sample gives again.

Usage: python -m benchmarks.topics FILE.duckdb ... [--topics K]      (files of `duckmark build` with written reviews)

Each model sees what `duckmark.topics` sees, the terms of duckmark.review_terms that duckmark.topic_vocabulary knows. It
is trained five times, each time with another seed and another random nine tenths of the reviews. c_v is that of the ten
terms a label is made of (by relevance) over all reviews; stability is the Jaccard index of a topic's ten terms with
those of the topic most like it in another of the five, mean over topics and pairs.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import time
import warnings

import duckdb
import numpy as np
from scipy.sparse import csr_array

from benchmarks.results import machine, versions
from duckmark.kernels.coherence import c_v, windows_together
from duckmark.kernels.lda import Bags, bags_of_words
from duckmark.models.topic_models import top_terms, train_lda, train_nmf
from duckmark.models.topics import _reviews, _words

SEEDS = range(5)


def sklearn_lda(bags: Bags, topics: int, size: int, seed: int) -> np.ndarray:
    from sklearn.decomposition import LatentDirichletAllocation

    counts = csr_array((bags.counts, bags.terms, bags.offsets), shape=(len(bags), size))
    model = LatentDirichletAllocation(topics, learning_method="online", batch_size=2_000, max_iter=5, random_state=seed)
    components = model.fit(counts).components_
    return (components / components.sum(axis=1, keepdims=True)).T


MODELS = {
    "NMF on TF-IDF (scikit-learn)": lambda *given: train_nmf(*given).phi,
    "LDA, automatic priors (gensim)": lambda *given: train_lda(*given).phi,
    "LDA, online (scikit-learn)": sklearn_lda,
}


def stability(tops: list[np.ndarray]) -> float:
    sets = [[set(row) for row in top.tolist()] for top in tops]
    best = [max(len(a & b) / len(a | b) for b in other) for one, other in itertools.permutations(sets, 2) for a in one]
    return statistics.mean(best)


def measure(path: str, topics: int) -> None:
    names = {name: name for name in ("duckmark.review_terms", "duckmark.topic_vocabulary")}
    with duckdb.connect(path, read_only=True) as con:
        terms = con.sql("SELECT term FROM duckmark.topic_vocabulary ORDER BY term").to_arrow_table()["term"]
        words, offsets = _words(_reviews(con, names), terms.combine_chunks())
    bags = bags_of_words(words, offsets, len(terms))
    for name, train in MODELS.items():
        tops, seconds = [], []
        for seed in SEEDS:
            seen = (np.random.default_rng(seed).random(len(bags)) < 0.9) & (np.diff(bags.offsets) > 0)
            part = bags.keep(seen)
            started = time.perf_counter()
            phi = train(part, topics, len(terms), seed)
            seconds.append(time.perf_counter() - started)
            tops.append(top_terms(phi, part))
        coherence = [coherence_of(top, words, offsets) for top in tops]
        figures = f"{statistics.mean(coherence):.3f} | {min(coherence):.3f} to {max(coherence):.3f}"
        shape = f"{os.path.basename(path)}, {len(bags):,} x {len(terms):,}"
        print(
            f"| {shape} | {topics} | {name} | {figures} | {stability(tops):.2f} | {statistics.median(seconds):.2f} s |",
            flush=True,
        )


def coherence_of(top: np.ndarray, words: np.ndarray, offsets: np.ndarray) -> float:
    chosen = np.unique(top)
    return float(c_v(top, chosen, *windows_together(words, offsets, chosen)).mean())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--topics", type=int, default=10)
    given = parser.parse_args()
    warnings.filterwarnings("ignore")
    packages = ", ".join(f"{name} {number}" for name, number in versions(("scikit-learn", "gensim", "numpy")).items())
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    where = machine()
    told = f"{threads} threads of {where['cores']} cores of {where['processor']}, Python {where['python']}"
    print(f"{told}, {packages}\n")
    print("| reviews x terms | topics | model | c_v | least to most | stability | median time |")
    print("|---|---:|---|---:|---:|---:|---:|")
    for file in given.files:
        measure(file, given.topics)
