"""`sentiment`, as Arrow function and as SQL, is NLTK's VADER to the last digit: rule by rule."""

import pyarrow as pa
import pytest

from duckmark.kernels import vader_words
from duckmark.udfs.sentiment import sentiment, words_of
from tests.udfs.vader import VALENCES, analyzer_of, assert_as_nltk, by_arrow, by_sql, database_of

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


def test_words_start_afresh_when_the_memo_is_full(monkeypatch, nltk):
    monkeypatch.setattr(vader_words, "MOST_WORDS", 2)
    for text in ("good bad day GOOD", "bad :)"):
        assert by_arrow([text]) == [nltk.polarity_scores(text)]
        assert set(words_of(VALENCES)) <= set(text.split())
