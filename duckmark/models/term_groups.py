"""Which words are forms of one word: returned, returns and returning are said of the same thing."""

from __future__ import annotations

import duckdb
import pyarrow as pa
from nltk.stem.snowball import SnowballStemmer

from duckmark.steps import Inputs, Model, Options, Skipped, Trained

TABLE = "duckmark.term_groups"
LANGUAGE = "english"


def train(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """Word forms grouped by Porter's English Snowball stem; the form that is written most stands for the group.

    Phrases are grouped by the stems of both their terms. Only forms that others stand for have a row. Raises
    Skipped where the reviews have no words.
    """
    terms = _terms(con, inputs)
    if not terms:
        raise Skipped("the reviews have no words")
    forms: dict[str, str] = {}
    standing = [forms.setdefault(stem, term) for term, stem in zip(terms, stems(terms), strict=True)]
    rows = sorted((term, form) for term, form in zip(terms, standing, strict=True) if term != form)
    table = pa.table([pa.array([row[place] for row in rows], pa.string()) for place in (0, 1)], ["term", "form"])
    return Trained({TABLE: table}, len(terms), {"language": LANGUAGE})


def stems(terms: list[str]) -> list[str]:
    """The Snowball stem of each term, of a phrase that of each of its words."""
    stemmer = SnowballStemmer(LANGUAGE)
    return [" ".join(map(stemmer.stem, term.split(" "))) for term in terms]


def _terms(con: duckdb.DuckDBPyConnection, inputs: Inputs) -> list[str]:
    """The words of the reviews, and all phrases, the most frequent first."""
    query = f"""
        SELECT term, count(*) AS occurrences
        FROM (SELECT unnest(terms) AS term FROM {inputs["duckmark.reviews"]})
        GROUP BY term
        UNION ALL
        SELECT phrase, occurrences
        FROM {inputs["duckmark.phrases"]}
        ORDER BY occurrences DESC, term
    """
    return [term for term, _ in con.execute(query).fetchall()]


MODELS = (
    Model(
        name="term_groups",
        kind="snowball",
        stage="feedback",
        reads=("duckmark.reviews", "duckmark.phrases"),
        writes={TABLE: "term VARCHAR, form VARCHAR"},
        train=train,
    ),
)
