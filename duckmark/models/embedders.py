"""Where word vectors come from: trained on the shop's text, read from a file, or a transformer's of each word."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duckmark.arrow import offsets_of
from duckmark.encoder import encoder
from duckmark.errors import ConfigError
from duckmark.kernels.skip_gram import Settings, skip_gram
from duckmark.models import mixing
from duckmark.steps import Options

TOKENS_SEEN = 4_500_000  # epochs are chosen so that about so many tokens are seen: small shops train longer
EPOCHS = (2, 50)  # at least and at most
LITTLE_TEXT = 20_000  # tokens under which a word that occurs once has a vector, and fastText does not halve the text
BUCKETS = 100_000  # of hashed subwords; gensim's two million are for whole languages
PROBE = 1 << 16


class Text(NamedTuple):
    """The shop's text: distinct ``terms`` (t), the most frequent first, their ``counts`` (t,), and which term each word
    is (m,) int32, those of sentence i at [offsets[i], offsets[i + 1])."""

    terms: list[str]
    counts: np.ndarray
    words: np.ndarray
    offsets: np.ndarray

    @classmethod
    def of(cls, sentences: pa.Array) -> Text:
        """Lists of terms as text."""
        words = sentences.flatten().dictionary_encode()
        codes = np.asarray(words.indices)
        table = pa.table({"term": words.dictionary, "count": np.bincount(codes, minlength=len(words.dictionary))})
        order = np.asarray(pc.sort_indices(table, [("count", "descending"), ("term", "ascending")]))
        place = np.empty(len(order), np.int32)
        place[order] = np.arange(len(order))
        table = table.take(pa.array(order))
        return cls(table["term"].to_pylist(), np.asarray(table["count"]), place[codes], offsets_of(sentences))

    def frequent(self, least: int) -> Text:
        """The same without the terms that occur less often."""
        known = int((self.counts >= least).sum())
        kept = self.words < known
        offsets = np.concatenate(([0], np.cumsum(kept)))[self.offsets]
        return Text(self.terms[:known], self.counts[:known], self.words[kept], offsets)


@dataclass(frozen=True)
class Words:
    """``vectors`` (n, d) float32 of ``terms`` (n), and the ``chosen`` settings that made them."""

    terms: list[str]
    vectors: np.ndarray
    chosen: Mapping[str, Any]


def word2vec(text: Text, options: Options) -> Words:
    """Skip-gram with negative sampling (Mikolov et al. 2013); the same text gives the same again."""
    chosen = _chosen(text, options)
    text = text.frequent(chosen["min_count"])
    if not text.terms:
        return Words([], np.empty((0, chosen["vector_size"]), np.float32), chosen)
    settings = Settings(
        dimensions=chosen["vector_size"],
        window=chosen["window"],
        negative=chosen["negative"],
        subsampling=chosen["sample"],
        epochs=chosen["epochs"],
        seed=chosen["seed"],
    )
    return Words(text.terms, skip_gram(text.words, text.offsets, text.counts, settings), chosen)


def fasttext(text: Text, options: Options) -> Words:
    """The same with subwords (Bojanowski et al. 2017), by which the words that are too rare to train have vectors.

    By gensim.
    """
    from gensim.models import FastText  # a second to import, and only this needs it

    chosen = {**_chosen(text, options), "bucket": BUCKETS, "min_n": 3, "max_n": 5}
    terms = np.array(text.terms, object)
    sentences = [terms[text.words[i:j]].tolist() for i, j in pairwise(text.offsets.tolist())]
    model = FastText(workers=1, **chosen)
    if sentences:
        model.build_vocab(sentences)
    if not len(model.wv):
        return Words([], np.empty((0, chosen["vector_size"]), np.float32), chosen)
    if len(text.words) < LITTLE_TEXT:
        model.train(sentences, total_examples=model.corpus_count, epochs=model.epochs)
    else:
        mixing.trained(model, sentences, chosen["seed"])
    return Words(text.terms, np.array([model.wv[term] for term in text.terms]), chosen)


def _chosen(text: Text, options: Options) -> dict[str, Any]:
    """What training is told, in gensim's words."""
    tokens = len(text.words)
    return {
        "vector_size": options.get("dimensions", 64),
        "window": options.get("window", 5),
        "min_count": 1 if tokens < LITTLE_TEXT else 2,
        "sg": 1,
        "negative": 5,
        "sample": options.get("subsampling", 1e-3),
        "epochs": options.get("epochs") or int(np.clip(TOKENS_SEEN // max(tokens, 1), *EPOCHS)),
        "seed": options.get("seed", 42),
    }


def vectors_file(text: Text, options: Options) -> Words:
    """The shop's terms that stand in a file of word vectors, word2vec's or GloVe's, text or binary."""
    path = path_of(options, "a file of word vectors")
    found = read_vectors(path, set(text.terms))
    terms = sorted(found)
    return Words(terms, np.array([found[term] for term in terms], np.float32), {"vectors": str(path)})


def transformer(text: Text, options: Options) -> Words:
    """A sentence transformer's vector of each term of the shop; `duckmark.text_vectors` holds those of whole texts.

    Raises ConfigError where the extra
    is not installed or the folder is no model.
    """
    path = path_of(options, "the folder of a sentence-transformers model")
    encode, terms = encoder(path), sorted(text.terms)
    return Words(terms, encode(terms) if terms else np.empty((0, 0), np.float32), {"vectors": str(path)})


EMBEDDERS: Mapping[str, Callable[[Text, Options], Words]] = {
    "word2vec": word2vec,
    "fasttext": fasttext,
    "file": vectors_file,
    "transformer": transformer,
}


def path_of(options: Options, what: str) -> Path:
    """The path in the option ``vectors``. Raises ConfigError where there is none, or nothing there."""
    given = options.get("vectors")
    if not given:
        raise ConfigError(f"embedder {options['embedder']} needs option vectors: the path of {what}")
    if not Path(given).exists():
        raise ConfigError(f"option vectors: {given}: no such file or folder; give the path of {what}")
    return Path(given)


def read_vectors(path: Path, wanted: Collection[str]) -> dict[str, np.ndarray]:
    """The vectors of the words ``wanted`` that a file holds: word2vec text or binary, or GloVe text, gzipped or not.

    The file is read word by word, so that only what is wanted takes room. Raises ConfigError where it is malformed.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            header = re.fullmatch(rb"(\d+) (\d+)\s*", file.readline(PROBE))
            if header is None:
                file.seek(0)
                return _from_text(file, wanted, None)
            count, dimensions = map(int, header.groups())
            start = file.tell()
            is_text = _is_text(file.readline(PROBE), dimensions)
            file.seek(start)
            return _from_text(file, wanted, dimensions) if is_text else _from_binary(file, wanted, count, dimensions)
    except (OSError, ValueError, EOFError) as error:
        raise ConfigError(f"option vectors: {path} is no file of word vectors (word2vec or GloVe): {error}") from None


def _is_text(line: bytes, dimensions: int) -> bool:
    try:
        return len([float(field) for field in line.rstrip().rsplit(b" ", dimensions)[1:]]) == dimensions
    except ValueError:
        return False


def _from_text(file: BinaryIO, wanted: Collection[str], dimensions: int | None) -> dict[str, np.ndarray]:
    found = {}
    for number, line in enumerate(file, 1):
        if dimensions is None:
            dimensions = line.rstrip().count(b" ")
        word, *values = line.rstrip().rsplit(b" ", dimensions)
        if len(values) != dimensions or not dimensions:
            raise ValueError(f"{dimensions} numbers expected beside word {number}, found {len(values)}")
        term = word.decode("utf-8", "replace")
        if term in wanted:
            found.setdefault(term, np.array(values, np.float32))
    return found


def _from_binary(file: BinaryIO, wanted: Collection[str], count: int, dimensions: int) -> dict[str, np.ndarray]:
    found, size, buffer, start = {}, 4 * dimensions, b"", 0
    for number in range(1, count + 1):
        while (end := buffer.find(b" ", start)) < 0 or len(buffer) < end + 1 + size:
            more = file.read(1 << 20)
            if not more:
                raise ValueError(f"it ends within word {number} of {count}")
            buffer, start = buffer[start:] + more, 0
        term = buffer[start:end].lstrip(b"\n").decode("utf-8", "replace")
        if term in wanted:
            found.setdefault(term, np.frombuffer(buffer, "<f4", dimensions, end + 1).copy())
        start = end + 1 + size
    return found
