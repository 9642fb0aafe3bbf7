"""The text functions beside NLTK, vaderSentiment, scikit-learn and gensim, on the same 100,000 review sentences.

Usage: python benchmarks/text_functions.py DATA      (the folder that holds clothing-reviews and
                                                      amazon-musical-instruments, each with its reviews.csv)

Each library runs in processes of its own, which take turns; a process warms up on the first 2,000 sentences, then
takes all of them. Figures are medians over the processes. duckmark answers through SQL, its result fetched as an
Arrow table; the others are given Python lists. One thread. Word vectors (64 dimensions) and idf are the same for all.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import duckdb  # noqa: E402, after the threads are set
import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402

SENTENCES, WARM, PROCESSES = 100_000, 2_000, 5
FILES = {"clothing-reviews/reviews.csv": "Review Text", "amazon-musical-instruments/reviews.csv": "reviewText"}
Task = Callable[[pa.Table], object]


def prepare(data: Path, folder: Path) -> None:
    """Sentences with their tokens, and terms with idf and vector, as Parquet files."""
    import gensim.models

    import duckmark

    with duckmark.connect() as con:
        parts = " UNION ALL ".join(
            f"SELECT {number} AS source, regexp_split_to_array(\"{column}\", '[.!?]+\\s+') AS parts "
            f"FROM read_csv('{data / file}', quote = '\"', all_varchar = true)"
            for number, (file, column) in enumerate(FILES.items())
        )
        sentences = con.sql(
            f"SELECT text, tokenize(text) AS tokens FROM (SELECT unnest(parts) AS text FROM ({parts})) "
            f"WHERE text SIMILAR TO '.*[a-z].*[a-z].*' LIMIT {SENTENCES}"
        ).to_arrow_table()
    tokens = sentences["tokens"].to_pylist()
    words = gensim.models.Word2Vec(tokens, vector_size=64, sg=1, min_count=2, epochs=2, workers=1, seed=1).wv
    found = sentences["tokens"].combine_chunks()
    pairs = pa.table({"text": pa.compute.list_parent_indices(found), "term": found.flatten()})
    frequency = pairs.group_by(["text", "term"]).aggregate([]).group_by("term").aggregate([([], "count_all")])
    frequency = dict(zip(frequency["term"].to_pylist(), frequency["count_all"].to_pylist(), strict=True))
    terms = sorted(words.index_to_key)
    idf = [np.log((1 + len(tokens)) / (1 + frequency[term])) + 1 for term in terms]
    vectors = pa.array([words[term].tolist() for term in terms], pa.list_(pa.float32()))
    pq.write_table(sentences, folder / "sentences.parquet")
    pq.write_table(pa.table({"term": terms, "idf": idf, "vector": vectors}), folder / "terms.parquet")
    words.save(str(folder / "words.kv"))


def duckmark_task(task: str, folder: Path) -> Task:
    import duckmark

    con = duckmark.connect(folder / f"{os.getpid()}.duckdb")
    con.execute("SET threads = 1; CREATE SCHEMA duckmark")
    con.execute(f"CREATE TABLE duckmark.terms AS FROM '{folder / 'terms.parquet'}'")
    call = {"tfidf_profile": "tfidf_profile(tokens)"}.get(task, f"{task}(text)")

    def run(sentences: pa.Table) -> pa.Table:
        con.register("sentences", sentences)
        return con.sql(f"SELECT {call} AS answer FROM sentences").to_arrow_table()

    return run


def sql_task(task: str, folder: Path) -> Task:
    """The same functions in a file that any client opens: no duckmark."""
    path = folder / f"{os.getpid()}-sql.duckdb"
    import duckmark
    from duckmark.connection import sql_form

    with duckmark.connect(path) as con:
        _lists(con, folder)
    con = duckdb.connect(path)
    con.execute("SET threads = 1")
    for name in ("vader_words", "word_forms", "tokenize", "tfidf_profile", "embed", "sentiment"):
        con.execute(sql_form(name))
    call = {"tfidf_profile": "tfidf_profile(tokens)"}.get(task, f"{task}(text)")

    def run(sentences: pa.Table) -> pa.Table:
        con.register("sentences", sentences)
        return con.sql(f"SELECT {call} AS answer FROM sentences").to_arrow_table()

    return run


def _lists(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    from duckmark import lexicons

    con.execute("CREATE SCHEMA duckmark")
    con.execute(f"CREATE TABLE duckmark.terms AS FROM '{folder / 'terms.parquet'}'")
    for name in lexicons.LISTS:
        rows = getattr(lexicons, name)()
        con.register("list", rows.slice(0, 0) if name == "emoji" else rows)
        con.execute(f"CREATE TABLE duckmark.{name} AS FROM list")
        con.unregister("list")
    con.execute("CREATE TABLE duckmark.languages AS SELECT 'en' AS language, true AS is_main")
    con.execute("CREATE TABLE duckmark.stems (language VARCHAR, word VARCHAR, stem VARCHAR)")
    con.execute("CREATE TABLE duckmark.chinese_words (word VARCHAR)")


def nltk_task(task: str, folder: Path) -> Task:
    if task == "sentiment":
        analyzer = nltk_analyzer()
        return lambda texts: [analyzer.polarity_scores(text) for text in texts]
    from nltk.tokenize import RegexpTokenizer, word_tokenize

    stopped = set(english())
    if task == "tokenize":
        return lambda texts: [
            [word for word in word_tokenize(text.lower(), preserve_line=True) if word not in stopped] for text in texts
        ]
    words = RegexpTokenizer(r"\w+(?:'\w+)*")
    return lambda texts: [[word for word in words.tokenize(text.lower()) if word not in stopped] for text in texts]


def nltk_analyzer() -> object:
    """NLTK's own way of reading its lexicon needs a download."""
    from importlib.resources import files

    from nltk.sentiment.vader import SentimentIntensityAnalyzer, VaderConstants

    analyzer = SentimentIntensityAnalyzer.__new__(SentimentIntensityAnalyzer)
    analyzer.lexicon_file = files("vaderSentiment").joinpath("vader_lexicon.txt").read_text(encoding="utf-8")
    analyzer.lexicon = analyzer.make_lex_dict()
    analyzer.constants = VaderConstants()
    return analyzer


def english() -> list[str]:
    from duckmark import lexicons

    return [row["word"] for row in lexicons.stop_words().to_pylist() if row["language"] == "en"]


def vader_task(task: str, folder: Path) -> Task:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return lambda texts: [analyzer.polarity_scores(text) for text in texts]


def sklearn_task(task: str, folder: Path) -> Task:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    terms = pq.read_table(folder / "terms.parquet")
    vectors = np.array(terms["vector"].to_pylist(), np.float32)
    tokens = pq.read_table(folder / "sentences.parquet")["tokens"].to_pylist()
    vectorizer = TfidfVectorizer(analyzer=lambda tokens: tokens, vocabulary=terms["term"].to_pylist(), norm=None)
    vectorizer.fit(tokens)
    return lambda tokens: normalize(vectorizer.transform(tokens) @ vectors)


def gensim_task(task: str, folder: Path) -> Task:
    from gensim.models import KeyedVectors
    from gensim.utils import simple_preprocess

    words, stopped = KeyedVectors.load(str(folder / "words.kv")), set(english())

    def vector(text: str) -> np.ndarray:
        known = [word for word in simple_preprocess(text) if word not in stopped and word in words]
        return words.get_mean_vector(known, pre_normalize=False, post_normalize=True) if known else None

    return lambda texts: [vector(text) for text in texts]


CONTENDERS: dict[str, dict[str, Callable[[str, Path], Task]]] = {
    "tokenize": {
        "duckmark": duckmark_task,
        "duckmark, plain SQL": sql_task,
        "NLTK word_tokenize": nltk_task,
        "NLTK RegexpTokenizer": lambda task, folder: nltk_task("regexp", folder),
    },
    "sentiment": {
        "duckmark": duckmark_task,
        "duckmark, plain SQL": sql_task,
        "NLTK": nltk_task,
        "vaderSentiment": vader_task,
    },
    "tfidf_profile": {"duckmark": duckmark_task, "duckmark, plain SQL": sql_task, "scikit-learn": sklearn_task},
    "embed": {"duckmark": duckmark_task, "duckmark, plain SQL": sql_task, "gensim": gensim_task},
}


def one_process(task: str, library: str, folder: Path) -> None:
    run = CONTENDERS[task][library](task, folder)
    table = pq.read_table(folder / "sentences.parquet")
    column = "tokens" if task == "tfidf_profile" else "text"
    given, warm = (
        part if library.startswith("duckmark") else part[column].to_pylist() for part in (table, table.slice(0, WARM))
    )
    run(warm)
    started = time.perf_counter()
    run(given)
    print(json.dumps(time.perf_counter() - started))


def measured(task: str, library: str, folder: str) -> float:
    command = [sys.executable, "-W", "ignore", __file__, "one", task, library, folder]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])


def compare(data: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        prepare(data, Path(folder))
        rows = pq.read_metadata(Path(folder) / "sentences.parquet").num_rows
        print(f"{rows:,} sentences\n")
        print("| function | library | seconds | least to most | sentences/s | duckmark is faster by |")
        print("|---|---|---:|---:|---:|---:|")
        for task, libraries in CONTENDERS.items():
            seconds: dict[str, list[float]] = {library: [] for library in libraries}
            for _ in range(PROCESSES):
                for library, found in seconds.items():
                    found.append(measured(task, library, folder))
            medians = {library: statistics.median(found) for library, found in seconds.items()}
            for library, median in medians.items():
                ratio = "" if library == "duckmark" else f"{median / medians['duckmark']:.1f}"
                spread = f"{min(seconds[library]):.2f} to {max(seconds[library]):.2f}"
                print(
                    f"| `{task}` | {library} | {median:.2f} | {spread} | {rows / median:,.0f} | {ratio} |", flush=True
                )


def machine() -> None:
    names = ("duckdb", "pyarrow", "numpy", "nltk", "vaderSentiment", "scikit-learn", "gensim")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    print(f"1 thread, {platform.machine()}, Python {platform.python_version()}, {versions}\n")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["one", task, library, folder]:
            one_process(task, library, Path(folder))
        case [data]:
            machine()
            compare(Path(data))
        case _:
            sys.exit(__doc__)
