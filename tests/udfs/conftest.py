"""VADER by NLTK, and a database with `sentiment` as SQL."""

import pytest
from nltk.sentiment.vader import SentimentIntensityAnalyzer

from tests.udfs.vader import LEXICON, analyzer_of, database_of, nltk_lexicon


@pytest.fixture(scope="module")
def nltk() -> SentimentIntensityAnalyzer:
    return analyzer_of(nltk_lexicon())


@pytest.fixture(scope="module")
def database():
    with database_of(LEXICON) as con:
        yield con
