"""Word lists that the functions need, from packages on this machine: nothing is downloaded."""

from __future__ import annotations

from importlib.resources import files

import pyarrow as pa
import stop_words as stop_words_package


def stop_words() -> pa.Table:
    """Stop words as (language, word), each language under its English name and its ISO code.

    English is the list of NLTK's corpus (Porter's, with its contractions); the others come from the
    ``stop-words`` package, whose English list is too long for reviews (it drops "best" and "great").
    """
    rows = [(name, word) for name in ("en", "english") for word in _english()]
    for code, name in sorted(stop_words_package.LANGUAGE_MAPPING.items()):
        if name != "english":
            words = sorted(set(stop_words_package.get_stop_words(code)))
            rows += [(key, word) for key in (code, name) for word in words]
    languages, words = zip(*rows, strict=True)
    return pa.table({"language": pa.array(languages), "word": pa.array(words)})


def vader_lexicon() -> pa.Table:
    """VADER's words as (term, valence): the mean rating of ten people, -4 to 4 (Hutto & Gilbert 2014).

    From the ``vaderSentiment`` package; where the file has a term twice its last line counts, as in NLTK.
    """
    lines = files("vaderSentiment").joinpath("vader_lexicon.txt").read_text(encoding="utf-8").splitlines()
    valences = dict(line.strip().split("\t")[:2] for line in lines)
    return pa.table({"term": pa.array(valences), "valence": pa.array([float(v) for v in valences.values()])})


def _english() -> list[str]:
    return files("duckmark").joinpath("data/stop_words_english.txt").read_text(encoding="utf-8").split()
