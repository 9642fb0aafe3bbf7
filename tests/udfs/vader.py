"""VADER by NLTK, beside `sentiment` as Arrow function and as SQL: what the tests of `sentiment` share."""

from importlib.resources import files

import duckdb
import pyarrow as pa
from nltk.sentiment.vader import SentimentIntensityAnalyzer, VaderConstants

from duckmark.lexicons import vader_lexicon
from duckmark.udfs.sentiment import sentiment

LEXICON = vader_lexicon()
VALENCES = dict(zip(LEXICON["term"].to_pylist(), LEXICON["valence"].to_pylist(), strict=True))


def nltk_lexicon() -> str:
    return files("vaderSentiment").joinpath("vader_lexicon.txt").read_text(encoding="utf-8")


def analyzer_of(lexicon: str) -> SentimentIntensityAnalyzer:
    # NLTK's own way of reading its lexicon needs a download.
    analyzer = SentimentIntensityAnalyzer.__new__(SentimentIntensityAnalyzer)
    analyzer.lexicon_file = lexicon
    analyzer.lexicon = analyzer.make_lex_dict()
    analyzer.constants = VaderConstants()
    return analyzer


def database_of(lexicon: pa.Table) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("CREATE SCHEMA duckmark")
    con.register("lexicon", lexicon)
    con.execute("CREATE TABLE duckmark.vader_lexicon AS FROM lexicon")
    con.execute("CREATE TABLE duckmark.emoji (emoji VARCHAR, description VARCHAR)")
    for name in ("vader_words", "sentiment"):
        con.execute(files("duckmark.sql").joinpath(f"functions/{name}.sql").read_text(encoding="utf-8"))
    return con


def by_arrow(texts, valences=VALENCES):
    return sentiment(pa.array(texts, pa.string()), valences=valences).to_pylist()


def by_sql(database, texts):
    table = pa.table({"position": range(len(texts)), "written": pa.array(texts, pa.string())})
    database.register("texts", table)
    rows = database.execute("SELECT sentiment(written) FROM texts ORDER BY position").fetchall()
    database.unregister("texts")
    return [score for (score,) in rows]


def assert_as_nltk(nltk, database, texts):
    expected = dict(enumerate(nltk.polarity_scores(text) for text in texts))
    assert dict(enumerate(by_arrow(texts))) == expected
    assert dict(enumerate(by_sql(database, texts))) == expected
