"""Which language a text is in, by py3langid."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from functools import cache
from typing import TYPE_CHECKING

from duckmark.lexicons import languages

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

READ = 200  # characters of a text: more change nothing and take longer
LABELS = {"nb": ("no", "nn")}  # what py3langid calls a language that has another code here
CODES = {label: code for code, labels in LABELS.items() for label in labels}

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


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # half a second to read its model

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
