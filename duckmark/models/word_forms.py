"""What the shop's words become when they are tokenised: stems, and the Chinese words in runs of characters."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Callable, Iterator

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from duckmark import lexicons
from duckmark.kernels.words import LONGEST_WORD
from duckmark.models.text_blocks import text_blocks
from duckmark.stemmers import stemmer
from duckmark.steps import Inputs, Model, Options, Skipped, Trained
from duckmark.udfs.tokenize import split

READS = ("duckmark.products", "duckmark.events", "duckmark.product_languages", "duckmark.review_languages")
WITHOUT_JIEBA = "pairs of characters; pip install 'duckmark[zh]' for words"


def stem_words(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """The Snowball stem of each of the shop's words that is none of its own, for 15 languages (Porter 2001, by NLTK).

    Raises Skipped unless the option ``stem`` is set, or where the shop speaks none of the languages.
    """
    if not options.get("stem", False):
        raise Skipped("not asked for: with the option stem = true, word forms (returned, returns) count as one word")
    words: dict[str, set[str]] = {}
    for code, texts in _texts(con, inputs):
        if stemmer(code):
            words.setdefault(code, set()).update(_words(texts).to_pylist())
    stops, rows = _stop_words(), []
    for code in sorted(words):
        stem = stemmer(code)
        rows += [(code, word, stem(word)) for word in sorted(words[code] - stops[code])]
    rows = [row for row in rows if row[1] != row[2] and row[2]]
    if not rows:
        raise Skipped("there are no words to stem in a language that Snowball knows")
    columns = dict(zip(("language", "word", "stem"), zip(*rows, strict=True), strict=True))
    return Trained({"duckmark.stems": pa.table(columns)}, len(rows), metrics={"words": len(rows)})


def find_chinese_words(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """The words of two to five characters that jieba finds in the shop's Chinese texts, or all pairs without it.

    Raises Skipped where no text is Chinese.
    """
    runs: set[str] = set()
    number = 0
    for _, texts in _texts(con, inputs, "language = 'zh'"):
        runs.update(_runs(texts).to_pylist())
        number += len(texts)
    if not number:
        raise Skipped("not needed: none of the shop's texts is in Chinese")
    segmenter, found = _segmented(sorted(runs))
    words = sorted(word for word in found if 2 <= len(word) <= LONGEST_WORD)
    table = pa.table({"word": pa.array(words, pa.string())})
    return Trained({"duckmark.chinese_words": table}, number, {"segmenter": segmenter}, {"words": len(words)})


def _texts(con: duckdb.DuckDBPyConnection, inputs: Inputs, chosen: str = "true") -> Iterator[tuple[str, pa.Array]]:
    """Some texts in one language after the other, of those whose language is ``chosen`` by a condition."""
    products, events, of_products, of_reviews = (inputs[name] for name in READS)
    query = f"""
        SELECT language, concat_ws(' ', title, category, description) AS text
        FROM {products} JOIN {of_products} USING (product_id)
        WHERE {chosen}
        UNION ALL
        SELECT language, text
        FROM {events} JOIN {of_reviews} USING (event_id)
        WHERE {chosen}
    """
    for block in text_blocks(con, query):
        for code in block["language"].unique().to_pylist():
            yield code, block["text"].filter(pc.equal(block["language"], code)).combine_chunks()


def _words(texts: pa.Array) -> pa.Array:
    """The distinct words of texts, without runs of Han characters."""
    words, _, are_runs = split(texts)
    return words.filter(pa.array(~are_runs)).unique()


def _runs(texts: pa.Array) -> pa.Array:
    """The distinct runs of Han characters."""
    words, _, are_runs = split(texts)
    return words.filter(pa.array(are_runs)).unique()


def _stop_words() -> dict[str, set[str]]:
    table = lexicons.stop_words()
    lists: dict[str, set[str]] = {}
    for code, word in zip(table["language"].to_pylist(), table["word"].to_pylist(), strict=True):
        lists.setdefault(code, set()).add(word)
    return lists


def _segmented(runs: list[str]) -> tuple[str, set[str]]:
    """What the runs were cut by, and the words in them."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its source has escapes that newer Pythons warn of
            import jieba
    except ImportError:
        return WITHOUT_JIEBA, {run[i : i + 2] for run in runs for i in range(len(run) - 1)}
    jieba.setLogLevel(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        segmenter = jieba.Tokenizer()
        segmenter.tmp_dir = folder  # else it reads and leaves a cache in the folder that all share
        return "jieba", {word for run in runs for word in segmenter.cut(run)}


def _model(name: str, columns: str, train: Callable[..., Trained], update: str) -> Model:
    return Model(
        name=name,
        kind="words",
        stage="profile",
        reads=READS,
        writes={f"duckmark.{name}": columns},
        train=train,
        update=update,
    )


MODELS = (
    _model("stems", "language VARCHAR, word VARCHAR, stem VARCHAR", stem_words, "whole"),
    _model("chinese_words", "word VARCHAR", find_chinese_words, "keep"),
)
