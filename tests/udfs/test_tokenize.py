import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duckmark.functions import Lexicon
from duckmark.lexicons import language_names, stop_words
from duckmark.udfs.tokenize import tokenize

NAMES = {row["name"]: row["language"] for row in language_names().to_pylist()}
STOPPED = {row["word"] for row in stop_words().to_pylist() if row["language"] == "en"}
FRENCH = {row["word"] for row in stop_words().to_pylist() if row["language"] == "fr"}
LEXICON = Lexicon({**NAMES, "main": "en"}, {"en": STOPPED, "fr": FRENCH})


def tokens(text: str | None, *language: str | None) -> list[str] | None:
    languages = [pa.array([name], pa.string()) for name in language]
    return tokenize(pa.array([text], pa.string()), *languages, lexicon=LEXICON).to_pylist()[0]


def naive(text: str) -> list[str]:
    """Runs of letters, marks and digits, joined by single apostrophes, and runs of Han; stop words left out."""
    found, word = [], ""
    text = text.replace("\u2019", "'").lower() + " "
    for place, letter in enumerate(text):
        joins = letter == "'" and kind(word[-1:]) == "word" == kind(text[place + 1])
        if word and not joins and (kind(letter) == "han" or kind(letter) != kind(word.replace("'", "a")[-1])):
            found.append(word)
            word = ""
        word += letter if joins or kind(letter) else ""
    return [word for word in found if word not in STOPPED]


def kind(letter: str) -> str:
    """Of a word, of a Chinese one, or of none."""
    if not letter or unicodedata.category(letter)[0] not in "LMN":
        return ""
    return "han" if "\u4e00" <= letter <= "\u9fff" else "word"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I love this product! It's amazing!", ["love", "product", "amazing"]),
        ("A GREAT guitar, great", ["great", "guitar", "great"]),
        ("rock'n'roll o\u2019clock", ["rock'n'roll", "o'clock"]),
        ("'quoted' ''twice''", ["quoted", "twice"]),
        ("rock''roll", ["rock", "roll"]),
        ("0012 3.5", ["0012", "3", "5"]),
        ("这把吉他 很好", ["这", "把", "吉", "他", "很", "好"]),
        ("iPhone很'用'ok", ["iphone", "很", "用", "ok"]),
        ("🎸 ok🎻ok", ["ok", "ok"]),
        ("cafe\u0301", ["cafe\u0301"]),
        ("don't the of", []),
        ("", []),
        (None, None),
    ],
)
def test_known_answers(text, expected):
    assert tokens(text) == expected


def test_the_language_chooses_the_stop_words():
    assert tokens("le chat the cat", "french") == tokens("le chat the cat", "FR") == ["chat", "the", "cat"]
    assert tokens("le chat the cat", "en") == ["le", "chat", "cat"]
    assert tokens("le chat the cat", "klingon") == ["le", "chat", "the", "cat"]
    assert tokens("le chat", None) is None


def test_languages_may_change_from_row_to_row():
    texts, languages = pa.array(["le the", None, "le the"]), pa.array(["fr", "fr", "en"])
    assert tokenize(texts, languages, lexicon=LEXICON).to_pylist() == [["the"], None, ["le"]]


@settings(max_examples=150)
@given(st.text(st.sampled_from("abIT's'\u2019 \n.,!é\u0301ñ0²好🎸-_"), max_size=30))
def test_equals_a_walk_over_the_letters(text):
    assert tokens(text) == naive(text)


@settings(max_examples=50)
@given(st.lists(st.one_of(st.none(), st.text(max_size=20)), max_size=8))
def test_a_slice_of_a_longer_array_gives_its_part(texts):
    whole = tokenize(pa.array(texts, pa.string()), lexicon=LEXICON).to_pylist()
    assert tokenize(pa.array(["x", *texts], pa.string())[1:], lexicon=LEXICON).to_pylist() == whole


HAN = frozenset(("喜欢", "研究", "研究生", "生命", "命", "这把吉他"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我喜欢吉他", ["我", "喜欢", "吉", "他"]),
        ("研究生", ["研究生"]),  # what lies within a longer word is none
        ("研究生命", ["研究生", "生命"]),  # of two that overlap both are
        ("这把吉他x喜欢 喜,欢", ["这把吉他", "x", "喜欢", "喜", "欢"]),
        ("no Chinese here", ["no", "chinese", "here"]),
        ("", []),
    ],
)
def test_runs_of_han_are_cut_into_the_words_the_file_knows(text, expected):
    lexicon = Lexicon({}, {}, han=HAN)
    assert tokenize(pa.array([text, "x"]), lexicon=lexicon).to_pylist() == [expected, ["x"]]


def naive_han(run: str, words: set[str]) -> list[str]:
    """From each character the longest word, but for those within another."""
    longest = [
        max(n for n in range(1, 6) if n == 1 or (i + n <= len(run) and run[i : i + n] in words))
        for i in range(len(run))
    ]
    spans = [(i, i + n) for i, n in enumerate(longest)]
    return [run[i:j] for i, j in spans if not any(a <= i and j <= b and (a, b) != (i, j) for a, b in spans)]


@settings(max_examples=200)
@given(
    st.lists(st.text("天地人大", min_size=1, max_size=12), min_size=1, max_size=4),
    st.sets(st.text("天地人大", min_size=2, max_size=5), min_size=1, max_size=12),
)
def test_han_words_equal_a_search_for_each(runs, words):
    found = tokenize(pa.array([" ".join(runs)]), lexicon=Lexicon({}, {}, han=frozenset(words))).to_pylist()[0]
    assert found == [word for run in runs for word in naive_han(run, words)]


def test_stems_come_after_stop_words():
    lexicon = Lexicon({"main": "en"}, {"en": ["does"]}, {"en": {"does": "doe", "guitars": "guitar"}})
    assert tokenize(pa.array(["Guitars does it"]), lexicon=lexicon).to_pylist() == [["guitar", "it"]]


def test_every_character_is_read_alike_by_both_forms(con, plain):
    """All that Unicode 14 assigns; the tables of Arrow and DuckDB differ on what came later."""
    letters = [chr(c) for c in range(0x20, 0x30000) if unicodedata.category(chr(c)) not in ("Cn", "Cs")]
    texts = pa.table({"i": range(len(letters)), "t": [f"ab{letter}Cd" for letter in letters]})
    by_arrow, by_sql = (answers(connection, texts) for connection in (con, plain))
    assert [letter for letter, a, b in zip(letters, by_arrow, by_sql, strict=True) if a != b] == []


def answers(connection, texts: pa.Table) -> list[tuple]:
    connection.register("texts", texts)
    found = connection.sql("SELECT tokenize(t) FROM texts ORDER BY i").fetchall()
    connection.unregister("texts")
    return found
