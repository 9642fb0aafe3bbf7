"""A shop of several languages: each text is read in its own, alike in Python and in plain SQL, and on a refresh."""

import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.stem import SnowballStemmer

import duckmark
from duckmark.connection import arrow_name
from duckmark.detection import detect, written_in
from duckmark.errors import ConfigError

ENGLISH = (
    "These dresses were lovely and the fitting was perfect for my daughters",
    "The sleeves are much too long, I was disappointed with the sewing",
    "Beautiful colours and a very comfortable fabric, I bought two of them",
    "It shrank after the first washing and the seller never answered",
    "My favourite skirts of the whole summer, they go with everything I wear",
)
FRENCH = (
    "Les robes sont vraiment magnifiques et la livraison était très rapide",
    "Je suis déçue par la qualité des coutures et par les manches trop longues",
    "Une couleur superbe, je recommande ces jupes à toutes mes amies",
    "Le tissu a rétréci au premier lavage et le vendeur ne répond jamais",
)
CHINESE = (
    "这条裙子非常漂亮,颜色也很好看,我很喜欢",
    "质量太差了,洗了一次就缩水,非常失望",
    "物流很快,客服态度也很好,下次还会购买",
)
TEXTS = [*ENGLISH, *ENGLISH, *FRENCH, *CHINESE]
LANGUAGES = ["en"] * 10 + ["fr"] * 4 + ["zh"] * 3
OPTIONS = {"evaluate": False, "dimensions": 8, "stem": True}


def events(texts: list[str]) -> pa.Table:
    return pa.table(
        {
            "user_id": [f"u{i % 7}" for i in range(len(texts))],
            "product_id": [f"p{i % 5}" for i in range(len(texts))],
            "rating": [float(1 + i % 5) for i in range(len(texts))],
            "text": [f"{text} {i}" for i, text in enumerate(texts)],
            "at": [f"2024-01-{1 + i:02}" for i in range(len(texts))],
        }
    )


PRODUCTS = pa.table(
    {
        "product_id": [f"p{i}" for i in range(5)],
        "title": ["Long summer dresses", "Une belle jupe pour les longues soirées", "漂亮的裙子", "Shirt", "Shoes"],
    }
)


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("languages") / "shop.duckdb"
    duckmark.build(path, events=events(TEXTS), products=PRODUCTS, options=OPTIONS)
    return path


@pytest.fixture(scope="module")
def arrow(built):
    with duckmark.connect(built, read_only=True) as con:
        yield con


@pytest.fixture(scope="module")
def sql(built):
    with duckdb.connect(str(built), read_only=True) as con:
        yield con


def column(con: duckdb.DuckDBPyConnection, query: str, **parameters) -> list:
    return [value for (value,) in con.sql(query, params=parameters or None).fetchall()]


def test_each_text_has_its_language(sql):
    assert column(sql, "SELECT language FROM feedback ORDER BY happened_at") == LANGUAGES
    assert sql.sql("SELECT language, is_main FROM duckmark.languages").fetchall() == [
        ("en", True),
        ("fr", False),
        ("zh", False),
    ]
    titles = "SELECT language FROM duckmark.product_languages ORDER BY product_id"
    assert column(sql, titles) == ["en", "fr", "zh", "en", "en"]  # too short to say: the main one


def test_words_are_stopped_and_stemmed_in_the_language_of_the_text(sql):
    terms = column(sql, "SELECT terms FROM duckmark.reviews ORDER BY happened_at")
    english, french = (SnowballStemmer(name).stem for name in ("english", "french"))
    assert terms[0][:3] == [english("dresses"), english("lovely"), english("fitting")]
    assert terms[10][:3] == [french("robes"), french("vraiment"), french("magnifiques")]
    assert "les" not in terms[10]


def test_chinese_is_cut_into_words(sql):
    pytest.importorskip("jieba")
    assert column(sql, "SELECT tokenize('裙子颜色很好,非常失望', 'zh')") == [["裙子", "颜色", "好", "非常", "失望"]]


def test_without_jieba_it_is_cut_into_pairs(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jieba", None)
    path = tmp_path / "shop.duckdb"
    duckmark.build(path, events=events(TEXTS), options={**OPTIONS, "stem": False})
    with duckdb.connect(str(path), read_only=True) as con:
        assert column(con, "SELECT tokenize('非常漂亮')") == [["非常", "常漂", "漂亮"]]
        (how,) = column(con, "SELECT options FROM models WHERE model = 'chinese_words'")
        assert "duckmark[zh]" in how


def test_terms_are_those_that_tokenize_gives_in_any_client(arrow, sql):
    query = "SELECT tokenize(text, language) = terms FROM duckmark.reviews"
    assert set(column(arrow, query)) == set(column(sql, query)) == {True}


def test_a_query_is_read_in_the_main_language(sql, arrow):
    for con in (sql, arrow):
        assert column(con, "SELECT tokenize('the dresses') = tokenize('the dresses', 'English')") == [True]
        assert sql.sql("SELECT product_id FROM search_products('dress', 1)").fetchall() == [("p0",)]
        assert sql.sql("SELECT product_id FROM search_products('裙子', 1)").fetchall() == [("p2",)]


WORDS = st.sampled_from(
    [
        "dresses",
        "the",
        "Les",
        "robes",
        "jamais",
        "it's",
        "裙子",
        "很好",
        "非常",
        "漂亮x",
        "0",
        "²",
        "é",
        "’",
        "'",
        "🎸",
        "İ",
    ]
)
TEXT = st.one_of(st.text(max_size=25), st.lists(WORDS, max_size=8).map(" ".join), st.lists(WORDS).map("".join))
NAMES = st.sampled_from(["en", "French", "zh", "main", "MAIN", "klingon", "", None])


@settings(max_examples=40)
@given(st.lists(st.tuples(st.one_of(st.none(), TEXT), NAMES), min_size=1, max_size=12))
def test_any_text_gives_the_same_tokens_in_both_forms(arrow, sql, rows):
    texts, names = zip(*rows, strict=True)
    table = pa.table({"i": range(len(rows)), "t": pa.array(texts, pa.string()), "l": pa.array(names, pa.string())})
    function = duckmark.functions()["tokenize"]
    found = []
    for con, name in ((arrow, arrow_name(arrow, function, function.forms[1])), (sql, "tokenize")):
        con.register("texts", table)
        found.append(column(con, f"SELECT {name}(t, l) FROM texts ORDER BY i"))
        found.append([column(con, f"SELECT {name}(t, l) FROM texts WHERE i = {i}")[0] for i in range(len(rows))])
        con.unregister("texts")
    assert found == [found[0]] * 4


def test_a_refresh_reads_new_texts_as_a_rebuild_would(tmp_path, differences):
    one, other = tmp_path / "one.duckdb", tmp_path / "other.duckdb"
    duckmark.build(one, events=events(TEXTS[:14]), products=PRODUCTS, options=OPTIONS)
    other.write_bytes(one.read_bytes())
    duckmark.refresh(one, events=events([*TEXTS[:14], "Les nouvelles robes sont arrivées hier"]).slice(14))
    duckmark.build(
        other,
        events=events([*TEXTS[:14], "Les nouvelles robes sont arrivées hier"]),
        products=PRODUCTS,
        options=OPTIONS,
        keep_models=True,
    )
    ids = {"event_id", "raw_id", "source_id", "source_row", "data_digest"}
    assert differences(one, other, {"sources", "model_runs", "pipeline"}, ids) == {}
    with duckdb.connect(str(one), read_only=True) as con:
        (terms,) = column(con, "SELECT terms FROM duckmark.reviews ORDER BY happened_at DESC LIMIT 1")
        assert terms[0] == SnowballStemmer("french").stem("nouvelles")


SCRIPTS = {
    "差": "zh", "很好!": "zh", "良い": "ja", "좋아요": "ko", "плохо": "ru", "καλό": "el", "جيد": "ar", "טוב": "he",
    "अच्छा": "hi", "સારું": "gu", "ok": "en", "很好 ok": "en", "5/5": "en",
}  # fmt: skip


def test_a_short_text_is_in_a_language_of_its_script(tmp_path):
    """Too short to say, they would be in the main language, which is not written so."""
    path = tmp_path / "shop.duckdb"
    shop = events([*ENGLISH] * 20)
    short = pa.table({"product_id": list(SCRIPTS), "title": list(SCRIPTS)})
    duckmark.build(path, events=shop, products=short, options={"evaluate": False, "dimensions": 8})
    with duckdb.connect(str(path), read_only=True) as con:
        assert column(con, "SELECT language FROM duckmark.languages") == ["en"]
        query = "SELECT product_id, language FROM duckmark.product_languages JOIN duckmark.products USING (product_id)"
        found = dict(con.sql(f"{query} WHERE title IS NOT NULL").fetchall())
        assert found == SCRIPTS


def test_a_tiny_shop_is_in_a_language_of_its_script(tmp_path):
    path = tmp_path / "shop.duckdb"
    shop = pa.table({"product_id": ["1", "2"], "rating": [5, 1], "text": ["хорошо", "плохо"]})
    duckmark.build(path, events=shop, options={"evaluate": False})
    with duckdb.connect(str(path), read_only=True) as con:
        assert column(con, "SELECT DISTINCT language FROM feedback") == ["ru"]


def test_a_script_leaves_the_languages_of_the_shop_that_have_it():
    shop = ("en", "ja", "uk", "bg")
    assert written_in(["差", "スーパー", "плохо", "ok", ""], shop) == [("ja",), ("ja",), ("uk", "bg"), shop, shop]
    assert written_in([], ["en"]) == []


def test_the_option_names_the_only_language(tmp_path):
    path = tmp_path / "shop.duckdb"
    duckmark.build(path, events=events(TEXTS), options={"evaluate": False, "language": "fr"})
    with duckdb.connect(str(path), read_only=True) as con:
        assert set(column(con, "SELECT language FROM feedback")) == {"fr"}
        assert column(con, "SELECT tokenize('le chat the cat')") == [["chat", "the", "cat"]]
    with pytest.raises(ConfigError, match=r"option language: expected one of auto, .*, found 'french'"):
        duckmark.build(path, events=events(TEXTS), options={"language": "french"})


def test_an_english_lexicon_says_nothing_of_german_texts(tmp_path):
    """It would take "die" for death and "war" for war: the praise would be complaints, and dislikes."""
    praise = "Das war die beste Entscheidung, die Farbe ist sehr schön und die Kamera ist gut"
    texts = events([praise] * 12 + list(ENGLISH) * 3).drop_columns(["rating"])
    duckmark.build(tmp_path / "shop.duckdb", events=texts, options=OPTIONS)
    with duckdb.connect(str(tmp_path / "shop.duckdb"), read_only=True) as con:
        said = "SELECT count(sentiment), count(label), count(satisfaction), count(*) FROM feedback WHERE language = ?"
        assert con.execute(said, ["de"]).fetchall() == [(0, 0, 0, 12)]
        assert con.execute(said, ["en"]).fetchall() == [(15, 15, 15, 15)]
        liked = "SELECT min(preference) > 0 FROM duckmark.interactions WHERE user_id = 'u5' AND product_id = 'p0'"
        assert con.execute(liked).fetchall() == [(True,)]


def test_a_shop_without_words_is_taken_for_english(tmp_path):
    path = tmp_path / "shop.duckdb"
    duckmark.build(path, events=pa.table({"product_id": ["1", "2"]}), options={"evaluate": False})
    with duckdb.connect(str(path), read_only=True) as con:
        assert con.sql("SELECT language, is_main FROM duckmark.languages").fetchall() == [("en", True)]


def test_detection_is_the_same_whatever_stands_beside_a_text():
    texts = [*ENGLISH, *FRENCH, *CHINESE, "", "42", "ok"]
    together = detect(texts)
    assert [detect([text])[0] for text in texts] == together
    assert [code for code, _ in together[:12]] == ["en"] * 5 + ["fr"] * 4 + ["zh"] * 3
    assert all(probability < 0.5 for _, probability in together[-3:-1])


@pytest.mark.parametrize("code", ["en", "nb", "zh"])
def test_detection_among_some(code):
    assert detect(["anything at all"], [code])[0][0] == code
