import pytest

from duckmark.stemmers import stemmer


@pytest.mark.parametrize(("language", "word", "stem"), [("en", "returned", "return"), ("de", "farben", "farb")])
def test_stems(language: str, word: str, stem: str) -> None:
    assert stemmer(language)(word) == stem


@pytest.mark.parametrize("language", ["zh", "??"])
def test_a_language_without_a_stemmer(language: str) -> None:
    assert stemmer(language) is None
