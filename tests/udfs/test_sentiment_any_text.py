"""`sentiment` is NLTK's VADER of any text: of words that its rules are about, of any characters, of real reviews."""

from itertools import islice

import duckdb
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.sentiment.vader import VaderConstants

from tests.udfs.vader import VALENCES, assert_as_nltk


def cased(word):
    return st.sampled_from([word, word.upper(), word.title(), word.swapcase()])


CONSTANTS = VaderConstants()
TURNS = sorted({"but", "least", "at", "very", "kind", "of", "never", "so", "this", "just", "enough", "sort"})
IDIOM_WORDS = sorted({word for idiom in CONSTANTS.SPECIAL_CASE_IDIOMS for word in idiom.split()})
FREQUENT = ["good", "great", "bad", "kind", "love", "hate", "shit", "ass", "death", "best", ":)", "no"]
WORDS = st.one_of(
    st.sampled_from(FREQUENT).flatmap(cased),
    st.sampled_from(sorted(VALENCES)).flatmap(cased),
    st.sampled_from(sorted(CONSTANTS.BOOSTER_DICT)).flatmap(cased),
    st.sampled_from(sorted(CONSTANTS.NEGATE)).flatmap(cased),
    st.sampled_from(TURNS),
    st.sampled_from(TURNS).flatmap(cased),
    st.sampled_from(IDIOM_WORDS),
    st.sampled_from(sorted(CONSTANTS.SPECIAL_CASE_IDIOMS)),
    st.sampled_from(["the", "food", "of", "4", "a", "ok2", "😀", "很好", "été", "İi", "ªb", "Ⓐⓑ", "x'y", "re-do"]),
    st.text(max_size=4),
)
PUNCTUATION = st.sampled_from([""] * 12 + CONSTANTS.PUNC_LIST + ["....", "!!!!", "?!", "(", ")", "…", "*"])
SPACES = st.sampled_from([" "] * 9 + ["  ", "\n", "\t", "\r\n", "\u00a0", "\u2003", "\u3000", "\x1f", "\x85", "\u200b"])
TOKENS = st.builds(lambda *parts: "".join(parts), PUNCTUATION, WORDS, PUNCTUATION, SPACES)
TEXTS = st.lists(TOKENS, max_size=12).map("".join)


@settings(max_examples=40)
@given(st.lists(TEXTS, min_size=1, max_size=40))
def test_any_mix_of_words(nltk, database, texts):
    assert_as_nltk(nltk, database, texts)


@settings(max_examples=40)
@given(st.lists(st.text(), min_size=1, max_size=20))
def test_any_text(nltk, database, texts):
    assert_as_nltk(nltk, database, texts)


def csv_column(path, column):
    with duckdb.connect() as con:
        query = f'SELECT "{column}" FROM read_csv(?, all_varchar := true) WHERE "{column}" IS NOT NULL'
        return [text for (text,) in con.execute(query, [str(path)]).fetchall()]


def texts_of(path, column):
    """Texts of a shared file, whose column is empty where each line is one text among numbers."""
    if path.suffix == ".csv":
        return csv_column(path, column)
    if path.suffix == ".parquet":
        return pyarrow.parquet.read_table(path)[column].to_pylist()
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    return [max(line.split("\t"), key=len) for line in lines]


# Every how-manyth text is compared, so that NLTK needs a second or two for each set.
SHARED = {
    "sentiment/amazonReviewSnippets_GroundTruth.txt": 1,
    "sentiment/tweets_GroundTruth.txt": 1,
    "sentiment/amazon_cells_labelled.txt": 1,
    "sentiment/imdb_labelled.txt": 1,
    "sentiment/yelp_labelled.txt": 1,
    "amazon-musical-instruments/reviews.csv#reviewText": 11,
    "amazon-musical-instruments/reviews.csv#summary": 3,
    "clothing-reviews/reviews.csv#Review Text": 17,
    "clothing-reviews/reviews.csv#Title": 5,
    "chinese-reviews/online_shopping_10_cats.csv#review": 29,
    "topics/bbc.parquet#text": 17,
}


@pytest.mark.parametrize("name", SHARED)
def test_shared_texts(nltk, database, shared_data, name):
    path, _, column = name.partition("#")
    texts = texts_of(shared_data(path), column)
    assert_as_nltk(nltk, database, list(islice(texts, 0, None, SHARED[name])))
