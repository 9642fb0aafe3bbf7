"""Word lists that the functions need, from packages on this machine: nothing is downloaded."""

from __future__ import annotations

from importlib.resources import files

import pyarrow as pa
import stop_words as stop_words_package

LISTS = ("language_names", "stop_words", "vader_lexicon", "emoji")  # those that a file holds
# Stop words by the Chinese list that say no, or how people find a thing: not, good, most, big, passable, ...
CHINESE_KEPT = frozenset("不无别非好最多大小望吓呕") | {"不是", "不如", "不成", "可以", "一般"}


def languages() -> dict[str, str]:
    """The languages there are stop words for: ISO code to English name, in the order of the codes."""
    return dict(sorted(stop_words_package.LANGUAGE_MAPPING.items()))


def language_names() -> pa.Table:
    """What a language may be called, in lower case, as (name, language): its ISO code and its English name."""
    rows = [(name, code) for code, english in languages().items() for name in (code, english)]
    rows += [("no", "nb"), ("malay", "ms")]
    names, codes = zip(*rows, strict=True)
    return pa.table({"name": pa.array(names), "language": pa.array(codes)})


def stop_words() -> pa.Table:
    """Stop words as (language, word), each language by its ISO code.

    English is the list of NLTK's corpus (Porter's, with its contractions), Chinese that of Stopwords ISO without what
    says no or how people feel. The others come from the ``stop-words`` package, whose English list is too long for
    reviews (it drops "best" and "great") and its Chinese one too short (it lacks "then", "all", and every word of two
    characters).
    """
    lists = {"en": _listed("english"), "zh": _listed("chinese") - CHINESE_KEPT}
    rows = [(code, word) for code, words in lists.items() for word in words]
    for code in languages().keys() - lists.keys():
        rows += [(code, word) for word in set(stop_words_package.get_stop_words(code))]
    codes, words = zip(*sorted(rows), strict=True)
    return pa.table({"language": pa.array(codes), "word": pa.array(words)})


def vader_lexicon() -> pa.Table:
    """VADER's words as (term, valence): the mean rating of ten people, -4 to 4 (Hutto & Gilbert 2014).

    From the ``vaderSentiment`` package; where the file has a term twice its last line counts, as in NLTK.
    """
    lines = files("vaderSentiment").joinpath("vader_lexicon.txt").read_text(encoding="utf-8").splitlines()
    valences = dict(line.strip().split("\t")[:2] for line in lines)
    return pa.table({"term": pa.array(valences), "valence": pa.array([float(v) for v in valences.values()])})


def emoji() -> pa.Table:
    """Emoji of one character as (emoji, description), in words, as the ``vaderSentiment`` package reads them."""
    lines = files("vaderSentiment").joinpath("emoji_utf8_lexicon.txt").read_text(encoding="utf-8").splitlines()
    described = dict(line.strip().split("\t")[:2] for line in lines)
    rows = [(character, words) for character, words in described.items() if len(character) == 1]
    return pa.table(dict(zip(("emoji", "description"), map(list, zip(*rows, strict=True)), strict=True)))


def _listed(language: str) -> set[str]:
    return set(files("duckmark").joinpath(f"data/stop_words_{language}.txt").read_text(encoding="utf-8").split())
