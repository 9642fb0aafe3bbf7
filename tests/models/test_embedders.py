"""Word vectors from elsewhere: files as gensim writes them, subwords, and a transformer's of each word."""

import gzip
import sys
from collections import Counter

import duckdb
import numpy as np
import pytest
from gensim.models import KeyedVectors

from duckmark.config import checked_options
from duckmark.errors import ConfigError
from duckmark.models.embedders import fasttext, read_vectors, transformer, word2vec
from duckmark.models.word_vectors import train
from duckmark.steps import Skipped
from tests.models.fake_encoder import unit

WORDS = ["guitar", "violin", "drum", "piano", "flute", "cello", "harp", "banjo", "été", "吉他", "rock'n'roll", "0"]
COUNTS = Counter([*WORDS[:-1], "unheard"])


@pytest.fixture
def known() -> KeyedVectors:
    """Twelve words of three numbers, of which one is none of the shop's, and four hundred more."""
    words = KeyedVectors(3)
    numbers = np.random.default_rng(0).normal(size=(412, 3)).astype(np.float32)
    words.add_vectors([*WORDS, *(f"w{i}" for i in range(400))], numbers)
    return words


def glove(path, known) -> None:
    lines = (f"{word} {' '.join(map(str, known[word]))}\n" for word in known.index_to_key)
    path.write_text("".join(lines), encoding="utf-8")


@pytest.mark.parametrize("layout", ["word2vec text", "word2vec binary", "glove", "gzip"])
def test_a_file_gives_the_vectors_of_the_wanted_words(tmp_path, known, layout):
    path = tmp_path / "vectors.txt"
    if layout == "glove":
        glove(path, known)
    else:
        known.save_word2vec_format(str(path), binary=layout == "word2vec binary")
    if layout == "gzip":
        (tmp_path / "vectors.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
        path = tmp_path / "vectors.gz"
    found = read_vectors(path, COUNTS)
    assert set(found) == set(WORDS[:-1])
    for word, vector in found.items():
        assert vector == pytest.approx(known[word], abs=1e-6)


def test_a_binary_file_longer_than_what_is_read_at_once(tmp_path):
    words = KeyedVectors(300)
    names = [f"w{i}" for i in range(2_000)]
    words.add_vectors(names, np.random.default_rng(0).normal(size=(2_000, 300)).astype(np.float32))
    words.save_word2vec_format(str(tmp_path / "v.bin"), binary=True)
    found = read_vectors(tmp_path / "v.bin", Counter(names))
    assert all(np.array_equal(found[name], words[name]) for name in names)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a 1 2\nb 1\n", "2 numbers expected beside word 2"),
        (b"2 3\na \x01\x02", "it ends within word 1 of 2"),
        (b"a one two\n", "could not convert"),
        (b"word\n", "0 numbers expected"),
    ],
)
def test_a_malformed_file_is_named(tmp_path, content, message):
    path = tmp_path / "bad.txt"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=rf"bad\.txt is no file of word vectors .*: .*{message}"):
        read_vectors(path, Counter("ab"))


def run(texts: list[list[str]], **options):
    with duckdb.connect() as con:
        con.execute("CREATE TABLE s (source VARCHAR, sentence_id BIGINT, terms VARCHAR[])")
        con.executemany("INSERT INTO s VALUES ('review', ?, ?)", list(enumerate(texts)))
        return train(con, {"duckmark.sentences": "s"}, options)


def test_only_the_shops_words_are_kept_and_what_is_known_is_reported(tmp_path, known):
    glove(tmp_path / "v.txt", known)
    found = run([WORDS[:-1], ["unheard"]], embedder="file", vectors=str(tmp_path / "v.txt"))
    assert found.tables["duckmark.word_vectors"]["term"].to_pylist() == sorted(WORDS[:-1])
    assert found.metrics == {"tokens": 12, "terms": 11, "known": round(11 / 12, 4)}
    assert found.options["embedder"] == "file"


def test_a_file_without_the_shops_words_is_skipped(tmp_path, known):
    glove(tmp_path / "v.txt", known)
    with pytest.raises(Skipped, match="1 terms, at least 10 are needed"):
        run([["guitar", "unheard"]], embedder="file", vectors=str(tmp_path / "v.txt"))


@pytest.mark.parametrize("embedder", ["file", "transformer"])
def test_a_path_is_needed(tmp_path, embedder):
    with pytest.raises(ConfigError, match=f"embedder {embedder} needs option vectors: the path of"):
        run([WORDS], embedder=embedder)
    with pytest.raises(ConfigError, match="no such file or folder"):
        run([WORDS], embedder=embedder, vectors=str(tmp_path / "none"))


def test_options_are_checked():
    assert checked_options({"embedder": "file", "vectors": "v.txt"})
    with pytest.raises(ConfigError, match="option embedder: expected one of word2vec, fasttext, file, transformer"):
        checked_options({"embedder": "bert"})
    with pytest.raises(ConfigError, match="option vectors: expected a text, found 3"):
        checked_options({"vectors": 3})


SENTENCES = [[WORDS[(i + j * (1 + i % 5)) % 8] for j in range(40)] for i in range(600)] + [["guitars", "drum"]]


def test_subwords_give_a_rare_word_the_vector_of_its_like():
    counts = Counter(term for sentence in SENTENCES for term in sentence)
    options = {"dimensions": 8, "epochs": 2}
    assert "guitars" not in word2vec(SENTENCES, counts, options).terms
    words = fasttext(SENTENCES, counts, options)
    vectors = dict(zip(words.terms, words.vectors / np.linalg.norm(words.vectors, axis=1)[:, None], strict=True))
    similar = {word: float(vectors["guitars"] @ vectors[word]) for word in vectors if word != "guitars"}
    assert max(similar, key=similar.get) == "guitar"


def test_the_missing_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ConfigError, match=r"pip install 'duckmark\[transformers\]'"):
        run([WORDS], embedder="transformer", vectors=str(tmp_path))


def test_a_transformer_encodes_each_word_once(tmp_path, fake):
    words = transformer([WORDS], Counter(WORDS), {"embedder": "transformer", "vectors": str(tmp_path)})
    assert words.terms == sorted(WORDS)
    assert words.vectors[words.terms.index("drum")] == pytest.approx(unit("drum"), abs=1e-6)


def test_a_folder_that_is_no_model_is_named(tmp_path, fake):
    (tmp_path / "broken").mkdir()
    with pytest.raises(ConfigError, match=r"broken is no sentence-transformers model: no config\.json"):
        run([WORDS], embedder="transformer", vectors=str(tmp_path / "broken"))
