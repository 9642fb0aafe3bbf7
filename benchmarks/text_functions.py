"""The text functions beside NLTK, vaderSentiment, scikit-learn and gensim, on the same 100,000 review sentences.

Each library runs in processes of its own, which take turns; a process warms up on the first 2,000 sentences, then
takes all of them. duckmark answers through SQL, its result fetched as an Arrow table; the others are given Python
lists. One thread. Word vectors (64 dimensions) and idf are the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import nltk_offline
from benchmarks.context import Context
from benchmarks.processes import ONE_THREAD, seconds, turns
from benchmarks.results import Row
from duckmark.sqltext import literal

PACKAGES = ("nltk", "vaderSentiment", "scikit-learn", "gensim")
SENTENCES, WARM = 100_000, 2_000
FILES = {"clothing-reviews/reviews.csv": "Review Text", "amazon-musical-instruments/reviews.csv": "reviewText"}
# Who has the same answers as duckmark, by function. The others split words or weigh them in ways of their own.
ALIKE = {
    "tokenize": ("duckmark, plain SQL",),
    "sentiment": ("duckmark, plain SQL", "NLTK"),
    "tfidf_profile": ("duckmark, plain SQL", "scikit-learn"),
    "embed": ("duckmark, plain SQL",),
}
Task = Callable[[pa.Table], object]


def rows(context: Context) -> Iterator[Row]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        context.call(prepare, texts(context), WARM if context.smoke else SENTENCES, folder)
        if context.smoke:
            compare(folder)
        size = pq.read_metadata(folder / "sentences.parquet").num_rows
        for task, libraries in CONTENDERS.items():
            calls = {
                library: partial(context.call, measured, task, library, folder, environment=ONE_THREAD)
                for library in libraries
            }
            for run, library, taken in turns(calls, 1 if context.smoke else context.runs):
                yield Row(f"`{task}`", size, library, "seconds", taken, run)


def texts(context: Context) -> str:
    """The query of all texts."""
    if context.smoke:
        with as_file(files("duckmark") / "data/clothing_reviews.parquet") as path:
            return f'SELECT "Review Text" AS text FROM read_parquet({literal(str(path))})'
    read = "read_csv({}, quote = '\"', all_varchar = true)"
    parts = (
        f'SELECT "{column}" AS text FROM {read.format(literal(str(context.source(file))))}'
        for file, column in FILES.items()
    )
    return " UNION ALL ".join(parts)


def measured(task: str, library: str, folder: Path) -> float:
    """Seconds for all sentences, after some to warm up."""
    run, given = CONTENDERS[task][library](task, folder), sentences(task, library, folder)
    run(given[:WARM])
    return seconds(lambda: run(given), warm=0)[0]


def compare(folder: Path) -> None:
    """Raises AssertionError where answers that should be alike are not."""
    for task, libraries in ALIKE.items():
        expected = answers(task, "duckmark", folder)
        assert len(expected) > 0
        for library in libraries:
            found = answers(task, library, folder)
            assert len(found) == len(expected)
            for one, other in zip(found, expected, strict=True):
                assert same(one, other), f"{task}: {library} says {one}, duckmark {other}"


def same(one: object, other: object) -> bool:
    """Equal, numbers to within 0.00001; no vector is a vector of zeros."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and same(list(one.values()), [other[name] for name in one])
    if isinstance(one, list) and one and isinstance(one[0], float):
        return np.allclose(one, other if other is not None else 0.0, atol=1e-5)
    return one == other


def answers(task: str, library: str, folder: Path) -> list[object]:
    found = CONTENDERS[task][library](task, folder)(sentences(task, library, folder))
    return found["answer"].to_pylist() if isinstance(found, pa.Table) else np.asarray(found).tolist()


def sentences(task: str, library: str, folder: Path) -> pa.Table | list[object]:
    """What a library is given: duckmark a table, the others a list."""
    table = pq.read_table(folder / "sentences.parquet")
    return (
        table if library.startswith("duckmark") else table["tokens" if task == "tfidf_profile" else "text"].to_pylist()
    )


def prepare(texts: str, number: int, folder: Path) -> None:
    """The first sentences of a query's texts with their tokens, and terms with idf and vector, as Parquet files."""
    import gensim.models

    import duckmark

    with duckmark.connect() as con:
        sentences = con.sql(
            f"""
            SELECT text, tokenize(text) AS tokens
            FROM (SELECT unnest(regexp_split_to_array(text, '[.!?]+\\s+')) AS text FROM ({texts}))
            WHERE text SIMILAR TO '.*[a-z].*[a-z].*'
            LIMIT {number}
            """
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

    con = duckmark.connect(Path(mkdtemp(dir=folder)) / "functions.duckdb")
    con.execute("SET threads = 1; CREATE SCHEMA duckmark")
    con.execute(f"CREATE TABLE duckmark.terms AS FROM '{folder / 'terms.parquet'}'")
    call = {"tfidf_profile": "tfidf_profile(tokens)"}.get(task, f"{task}(text)")

    def run(sentences: pa.Table) -> pa.Table:
        con.register("sentences", sentences)
        return con.sql(f"SELECT {call} AS answer FROM sentences").to_arrow_table()

    return run


def sql_task(task: str, folder: Path) -> Task:
    """The same functions in a file that any client opens: no duckmark."""
    path = Path(mkdtemp(dir=folder)) / "plain.duckdb"
    import duckmark
    from duckmark.connection import sql_form

    with duckmark.connect(path) as con:
        _lists(con, folder)
    con = duckdb.connect(path)
    con.execute("SET threads = 1")
    for settled in ("knows_chinese", "reads_whole_texts"):
        con.execute(f"CREATE MACRO duckmark.{settled}() AS false")
    for name in ("vader_words", "word_forms", "tokenize", "tfidf_profile", "embedding", "embed", "sentiment"):
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
    con.execute("CREATE TABLE duckmark.text_vectors (text VARCHAR, vector FLOAT[])")


def nltk_task(task: str, folder: Path) -> Task:
    if task == "sentiment":
        analyzer = nltk_offline.vader()
        return lambda texts: [analyzer.polarity_scores(text) for text in texts]
    from nltk.tokenize import RegexpTokenizer

    stopped = nltk_offline.stop_words()
    words = RegexpTokenizer(r"\w+(?:'\w+)*").tokenize if task == "regexp" else nltk_offline.word_tokenizer()
    return lambda texts: [[word for word in words(text.lower()) if word not in stopped] for text in texts]


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

    words, stopped = KeyedVectors.load(str(folder / "words.kv")), nltk_offline.stop_words()

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
