"""NLTK's tokenizer and VADER without the downloads that they ask for."""

from __future__ import annotations

from importlib.resources import files


def word_tokenizer() -> object:
    """`nltk.word_tokenize` of a text as one sentence: what splits texts into sentences first is a download.

    Leaving that out saves NLTK time.
    """
    from nltk.tokenize import word_tokenize

    return lambda text: word_tokenize(text, preserve_line=True)


def vader() -> object:
    """`nltk.sentiment.vader.SentimentIntensityAnalyzer` with the lexicon of the package vaderSentiment, the same."""
    from nltk.sentiment.vader import SentimentIntensityAnalyzer, VaderConstants

    analyzer = SentimentIntensityAnalyzer.__new__(SentimentIntensityAnalyzer)
    analyzer.lexicon_file = files("vaderSentiment").joinpath("vader_lexicon.txt").read_text(encoding="utf-8")
    analyzer.lexicon = analyzer.make_lex_dict()
    analyzer.constants = VaderConstants()
    return analyzer


def stop_words() -> frozenset[str]:
    """English, duckmark's own list: NLTK's is a download."""
    from duckmark import lexicons

    return frozenset(row["word"] for row in lexicons.stop_words().to_pylist() if row["language"] == "en")
