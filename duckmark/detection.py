"""Which language a text is in, by py3langid."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.lexicons import languages

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

READ = 200  # characters of a text: more change nothing and take longer
LABELS = {"nb": ("no", "nn")}  # what py3langid calls a language that has another code here
CODES = {label: code for code, labels in LABELS.items() for label in labels}
# Letters that few languages are written in, and these, the likeliest first.
SCRIPTS = {
    r"\p{Han}": ("zh", "ja"),
    r"\p{Han}\p{Hiragana}\p{Katakana}ー": ("ja",),
    r"\p{Hangul}": ("ko",),
    r"\p{Cyrillic}": ("ru", "uk", "bg"),
    r"\p{Greek}": ("el",),
    r"\p{Arabic}": ("ar", "fa"),
    r"\p{Hebrew}": ("he",),
    r"\p{Devanagari}": ("hi",),
    r"\p{Gujarati}": ("gu",),
}

_lock = threading.Lock()


def detect(texts: Sequence[str], among: Collection[str] | None = None) -> list[tuple[str, float]]:
    """The likeliest language of each text, ``among`` some (all that have stop words), and its probability.

    Naive Bayes over byte n-grams (Lui & Baldwin 2012), its probabilities tempered by the length of the text. The
    same text gives the same answer.
    """
    chosen = languages() if among is None else among
    with _lock:
        identifier = _identifier()
        identifier.set_languages(None)
        known = set(identifier.labels)
        identifier.set_languages([label for code in chosen for label in LABELS.get(code, (code,)) if label in known])
        found = (identifier.classify(text[:READ]) for text in texts)
        return [(CODES.get(label, label), probability) for label, probability in found]


def written_in(texts: Sequence[str], among: Sequence[str]) -> list[tuple[str, ...]]:
    """The languages that each text may be in by its script: those ``among`` some, else all that have it.

    A text of no letters, of several scripts, or in one that is not told apart may be in any ``among`` some.
    """
    strings, found = pa.array(texts, pa.string()), [tuple(among)] * len(texts)
    for letters, codes in reversed(SCRIPTS.items()):  # the first script that a text is wholly in
        wholly = pc.match_substring_regex(strings, rf"^\P{{L}}*(?:[{letters}]\P{{L}}*)+$")
        possible = tuple(code for code in among if code in codes) or codes
        for place in np.flatnonzero(wholly):
            found[place] = possible
    return found


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # half a second to read its model

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
