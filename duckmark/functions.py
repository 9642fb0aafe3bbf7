"""How a SQL function is declared: once, as data, beside its implementation in ``udfs/``.

Registration, ``duckmark functions``, the README table and the tests all read these declarations.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from duckmark.kernels.catalogue import Catalogue
from duckmark.kernels.word_sets import WordSet


@dataclass(frozen=True)
class Vocabulary:
    """The terms a file knows.

    ``terms``: n distinct strings; ``idf``: float64 (n,); ``vectors``: float32 (n, dimensions).
    """

    terms: pa.Array
    idf: np.ndarray
    vectors: np.ndarray


class Forms(NamedTuple):
    """What becomes of a language's words.

    ``of_word``: those that do not stay as they are: None for a stop word, else the stem; ``stop_words``: the same, to
    be found among many; ``has_stems``: whether there are any.
    """

    of_word: Mapping[str, str | None]
    stop_words: WordSet
    has_stems: bool


@dataclass(frozen=True)
class Lexicon:
    """What becomes of words.

    ``names``: what a language may be called, in lower case, and its code; ``stop_words`` and ``stems`` by code, a stem
    for each word that has another than itself; ``han``: the Chinese words of two characters and more.
    """

    names: Mapping[str, str]
    stop_words: Mapping[str, Collection[str]]
    stems: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    han: frozenset[str] = frozenset()
    _forms: dict[str, Forms] = field(default_factory=dict, repr=False)

    def forms(self, language: str) -> Forms:
        """What becomes of the words of a language."""
        code = self.names.get(language, language)
        if code not in self._forms:
            stems, stop_words = self.stems.get(code, {}), self.stop_words.get(code, ())
            self._forms[code] = Forms({**stems, **dict.fromkeys(stop_words)}, WordSet(stop_words), bool(stems))
        return self._forms[code]


@dataclass(frozen=True)
class WholeTexts:
    """Texts with a transformer's vectors, float32 (n, dimensions); ``encode`` gives others theirs, where it is here."""

    texts: pa.Array
    vectors: np.ndarray
    encode: Callable[[list[str]], np.ndarray] | None = None


@dataclass(frozen=True)
class VectorSpace:
    """Unit vectors under a name: n ``ids`` in ascending order, and the vectors ready to be searched."""

    ids: pa.Array
    items: Catalogue


@dataclass(frozen=True)
class Function:
    """One SQL function.

    ``forms`` holds the argument lists it may be called with, each ``{name: SQL type}``, shortest first.
    ``call`` maps one ``pa.Array`` per argument to a ``pa.Array`` of ``returns``; each of ``needs``, a name that
    `Resources.get` knows, reaches it by keyword. ``native`` says that DuckDB's own SQL was measured to be faster than
    the Arrow form, so that a Python connection keeps the SQL form in front.
    """

    name: str
    forms: tuple[Mapping[str, str], ...]
    returns: str
    summary: str
    example: str
    call: Callable[..., pa.Array]
    needs: tuple[str, ...] = ()
    native: bool = False

    def __call__(self, *columns: pa.Array, **resources: object) -> pa.Array:
        return self.call(*columns, **resources)

    @property
    def signatures(self) -> list[str]:
        """The ways to write a call, as ``name(argument, ...)``."""
        return [f"{self.name}({', '.join(form)})" for form in self.forms]


def function(
    *forms: Mapping[str, str],
    returns: str,
    summary: str,
    example: str,
    needs: tuple[str, ...] = (),
    native: bool = False,
) -> Callable[[Callable[..., pa.Array]], Function]:
    """Declare the decorated ``pa.Array -> pa.Array`` function as the SQL function of the same name."""

    def declare(call: Callable[..., pa.Array]) -> Function:
        return Function(call.__name__, forms, returns, summary, example, call, needs, native)

    return declare


@cache
def functions() -> dict[str, Function]:
    """Every declared function by name: one module of ``duckmark.udfs`` each, of the same name."""
    package = importlib.import_module("duckmark.udfs")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return {name: getattr(importlib.import_module(f"duckmark.udfs.{name}"), name) for name in names}
