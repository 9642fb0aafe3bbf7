"""The words of the shop, its products and its users: how often they are counted, and which are keywords."""

import math
import random
from collections import Counter

import duckdb
import numpy as np
import pytest

from tests.statements import statement

# Words as the file's own functions find them, without stop words and stems.
TOKENIZE = "CREATE MACRO tokenize(txt, language := 'main') AS string_split(txt, ' ')"


@pytest.fixture
def con():
    with duckdb.connect() as con:
        con.execute(f"CREATE SCHEMA duckmark; {TOKENIZE}")
        yield con


def made(con, name, query=None):
    con.execute(statement(name, "2_profile"))
    return con.execute(query or f"FROM duckmark.{name}").fetchall()


def test_rare_words_say_more(con):
    """ln((1 + n) / (1 + df)) + 1 of n documents, each counted once however often it has the word."""
    texts = ["lamp lamp lamp", "lamp red", "chair red lamp", "", "green", "chair chair", "unknown"]
    con.execute("CREATE TABLE duckmark.documents (source VARCHAR, document_id VARCHAR, terms VARCHAR[])")
    for place, text in enumerate(texts):
        source = ("product", "review")[place % 2]  # which have ids of their own
        con.execute("INSERT INTO duckmark.documents VALUES (?, ?, ?)", [source, str(place // 2), text.split()])
    con.execute("CREATE TABLE duckmark.word_vectors (term VARCHAR, vector FLOAT[])")
    con.execute("INSERT INTO duckmark.word_vectors SELECT unnest(['lamp', 'red', 'chair', 'green']), [1]")
    frequencies = {"chair": 2, "green": 1, "lamp": 3, "red": 2}
    found = made(con, "terms", "SELECT term, document_frequency, idf FROM duckmark.terms")
    assert [(term, frequency) for term, frequency, _ in found] == list(frequencies.items())
    expected = [np.log((1 + len(texts)) / (1 + frequency)) + 1 for frequency in frequencies.values()]
    assert [idf for *_, idf in found] == pytest.approx(expected)


@pytest.fixture
def catalogue(con):
    con.execute("""
        CREATE TABLE duckmark.products AS SELECT * FROM (VALUES
            ('p', 'desk lamp', 'home light', 'a desk lamp and light'), ('q', NULL, 'home light', NULL)
        ) AS t (product_id, title, category, description);
        CREATE TABLE duckmark.product_languages AS SELECT unnest(['p', 'q']) AS product_id, 'en' AS language;
        CREATE TABLE duckmark.reviews AS SELECT * FROM (VALUES
            (1, 'p', ['lamp', 'good', 'lamp']), (2, 'p', ['desk', 'lamp']), (3, NULL, ['lost'])
        ) AS t (event_id, product_id, terms);
        CREATE TABLE duckmark.review_terms AS SELECT * FROM (VALUES
            (1, CAST([] AS VARCHAR[])), (2, ['desk lamp']), (3, ['lost lamp'])
        ) AS t (event_id, phrases);
        CREATE TABLE duckmark.phrases AS SELECT * FROM (VALUES
            ('desk', 'lamp', 'desk lamp'), ('home', 'light', 'home light'), ('lamp', 'home', 'lamp home')
        ) AS t (first_term, second_term, phrase)
    """)
    return con


TIMES = {"title": 3, "category": 2, "description": 1}
TEXTS = {"p": {"title": "desk lamp", "category": "home light", "description": "a desk lamp and light"},
         "q": {"category": "home light"}}  # fmt: skip
WRITTEN = {"p": Counter(lamp=3, good=1, desk=1), "q": Counter()}


def test_titles_count_three_times_and_categories_twice(catalogue):
    expected = []
    for product, texts in TEXTS.items():
        own = Counter()
        for part, text in texts.items():
            own.update({word: TIMES[part] * count for word, count in Counter(text.split()).items()})
        for term in sorted(own + WRITTEN[product]):
            own_count, review_count = own[term], WRITTEN[product][term]
            expected.append((product, term, own_count, review_count, 1 + math.log(own_count + review_count)))
    found = made(catalogue, "product_terms")
    assert [row[:4] for row in found] == [row[:4] for row in expected]
    assert [row[4] for row in found] == pytest.approx([row[4] for row in expected])


def test_phrases_of_a_product_count_as_its_words_do(catalogue):
    found = made(catalogue, "product_phrases")
    assert [row[:4] for row in found] == [
        ("p", "desk lamp", 3 + 1, 1),
        ("p", "home light", 2, 0),  # no phrase goes from one text into the next
        ("q", "home light", 2, 0),
    ]
    assert [row[4] for row in found] == pytest.approx([1 + math.log(count) for count in (5, 2, 2)])


# A count of mentions, or a strength, of each word and phrase: a word is listed where more than half is its own.
SAID = {
    "desk": 8, "lamp": 9, "light": 11, "red": 1, "home": 6,
    "desk lamp": 4, "home light": 3, "lamp light": 5, "red light": 3,
}  # fmt: skip
LISTED = {"light", "desk lamp", "home light", "lamp light", "red light"}
IDF = {word: 1 + place / 4 for place, word in enumerate(SAID)}


def test_a_word_of_a_phrase_is_no_keyword_of_a_product_beside_it(con):
    terms_and_phrases(con)
    for table, name in (("product_terms", "term"), ("product_phrases", "phrase")):
        con.execute(f"CREATE TABLE duckmark.{table} (product_id VARCHAR, {name} VARCHAR, own_count INTEGER, "
                    "review_count INTEGER, weight DOUBLE)")  # fmt: skip
    for word, count in SAID.items():
        table = "product_phrases" if " " in word else "product_terms"
        row = ["p", word, count // 2, count - count // 2, 1 + math.log(count)]
        con.execute(f"INSERT INTO duckmark.{table} VALUES (?, ?, ?, ?, ?)", row)
    con.execute("INSERT INTO duckmark.product_terms VALUES ('q', 'lamp', 0, 1, 1)")
    (of_p, of_q) = made(con, "product_keywords")
    importance = {word: (1 + math.log(SAID[word])) * IDF[word] for word in LISTED}
    assert dict(zip(*of_p[1:], strict=True)) == pytest.approx(importance)
    assert of_p[1] == sorted(importance, key=importance.get, reverse=True)
    assert of_q == ("q", ["lamp"], [IDF["lamp"]])


def test_nor_of_a_user(con):
    terms_and_phrases(con)
    for table, name in (("user_terms", "term"), ("user_phrases", "phrase")):
        con.execute(f"CREATE TABLE duckmark.{table} (user_id VARCHAR, {name} VARCHAR, weight DOUBLE)")
    # Clear of the half of a word, as exp(ln(x)) is not quite x.
    weights = {word: math.log(1 + strength + 0.01 * (" " in word)) for word, strength in SAID.items()}
    for word, weight in weights.items():
        con.execute(f"INSERT INTO duckmark.user_{'phrases' if ' ' in word else 'terms'} VALUES ('u', ?, ?)",
                    [word, weight])  # fmt: skip
    con.execute("INSERT INTO duckmark.user_terms VALUES ('u', 'grey', -2)")
    con.execute("INSERT INTO duckmark.user_phrases VALUES ('u', 'grey light', -2)")
    [(user, words, importances)] = made(con, "user_keywords")
    importance = {word: weights[word] * IDF[word] for word in LISTED}
    assert user == "u"
    assert dict(zip(words, importances, strict=True)) == pytest.approx(importance)
    assert words == sorted(importance, key=importance.get, reverse=True)


@pytest.mark.parametrize("who", ["product", "user"])
def test_ten_at_most_are_keywords(con, who):
    names = [f"w{place:02}" for place in range(12)]
    weights = random.Random(1).sample(range(1, 100), 12)
    con.execute("CREATE TABLE duckmark.terms AS SELECT unnest(?) AS term, 2 AS idf", [names])
    con.execute("CREATE TABLE duckmark.phrases AS SELECT '' AS phrase, 1 AS idf")
    con.execute(f"""
        CREATE TABLE duckmark.{who}_terms AS
        SELECT 'x' AS {who}_id, unnest(?) AS term, unnest(?) AS weight, 1 AS own_count, 0 AS review_count;
    """, [names, weights])  # fmt: skip
    con.execute(
        f"CREATE TABLE duckmark.{who}_phrases AS SELECT * RENAME (term AS phrase) FROM duckmark.{who}_terms LIMIT 0"
    )
    best = sorted(zip(weights, names, strict=True), reverse=True)[:10]
    assert made(con, f"{who}_keywords") == [("x", [name for _, name in best], [2.0 * weight for weight, _ in best])]


def terms_and_phrases(con):
    for table, name, are_phrases in (("terms", "term", False), ("phrases", "phrase", True)):
        words = [word for word in [*IDF, "grey", "grey light"] if (" " in word) is are_phrases]
        con.execute(
            f"CREATE TABLE duckmark.{table} AS SELECT unnest(?) AS {name}, unnest(?) AS idf",
            [words, [IDF.get(word, 9.0) for word in words]],
        )
