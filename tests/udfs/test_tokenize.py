import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duckmark.lexicons import stop_words
from duckmark.udfs.tokenize import tokenize

LISTS = {
    name: pa.array([row["word"] for row in stop_words().to_pylist() if row["language"] == name])
    for name in ("english", "en", "french", "fr")
}
STOPPED = set(LISTS["english"].to_pylist())


def tokens(text: str | None, *language: str | None) -> list[str] | None:
    languages = [pa.array([name], pa.string()) for name in language]
    return tokenize(pa.array([text], pa.string()), *languages, stop_words=LISTS).to_pylist()[0]


def naive(text: str) -> list[str]:
    """Runs of letters, marks and digits, joined by single apostrophes; stop words left out."""
    found, word = [], ""
    text = text.replace("\u2019", "'").lower() + " "
    for place, letter in enumerate(text):
        if unicodedata.category(letter)[0] in "LMN" or (
            letter == "'" and word and word[-1] != "'" and unicodedata.category(text[place + 1])[0] in "LMN"
        ):
            word += letter
        elif word:
            found.append(word)
            word = ""
    return [word for word in found if word not in STOPPED]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I love this product! It's amazing!", ["love", "product", "amazing"]),
        ("A GREAT guitar, great", ["great", "guitar", "great"]),
        ("rock'n'roll o\u2019clock", ["rock'n'roll", "o'clock"]),
        ("'quoted' ''twice''", ["quoted", "twice"]),
        ("rock''roll", ["rock", "roll"]),
        ("0012 3.5", ["0012", "3", "5"]),
        ("这把吉他 很好", ["这把吉他", "很好"]),
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
    assert tokenize(texts, languages, stop_words=LISTS).to_pylist() == [["the"], None, ["le"]]


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.text(st.sampled_from("abIT's'\u2019 \n.,!é\u0301ñ0²好🎸-_"), max_size=30))
def test_equals_a_walk_over_the_letters(text):
    assert tokens(text) == naive(text)


@settings(max_examples=50, derandomize=True, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=20)), max_size=8))
def test_a_slice_of_a_longer_array_gives_its_part(texts):
    whole = tokenize(pa.array(texts, pa.string()), stop_words=LISTS).to_pylist()
    assert tokenize(pa.array(["x", *texts], pa.string())[1:], stop_words=LISTS).to_pylist() == whole


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
