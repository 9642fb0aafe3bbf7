"""`sentiment`, as Arrow function and as SQL, is NLTK's VADER to the last digit."""

from importlib.resources import files
from itertools import islice

import duckdb
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.sentiment.vader import SentimentIntensityAnalyzer, VaderConstants

from duckmark.lexicons import emoji, vader_lexicon
from duckmark.udfs.sentiment import sentiment

LEXICON = vader_lexicon()
VALENCES = dict(zip(LEXICON["term"].to_pylist(), LEXICON["valence"].to_pylist(), strict=True))

# Each rule and quirk of NLTK's VADER, with sentences that tell it from a simpler one.
RULES = {
    "plain": ["The food was good and the service terrible", "I love this product! It's amazing!"],
    "no known word": ["The table is made of wood", "The table!!! Is it made of wood??"],
    "no word": ["", " ", "a b c", "!", "\t\n"],
    "one-character words are dropped": ["I very a good b", "not a good a day", "4 good 4 u"],
    "emoticons": ["so :) and :( or :-D", "<3 :D xD :'("],
    "punctuation at one end": [
        "good, great; 'fine bad! ugly?? nice?!? ?!?!lovely",
        '"good" (great) good!!!! fine..',
    ],
    "contractions keep their apostrophe": ["isn't good", "'isn't good' it ain't great"],
    "capitals among others": ["The food was GREAT", "the food was HORRIBLE and BAD"],
    "capitals everywhere": ["GREAT FOOD", "THE FOOD WAS GREAT"],
    "capitals without a letter between": ["GOOD 123 food", "123 :) GOOD", "Ⓖⓞⓞⓓ ª GOODª good"],
    "capitals outside Lu": ["GOOD ⒶⒷ", "GOOD ⅫⅠ", "GOOD 🄰🅉"],
    "small letters outside Ll": [
        "GOOD Aª",
        "GOOD Aʰ",
        "GOOD Aⅻ",
        "GOOD Aǅ",
        "GOOD A\u0345",
        "GOOD A\U00010780",
    ],
    "boosters at three distances": [
        "very good",
        "very nice-ish good",
        "very big-ish red good",
        "very a-b c-d e-f good",
    ],
    "boosters of the negative": ["extremely bad", "slightly bad", "hardly any-thing bad"],
    "boosters in capitals": [
        "it is VERY good",
        "it is VERY bad",
        "it is SLIGHTLY bad",
        "VERY GOOD",
        "so VERY big-ish good",
    ],
    "boosters are not scored": ["fucking", "most", "less less"],
    "booster before a known word": ["very good great food", "very love good bad food"],
    "kind of": [
        "kind of good",
        "she is kind",
        "kind Of thing",
        "it is kind of",
        "a kind man of kind of good",
    ],
    "booster pairs": [
        "it was just enough good",
        "this is sort of good food",
        "that is kind of a-b good",
        "sort of good",
    ],
    "negation at three distances": ["not good", "not that good", "not all that good", "not of all that good"],
    "negation by n't": [
        "I didn't like it",
        "couldn't-ve been good",
        "NOTn'tHING good",
        "DON'T love it",
        "isn't that good",
    ],
    "negation as a suffix of a known word": ["can't stand good", "hate not love good"],
    "double negation": ["not never good", "never not not good", "without doubt not bad"],
    "never so": ["never so good", "never this good", "NEVER so good", "Never so good"],
    "never so, three back": [
        "it never so all good",
        "never this big-ish good",
        "never so this good",
        "one two so good",
    ],
    "so without never": ["it was all so good", "and now this good", "all so good", "we are so SO good"],
    "idioms": [
        "this is the shit",
        "all of it is the bomb",
        "he is bad ass and more",
        "oh well now yeah right",
    ],
    "idioms of three": [
        "they all do cut the mustard",
        "it was a real kiss of death for good",
        "lives from hand to mouth",
    ],
    "idioms around a word": [
        "it is the bad ass thing",
        "that was yeah right love",
        "in the end cut the mustard good",
        "we had kiss of death good",
        "he was bad ass good",
        "so well then the shit good",
    ],
    "idioms two words back": ["now the bomb thing good", "the bomb thing good"],
    "idioms too early": ["the shit", "is the bomb", "bad ass", "kiss of death"],
    "idioms as written": ["now it is The Shit", "now it is the SHIT", "now it is the shit!"],
    "idioms after a known word": ["love it the bad ass", "good is the bomb now"],
    "least": [
        "least good",
        "the least good",
        "at least good",
        "very least good",
        "At LEAST good",
        "Least good",
    ],
    "least, further": ["at the least good", "good least bad", "at at least bad"],
    "but": ["good but bad", "good BUT bad", "But good", "bad but", "good but bad but good", "good but, bad"],
    "repeated word counts as its first": [
        "good not good",
        "not good good very good",
        "good GOOD not good! not GOOD",
    ],
    "repeated across but": ["very good but good and not good", "kind of kind but kind"],
    "exclamation marks": [
        "good!",
        "good!!",
        "good!!!!",
        "good!!!!!!!",
        "good ! ! !",
        "good ! ! ! ! ! !",
        "bad!!!",
        "bad good!!",
    ],
    "question marks": ["good?", "good??", "good???", "good????", "bad?????", "bad?!?!?!"],
    "emphasis of neither side": ["good bad!!!", "fine !!!"],
    "whitespace of every kind": [
        "not\u00a0good",
        "not\u2003good\u3000bad",
        "not\x1cgood\x85bad",
        "\u200bgood not\u200bgood",
    ],
    "lower case as in Python": ["KİLL", "kİll İ İİ", "\u212aind", "\u212aILL", "GOODΣ ΑΣ", "STRAßE good"],
    "other scripts": ["这个产品很好 good", "не good очень", "😀 good 😡", "👍👍👍"],
    "halves are rounded to even": [":) " + "word " * 45, ":) " + "word " * 13],
    "zero character": ["good\x00bad", "\x00 good"],
}


SENTENCES = [sentence for rule in RULES.values() for sentence in rule]


@pytest.fixture(scope="module")
def nltk() -> SentimentIntensityAnalyzer:
    return analyzer_of(nltk_lexicon())


def nltk_lexicon() -> str:
    return files("vaderSentiment").joinpath("vader_lexicon.txt").read_text(encoding="utf-8")


def analyzer_of(lexicon: str) -> SentimentIntensityAnalyzer:
    # NLTK's own way of reading its lexicon needs a download.
    analyzer = SentimentIntensityAnalyzer.__new__(SentimentIntensityAnalyzer)
    analyzer.lexicon_file = lexicon
    analyzer.lexicon = analyzer.make_lex_dict()
    analyzer.constants = VaderConstants()
    return analyzer


@pytest.fixture(scope="module")
def database():
    with database_of(LEXICON) as con:
        yield con


def database_of(lexicon: pa.Table) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("CREATE SCHEMA duckmark")
    con.register("lexicon", lexicon)
    con.execute("CREATE TABLE duckmark.vader_lexicon AS FROM lexicon")
    con.execute("CREATE TABLE duckmark.emoji (emoji VARCHAR, description VARCHAR)")
    for name in ("vader_words", "sentiment"):
        con.execute(files("duckmark.sql").joinpath(f"functions/{name}.sql").read_text(encoding="utf-8"))
    return con


def by_arrow(texts, valences=VALENCES):
    return sentiment(pa.array(texts, pa.string()), valences=valences).to_pylist()


def by_sql(database, texts):
    table = pa.table({"position": range(len(texts)), "written": pa.array(texts, pa.string())})
    database.register("texts", table)
    rows = database.execute("SELECT sentiment(written) FROM texts ORDER BY position").fetchall()
    database.unregister("texts")
    return [score for (score,) in rows]


def assert_as_nltk(nltk, database, texts):
    expected = dict(enumerate(nltk.polarity_scores(text) for text in texts))
    assert dict(enumerate(by_arrow(texts))) == expected
    assert dict(enumerate(by_sql(database, texts))) == expected


def test_lexicon_is_that_of_nltk(nltk):
    assert nltk.lexicon == VALENCES


def test_known_answer(database):
    expected = [{"neg": 0.0, "neu": 0.259, "pos": 0.741, "compound": 0.8619}]
    texts = ["I love this product! It's amazing!"]
    assert by_arrow(texts) == by_sql(database, texts) == expected


@pytest.mark.parametrize("rule", RULES)
def test_rule(nltk, database, rule):
    assert_as_nltk(nltk, database, RULES[rule])


def test_null_and_empty(database):
    zeros = dict.fromkeys(("neg", "neu", "pos", "compound"), 0.0)
    texts = [None, "", "  ", None]
    assert by_arrow(texts) == by_sql(database, texts) == [None, zeros, zeros, None]
    assert by_arrow([]) == []
    assert by_arrow([None]) == [None]


def test_sql_takes_constants(database):
    query = "SELECT sentiment('good').compound, sentiment(''), sentiment(NULL), sentiment(NULL::VARCHAR)"
    zeros = dict.fromkeys(("neg", "neu", "pos", "compound"), 0.0)
    assert database.execute(query).fetchall() == [(0.4404, zeros, None, None)]


def test_sql_does_not_capture_the_callers_columns(database):
    query = """
        SELECT sentiment(term || valence).compound, sentiment(vw.txt).compound
        FROM (VALUES ('not ', 'good', 'bad')) AS vw (term, valence, txt)
    """
    assert database.execute(query).fetchall() == [(-0.3412, -0.5423)]


def test_type_of_the_result():
    names = ("neg", "neu", "pos", "compound")
    assert sentiment(pa.array(["good"]), valences=VALENCES).type == pa.struct([(n, pa.float64()) for n in names])


def test_a_slice_is_scored_as_itself(nltk):
    texts = pa.array(["bad", None, "very good", "not good", None]).slice(2)
    scores = sentiment(texts, valences=VALENCES).to_pylist()
    assert scores == [nltk.polarity_scores("very good"), nltk.polarity_scores("not good"), None]


def test_whitespace_at_the_very_end_whatever_lies_behind_it(nltk):
    texts = ["a bad day", "not good "]
    written = "".join(texts).encode()
    offsets = pa.array([0, len(texts[0]), len(written)], pa.int32()).buffers()[1]
    array = pa.StringArray.from_buffers(2, offsets, pa.py_buffer(written + b"\x80\xff"))
    assert sentiment(array, valences=VALENCES).to_pylist() == [nltk.polarity_scores(text) for text in texts]


def test_another_lexicon_takes_effect_at_once(nltk):
    texts = pa.array(["good wood"])
    assert sentiment(texts, valences={"wood": 1.0})[0].as_py()["compound"] == 0.25
    assert sentiment(texts, valences=VALENCES).to_pylist() == [nltk.polarity_scores("good wood")]


def test_a_lexicon_with_modifiers_and_zeros_in_it():
    added = {
        "very": 1.0,
        "so": -0.5,
        "not": -1.0,
        "isn't": -1.0,
        "least": 0.4,
        "but": 0.2,
        "the": 0.1,
        "food": 0.0,
    }
    analyzer = analyzer_of("\n".join(f"{term}\t{valence}" for term, valence in (VALENCES | added).items()))
    lexicon = pa.table({"term": list(analyzer.lexicon), "valence": list(analyzer.lexicon.values())})
    expected = [analyzer.polarity_scores(sentence) for sentence in SENTENCES]
    assert by_arrow(SENTENCES, analyzer.lexicon) == expected
    with database_of(lexicon) as con:
        assert by_sql(con, SENTENCES) == expected


def test_many_chunks(nltk, database):
    texts = [f"{SENTENCES[k % len(SENTENCES)]} {k % 97}" for k in range(5_000)]
    assert_as_nltk(nltk, database, texts)


EMOJI = dict(zip(*emoji().to_pydict().values(), strict=True))


def as_vader_sentiment_reads(text):
    """The loop over characters in vaderSentiment's polarity_scores."""
    written, after_space = "", True
    for character in text:
        if character in EMOJI:
            written += ("" if after_space else " ") + EMOJI[character]
            after_space = False
        else:
            written += character
            after_space = character == " "
    return written.strip()


@pytest.fixture(scope="module")
def with_emoji():
    with database_of(LEXICON) as con:
        con.register("emoji", emoji())
        con.execute("INSERT INTO duckmark.emoji FROM emoji")
        yield con


EMOJI_TEXTS = ["I love it 😍", "😡😡", "ok😭not good", "not 👍 good", "💔!!", "good", "", "no emoji: 好", "🎸🏽 x😀y"]


def test_emoji_count_where_they_are_described(nltk, with_emoji):
    expected = [nltk.polarity_scores(as_vader_sentiment_reads(text)) for text in EMOJI_TEXTS]
    texts = pa.array([*EMOJI_TEXTS, None])
    assert sentiment(texts, valences=VALENCES, emoji=EMOJI).to_pylist() == [*expected, None]
    assert by_sql(with_emoji, [*EMOJI_TEXTS, None]) == [*expected, None]
    assert expected[0]["compound"] > by_arrow(EMOJI_TEXTS[:1])[0]["compound"]


@settings(max_examples=40, derandomize=True, deadline=None)
@given(st.lists(st.text(st.sampled_from("😍😡💔👍🏽🎸好é! \tnotgood "), max_size=20), max_size=10))
def test_any_text_with_emoji(nltk, with_emoji, texts):
    expected = [nltk.polarity_scores(as_vader_sentiment_reads(text)) for text in texts]
    assert sentiment(pa.array(texts, pa.string()), valences=VALENCES, emoji=EMOJI).to_pylist() == expected
    assert by_sql(with_emoji, texts) == expected


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


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=40))
def test_any_mix_of_words(nltk, database, texts):
    assert_as_nltk(nltk, database, texts)


@settings(derandomize=True, max_examples=40, deadline=None)
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
        return pa.parquet.read_table(path)[column].to_pylist()
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
