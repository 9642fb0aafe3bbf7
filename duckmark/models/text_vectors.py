"""Vectors of whole texts, by a transformer: those of the shop's texts, which profiles are then made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa

from duckmark.arrow import to_lists
from duckmark.encoder import encoder
from duckmark.errors import ConfigError
from duckmark.models.embedders import path_of
from duckmark.steps import Inputs, Model, Options, Skipped, Trained

TABLE = "duckmark.text_vectors"
READS = ("duckmark.texts", "duckmark.products")
NOTE = (
    "plain SQL embeds the texts of the file (products, their titles, reviews); any other is NULL there: "
    "embed it in Python, by duckmark.connect where 'duckmark[transformers]' and the model are"
)


def train(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """The vector of each product's text, title and review under a sentence transformer (Reimers & Gurevych 2019).

    ``options``: ``embedder``, and ``vectors``, the folder of the model. Raises Skipped where the embedder is another,
    and ConfigError where the extra is not installed or the folder is no model.
    """
    if options.get("embedder") != "transformer":
        raise Skipped("not asked for: the embedder is one of words, and embeds any text in any client")
    return _encoded(_texts(con, inputs), options)


def refresh(con: duckdb.DuckDBPyConnection, options: Options) -> Trained:
    """The vectors of the texts that have come since. Without the extra these go without, and `models` says so."""
    if options.get("embedder") != "transformer":
        raise Skipped("not asked for: the embedder is one of words, and embeds any text in any client")
    names = {name: name for name in READS}
    new = _texts(con, names, f"ANTI JOIN {TABLE} AS known ON known.text = t.text")
    try:
        return _encoded(new, options)
    except ConfigError as error:
        raise Skipped(f"{len(new)} new texts have no vector: {error}") from None


def _texts(con: duckdb.DuckDBPyConnection, inputs: Mapping[str, str], but_for: str = "") -> list[str]:
    query = f"""
        SELECT DISTINCT t.text
        FROM (
            SELECT text FROM {inputs["duckmark.texts"]}
            UNION ALL
            SELECT title FROM {inputs["duckmark.products"]}
        ) AS t {but_for}
        WHERE regexp_matches(t.text, '\\S')
        ORDER BY t.text
    """
    return [text for (text,) in con.execute(query).fetchall()]


def _encoded(texts: list[str], options: Mapping[str, Any]) -> Trained:
    path = str(path_of(options, "the folder of a sentence-transformers model"))
    tables = {}
    if texts:
        tables[TABLE] = pa.table({"text": texts, "vector": to_lists(encoder(path)(texts))})
    return Trained(tables, len(texts), {"embedder": "transformer", "vectors": path}, {"texts": len(texts)}, note=NOTE)


MODELS = (
    Model(
        name="text_vectors",
        kind="transformer",
        stage="profile",
        reads=READS,
        writes={TABLE: "text VARCHAR, vector FLOAT[]"},
        train=train,
        update="own",
        refresh=refresh,
    ),
)
