"""Which words are forms of one word: returned, returns and returning are said of the same thing."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from duckmark.stemmers import stemmer
from duckmark.steps import Inputs, Model, Options, Skipped, Trained

TABLE = "duckmark.term_groups"


def train(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """Word forms grouped by Snowball stem in each language that has one; the form that is written most stands for all.

    Phrases are grouped by the stems of both their terms. Only forms that others stand for have a row; in a language
    without a stemmer, as Chinese, each word stands for itself. Raises Skipped where the reviews have no words.
    """
    terms = _terms(con, inputs)
    if not terms:
        raise Skipped("the reviews have no words")
    rows: list[tuple[str, str, str]] = []
    for code in sorted(terms):
        forms: dict[str, str] = {}
        standing = [forms.setdefault(s, term) for term, s in zip(terms[code], stems(terms[code], code), strict=True)]
        rows += sorted((code, term, form) for term, form in zip(terms[code], standing, strict=True) if term != form)
    columns = [pa.array([row[place] for row in rows], pa.string()) for place in range(3)]
    table = pa.table(columns, ["language", "term", "form"])
    stemmed = [code for code in sorted(terms) if stemmer(code)]
    return Trained({TABLE: table}, sum(map(len, terms.values())), {"languages": stemmed})


def stems(terms: list[str], language: str) -> list[str]:
    """The Snowball stem of each term in a language (ISO code), of a phrase that of each of its words."""
    stem = stemmer(language)
    return [" ".join(map(stem, term.split(" "))) for term in terms] if stem else terms


def _terms(con: duckdb.DuckDBPyConnection, inputs: Inputs) -> dict[str, list[str]]:
    """The words of the reviews, and all phrases, in each language, the most frequent first."""
    query = f"""
        SELECT language, term, count(*) AS occurrences
        FROM (SELECT language, unnest(terms) AS term FROM {inputs["duckmark.reviews"]} WHERE language IS NOT NULL)
        GROUP BY language, term
        UNION ALL
        SELECT language, phrase, occurrences
        FROM {inputs["duckmark.phrases"]}
        ORDER BY occurrences DESC, term
    """
    found: dict[str, list[str]] = {}
    for language, term, _ in con.execute(query).fetchall():
        found.setdefault(language, []).append(term)
    return found


MODELS = (
    Model(
        name="term_groups",
        kind="snowball",
        stage="feedback",
        reads=("duckmark.reviews", "duckmark.phrases"),
        writes={TABLE: "language VARCHAR, term VARCHAR, form VARCHAR"},
        train=train,
    ),
)
