"""Sentiment learned from a shop's own ratings: what it learns, what it is in SQL, and when there is none."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import sparse
from sklearn.model_selection import StratifiedKFold

from duckmark.kernels.nb_logistic import auc, brier, calibration_error, term_scales
from duckmark.models import sentiment
from duckmark.models.sentiment import LEAST_OF_EACH, train, vader_parts
from duckmark.steps import Skipped

GOOD = ("fits like a glove", "sturdy and quiet", "my gran uses it daily", "not bulky, fits well")
BAD = ("fell apart", "rattles and leaks", "sent it back", "does not fit, too bulky")


def opinions(count: int = 60) -> list[dict]:
    """Praise and blame in words of which VADER knows none."""
    return [
        {"rating": rating, "text": f"{texts[i % 4]} number {i % 7}"}
        for i in range(count)
        for rating, texts in ((4 + i % 2, GOOD), (1 + i % 2, BAD))
    ]


@pytest.fixture
def learned(shop):
    """A shop of such opinions; one more text stands without stars."""
    return shop([*opinions(), {"rating": 3, "text": "it rattles"}, {"text": "sturdy, my gran fits"}], topics=2)


def terms(con, text: str | None) -> list[str]:
    return con.execute("SELECT duckmark.sentiment_terms(?)", [text]).fetchall()[0][0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It’s GREAT!", ["it's", "great", "!", "it's great", "great !"]),
        (
            "isn't very good at all",
            ["isn't", "NOT_very", "NOT_good", "NOT_at", "all", "isn't NOT_very", "NOT_very NOT_good",
             "NOT_good NOT_at", "NOT_at all"],
        ),
        ("T恤很好😀", ["t", "恤", "很", "好", "😀", "t 恤", "恤 很", "很 好", "好 😀"]),
        ("...", []),
        ("", []),
    ],
)  # fmt: skip
def test_terms_of_a_text(shop, text, expected):
    assert terms(shop([]), text) == expected


def test_what_was_learned_is_told_in_sql(learned):
    said = "SELECT shop_sentiment(t) FROM (VALUES ('sturdy'), ('it rattles'), ('not bulky'), ('too bulky')) AS v (t)"
    sturdy, rattles, not_bulky, bulky = (p for (p,) in learned.sql(said).fetchall())
    assert sturdy > 0.9
    assert rattles < 0.1
    assert not_bulky > 0.5 > bulky


@pytest.mark.parametrize("text", [None, "", " ... "])
def test_no_words_no_sentiment(learned, text):
    assert learned.execute("SELECT shop_sentiment(?)", [text]).fetchall() == [(None,)]


def test_a_text_of_unknown_words_gets_the_intercept_and_what_vader_says(learned):
    (found,) = learned.sql("SELECT shop_sentiment('zither') AS p, s.* FROM duckmark.sentiment_scale AS s").fetchall()
    p, intercept, _, _, neutral, _, silent = found
    assert p == pytest.approx(1 / (1 + math.exp(-(intercept + neutral + silent))), abs=1e-6)


def test_the_score_by_hand(learned):
    """Weights over the length of the vector of idf, each term once."""
    query = "SELECT term, weight, idf FROM duckmark.sentiment_weights WHERE term IN ('fell', 'apart', 'fell apart')"
    rows = learned.sql(query).fetchall()
    assert len(rows) == 3
    weights, idfs = (np.array([float(row[i]) for row in rows]) for i in (1, 2))
    (scale,) = learned.sql("SELECT intercept + neu + silent FROM duckmark.sentiment_scale").fetchall()[0]
    expected = 1 / (1 + math.exp(-(scale + weights.sum() / math.sqrt((idfs**2).sum()))))
    assert learned.sql("SELECT shop_sentiment('fell apart')").fetchall()[0][0] == pytest.approx(expected, abs=1e-6)


def test_reviews_hold_it_and_satisfaction_rests_on_it(learned):
    columns = "rating, shop_sentiment, l.probability, shop_sentiment(text), satisfaction"
    left_out = "duckmark.sentiment_left_out AS l ON l.text_number = md5_number_lower(text)"
    rows = learned.sql(f"SELECT {columns} FROM feedback LEFT JOIN {left_out} ORDER BY event_id").fetchall()
    assert len(rows) == 122
    for rating, stored, left_out, asked, satisfaction in rows:
        assert (left_out is None) == (rating in (3, None))
        assert stored == (asked if left_out is None else left_out)
        by_stars = stored if rating is None else (rating - 1) / 4
        assert satisfaction == pytest.approx(0.7 * by_stars + 0.3 * stored, abs=1e-6)


def test_what_a_text_says_is_not_what_its_own_stars_taught(shop):
    """One star beside praise, with a word that no other text has."""
    con = shop([*opinions(), {"rating": 1, "text": "sturdy and quiet, my gran uses it daily zyzzyva"}], topics=2)
    query = "SELECT shop_sentiment, shop_sentiment(text) FROM feedback WHERE text LIKE '%zyzzyva'"
    [(stored, asked)] = con.sql(query).fetchall()
    assert stored > 0.95 > asked


def test_a_fold_is_calibrated_on_the_others_alone(monkeypatch):
    """Of a sigmoid of most likelihood the errors add up to 0, and so do those times the score: of one fitted on the
    scores of the other folds, there, and not over all."""
    random = np.random.default_rng(5)
    scores, labels = random.normal(size=60), random.random(60) < 0.5
    scorer = SimpleNamespace(scores=lambda texts, vader: vader[:, 0], stretched=lambda slope, shift: (slope, shift))
    monkeypatch.setattr(sentiment, "fitted", lambda texts, vader, labels: scorer)
    texts = sparse.csr_array((60, 1))
    of_all, left_out = sentiment.calibrated(texts, scores[:, None], labels, seed=3)
    folds = [own for _, own in StratifiedKFold(sentiment.FOLDS, shuffle=True, random_state=3).split(texts, labels)]
    for own in folds:
        others = np.setdiff1d(np.arange(60), own)
        slope, shift = np.polyfit(scores[own], np.log(left_out[own] / (1 - left_out[own])), 1)
        assert errors(slope, shift, scores[others], labels[others]) == pytest.approx([0, 0], abs=0.01)
        assert np.abs(errors(slope, shift, scores, labels)).max() > 0.05
    assert errors(*of_all, scores, labels) == pytest.approx([0, 0], abs=0.01)


def errors(slope: float, shift: float, scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The sum of what a sigmoid misses the labels by, and of that times the score."""
    missed = 1 / (1 + np.exp(-(slope * scores + shift))) - labels
    return np.array([missed.sum(), missed @ scores])


def test_a_text_said_often_has_one_probability(learned):
    """By the text, so that it is found where a build keeps the model and numbers its events anew."""
    query = "SELECT count(*), count(DISTINCT text_number) FROM duckmark.sentiment_left_out"
    assert learned.sql(query).fetchall() == [(56, 56)]
    once = "SELECT max(n) FROM (SELECT count(DISTINCT shop_sentiment) AS n FROM feedback GROUP BY text)"
    assert learned.sql(once).fetchall() == [(1,)]


def test_it_is_the_same_twice(shop):
    one, other = (shop(opinions(), topics=2).sql("FROM duckmark.sentiment_weights").fetchall() for _ in range(2))
    assert one == other


def run(con):
    return train(con, {"duckmark.rated_texts": "duckmark.rated_texts"}, {})


def test_what_is_reported(learned):
    found = run(learned)
    assert found.rows == 120
    assert found.metrics["accuracy"] > 0.95
    assert found.metrics["vader_auc"] == 0.5  # it knows none of these words
    assert found.metrics["brier"] < 0.05


def test_too_few_ratings_are_skipped_with_the_reason_and_vader_stays(shop):
    con = shop([*opinions(LEAST_OF_EACH - 1), {"rating": 5}, {"text": "a lovely lamp"}], topics=2)
    with pytest.raises(Skipped, match="too few ratings with text: 49 of 4 or 5 stars and 49 of 1 or 2, at least 50"):
        run(con)
    assert con.sql("SELECT shop_sentiment('sturdy')").fetchall() == [(None,)]
    last = "SELECT shop_sentiment, satisfaction FROM feedback ORDER BY event_id DESC LIMIT 1"
    assert con.sql(last).fetchall() == [(None, 0.8)]


def test_what_is_no_better_than_vader_is_not_used(shop):
    """The very same words beside good and bad ratings, but for those that VADER knows."""
    rows = [
        {"rating": rating, "text": f"{word} {i}"}
        for i in range(LEAST_OF_EACH)
        for rating, word in ((5, "lovely"), (1, "awful"))
    ]
    with pytest.raises(Skipped, match=r"no better than VADER: AUC 1\.0 and 1\.0 on 100 texts"):
        run(shop(rows, topics=2))


def test_scales_by_hand():
    """A term in both texts of one class and in none of two: ln(2.25/2.25) - ln(.25/2.25) = ln 9."""
    texts = sparse.csr_array(np.array([[1.0, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0]]))
    scales = term_scales(texts, np.array([True, True, False, False]))
    assert scales.ratio == pytest.approx([math.log(9) ** 0.75, 0, 0])
    assert scales.idf == pytest.approx([math.log(5 / 3) + 1, math.log(5 / 3) + 1, 0])
    features = scales.features(texts).toarray()
    assert features[0] == pytest.approx([math.log(9) ** 0.75 / math.sqrt(2), 0, 0])
    assert features[3].tolist() == [0, 0, 0]


def test_measures_by_hand():
    labels, scores = np.array([True, False, True, False]), np.array([0.9, 0.9, 0.4, 0.1])
    assert auc(labels, scores) == (0.5 + 1 + 0 + 1) / 4
    assert brier(labels, scores) == pytest.approx((0.01 + 0.81 + 0.36 + 0.01) / 4)
    assert calibration_error(labels, scores) == pytest.approx((2 * 0.4 + 0.6 + 0.1) / 4)


def test_vader_parts_say_where_it_is_silent(con):
    rows = con.sql("SELECT 0.0::DOUBLE AS compound, 0::DOUBLE AS pos, 1::DOUBLE AS neu, 0::DOUBLE AS neg")
    assert vader_parts(rows.to_arrow_table()).tolist() == [[0, 0, 1, 0, 1]]


def test_real_reviews(con, real_shop, shared_data):
    real_shop(
        f"""
        INSERT INTO duckmark.events (event_id, product_id, rating, text)
        SELECT row_number() OVER (), asin, overall, concat_ws('. ', summary, "reviewText")
        FROM read_csv('{shared_data("amazon-musical-instruments/reviews.csv")}', header = true)
        """
    )
    found = run(con).metrics
    assert found["auc"] > 0.95 > 0.82 > found["vader_auc"]
    assert found["calibration_error"] < 0.01
