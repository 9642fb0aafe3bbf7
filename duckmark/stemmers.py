"""Word forms to stems, by Snowball (Porter 2001) as NLTK has it."""

from __future__ import annotations

from collections.abc import Callable

from duckmark import lexicons


def stemmer(language: str) -> Callable[[str], str] | None:
    """What makes a stem of a word in a language (ISO code); None for one of those that Snowball does not know."""
    from nltk.stem.snowball import SnowballStemmer  # a second to import, and only training needs it

    name = lexicons.languages().get(language)
    return SnowballStemmer(name).stem if name in SnowballStemmer.languages else None
