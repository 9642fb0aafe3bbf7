"""Where word vectors come from: trained on the shop's text, read from a file, or a transformer's of each word."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from duckmark.encoder import encoder
from duckmark.errors import ConfigError
from duckmark.models import mixing
from duckmark.steps import Options

TOKENS_SEEN = 4_500_000  # epochs are chosen so that about so many tokens are seen: small shops train longer
LITTLE_TEXT = 20_000  # tokens under which a word that occurs once has a vector, and text is not halved for training
RATES = {"skip_gram": 0.025, "cbow": 0.05}  # at first, word2vec.c's; with gensim's 0.025 CBOW finds half as much
BUCKETS = 100_000  # of hashed subwords; gensim's two million are for whole languages
PROBE = 1 << 16


@dataclass(frozen=True)
class Words:
    """``vectors`` (n, d) float32 of ``terms`` (n), and the ``chosen`` settings that made them."""

    terms: list[str]
    vectors: np.ndarray
    chosen: Mapping[str, Any]


def word2vec(sentences: list[list[str]], counts: Counter[str], options: Options) -> Words:
    """Skip-gram or CBOW with negative sampling (Mikolov et al. 2013); the same text gives the same again."""
    from gensim.models import Word2Vec  # a second to import, and only training needs it

    return _trained(Word2Vec, sentences, counts, options)


def fasttext(sentences: list[list[str]], counts: Counter[str], options: Options) -> Words:
    """The same with subwords (Bojanowski et al. 2017), by which the words that are too rare to train have vectors."""
    from gensim.models import FastText

    return _trained(FastText, sentences, counts, options, bucket=BUCKETS, min_n=3, max_n=5)


def _trained(kind: type, sentences: list[list[str]], counts: Counter[str], options: Options, **more: int) -> Words:
    tokens, word_model = counts.total(), options.get("word_model", "skip_gram")
    chosen = {
        "vector_size": options.get("dimensions", 64),
        "window": options.get("window", 5),
        "min_count": 1 if tokens < LITTLE_TEXT else 2,
        "sg": int(word_model == "skip_gram"),
        "alpha": RATES[word_model],
        "negative": 5,
        "sample": options.get("subsampling", 1e-3),
        "epochs": options.get("epochs") or int(np.clip(TOKENS_SEEN // max(tokens, 1), 2, 30)),
        "seed": options.get("seed", 42),
        **more,
    }
    model = kind(workers=1, **chosen)
    if max(counts.values(), default=0) < chosen["min_count"]:
        return Words([], np.empty((0, chosen["vector_size"]), np.float32), chosen)
    model.build_vocab_from_freq(counts, corpus_count=len(sentences))
    if tokens < LITTLE_TEXT:
        model.train(sentences, total_examples=model.corpus_count, epochs=model.epochs)
    else:
        mixing.trained(model, sentences, chosen["seed"])
    if not more:
        return Words(model.wv.index_to_key, model.wv.vectors, chosen)
    terms = sorted(counts)  # subwords give every word a vector
    return Words(terms, np.array([model.wv[term] for term in terms]), chosen)


def vectors_file(sentences: list[list[str]], counts: Counter[str], options: Options) -> Words:
    """The shop's terms that stand in a file of word vectors, word2vec's or GloVe's, text or binary."""
    path = path_of(options, "a file of word vectors")
    found = read_vectors(path, counts)
    terms = sorted(found)
    return Words(terms, np.array([found[term] for term in terms], np.float32), {"vectors": str(path)})


def transformer(sentences: list[list[str]], counts: Counter[str], options: Options) -> Words:
    """A sentence transformer's vector of each term of the shop; `duckmark.text_vectors` holds those of whole texts.

    Raises ConfigError where the extra
    is not installed or the folder is no model.
    """
    path = path_of(options, "the folder of a sentence-transformers model")
    encode, terms = encoder(path), sorted(counts)
    return Words(terms, encode(terms) if terms else np.empty((0, 0), np.float32), {"vectors": str(path)})


EMBEDDERS: Mapping[str, Callable[[list[list[str]], Counter[str], Options], Words]] = {
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


def read_vectors(path: Path, wanted: Mapping[str, int]) -> dict[str, np.ndarray]:
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


def _from_text(file: BinaryIO, wanted: Mapping[str, int], dimensions: int | None) -> dict[str, np.ndarray]:
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


def _from_binary(file: BinaryIO, wanted: Mapping[str, int], count: int, dimensions: int) -> dict[str, np.ndarray]:
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
