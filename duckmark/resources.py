"""What the functions need from the file, read once per connection when first asked for."""

from __future__ import annotations

import itertools
import json
import threading
import weakref
from collections.abc import Callable

import duckdb
import numpy as np
import pyarrow as pa

from duckmark import lexicons
from duckmark.arrow import to_matrix, whole
from duckmark.encoder import encoder
from duckmark.errors import ConfigError, ModelMissingError
from duckmark.functions import Lexicon, VectorSpace, Vocabulary, WholeTexts
from duckmark.kernels.catalogue import catalogue
from duckmark.kernels.profiles import unit_rows


class Resources:
    """Models of the database that was current when the functions were installed.

    The connection is held weakly: a cursor kept here would keep its file locked after it was closed.
    ``number`` tells these resources from all others of the process.
    """

    _numbers = itertools.count()

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.number = next(self._numbers)
        self._connection = weakref.ref(con)
        self._database = con.execute("SELECT current_database()").fetchall()[0][0]
        self._loaded: dict[str, object] = {}
        self._lock = threading.RLock()

    def get(self, name: str) -> object:
        """The resource, read on first use. Raises ModelMissingError where the database does not hold it."""
        with self._lock:
            if name not in self._loaded:
                self._loaded[name] = getattr(self, f"_{name}")()
            return self._loaded[name]

    def forget(self) -> None:
        """Read everything anew on next use."""
        with self._lock:
            self._loaded.clear()

    def _table(self, relation: str, columns: str, order: str, space: str | None = None) -> pa.Table | None:
        """Columns of a duckmark table, or None where it does not exist; of one ``space``, where one is named."""
        database = '"' + self._database.replace('"', '""') + '"'
        with self._connection().cursor() as cursor:
            try:
                where = "" if space is None else "WHERE space = $space"
                query = f"SELECT {columns} FROM {database}.duckmark.{relation} {where} ORDER BY {order}"
                return cursor.sql(query, params=None if space is None else {"space": space}).to_arrow_table()
            except duckdb.CatalogException:
                return None

    def _required(self, relation: str, columns: str, order: str, space: str | None = None) -> pa.Table:
        table = self._table(relation, columns, order, space)
        if table is None:
            raise ModelMissingError(
                f"{self._database} holds no table duckmark.{relation}: build it with `duckmark build`, "
                "or connect to a file that was"
            )
        return table

    def _lexicon(self) -> Lexicon:
        names, words, stems, main = (
            self._table(name, columns, "ALL")
            for name, columns in (
                ("language_names", "name, language"),
                ("stop_words", "language, word"),
                ("stems", "language, word, stem"),
                ("languages", "language, is_main"),
            )
        )
        han = self._table("chinese_words", "word", "word")
        names = _rows(lexicons.language_names() if names is None else names)
        main = [code for code, is_main in _rows(main) if is_main] or ["en"]
        return Lexicon(
            names={**dict(names), "main": main[0]},
            stop_words=_grouped(_rows(lexicons.stop_words() if words is None else words)),
            stems={code: dict(pairs) for code, pairs in _grouped(_rows(stems)).items()},
            han=frozenset(word for (word,) in _rows(han)),
        )

    def _valences(self) -> dict[str, float]:
        table = self._table("vader_lexicon", "term, valence", "term")
        table = lexicons.vader_lexicon() if table is None else table
        return dict(zip(table["term"].to_pylist(), table["valence"].to_pylist(), strict=True))

    def _emoji(self) -> dict[str, str]:
        return dict(_rows(self._table("emoji", "emoji, description", "emoji")))

    def _vocabulary(self) -> Vocabulary:
        table = self._required("terms", "term, idf, vector", "term").combine_chunks()
        terms = table["term"].combine_chunks()
        return Vocabulary(terms, np.asarray(table["idf"], np.float64), to_matrix(table["vector"]))

    def _whole_texts(self) -> WholeTexts | None:
        """None in a file whose embedder is one of words."""
        table = self._table("text_vectors", "text, vector", "text")
        if not table:
            return None
        runs = _rows(self._table("model_runs", "model, options", "model"))
        path = json.loads(dict(runs)["text_vectors"]).get("vectors")
        try:
            encode = encoder(path)
        except ConfigError:  # plain SQL answers no more either
            encode = None
        return WholeTexts(table["text"].combine_chunks(), to_matrix(table["vector"]), encode)

    def _spaces(self) -> Callable[[str], VectorSpace | None]:
        """What gives a vector space by name, None where there is none: each is read when it is first asked for."""
        read: dict[str, VectorSpace | None] = {}

        def space(name: str) -> VectorSpace | None:
            with self._lock:
                if name not in read:
                    read[name] = self._space(name)
                return read[name]

        return space

    def _space(self, name: str) -> VectorSpace | None:
        members = self._required("vector_spaces", "id, vector", "id", name)
        if not members:
            return None
        return VectorSpace(whole(members["id"]), catalogue(unit_rows(to_matrix(members["vector"]))))


def _rows(table: pa.Table | None) -> list[tuple]:
    """The rows of a table; none where there is no table."""
    return [] if table is None else list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def _grouped(rows: list[tuple]) -> dict[str, list]:
    """The rest of each row (alone, where it is one value) by the first value."""
    groups: dict[str, list] = {}
    for key, *rest in rows:
        groups.setdefault(key, []).append(rest[0] if len(rest) == 1 else tuple(rest))
    return groups
