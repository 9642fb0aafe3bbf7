"""Satisfaction and label of a review, by hand."""

import pytest

REVIEWS = [
    (5, "a lovely lamp", 0.7 * 1 + 0.3 * 0.8, "positive"),
    (1, "an awful lamp", 0.7 * 0 + 0.3 * 0.1, "negative"),
    (4, "an awful lamp", 0.7 * 0.75 + 0.3 * 0.1, "positive"),
    (2, "a lovely lamp", 0.7 * 0.25 + 0.3 * 0.8, "negative"),
    (3, "an awful lamp", 0.7 * 0.5 + 0.3 * 0.1, "negative"),
    (3, "a lamp", 0.5, "neutral"),
    (3, "a lovely lamp", 0.7 * 0.5 + 0.3 * 0.8, "positive"),
    (2, None, 0.25, "negative"),
    (2, " \n", 0.25, "negative"),
    (None, "a lovely lamp", 0.8, "positive"),
    (None, "an awful lamp", 0.1, "negative"),
    (None, "a lamp", 0.5, "neutral"),
]


def test_satisfaction_combines_stars_and_sentiment(shop):
    con = shop([{"rating": rating, "text": text} for rating, text, *_ in REVIEWS])
    found = con.execute("SELECT satisfaction, label FROM feedback ORDER BY event_id").fetchall()
    assert found == [(pytest.approx(satisfaction, abs=1e-6), label) for *_, satisfaction, label in REVIEWS]


def test_only_events_that_say_something_are_reviews(shop):
    con = shop([{"rating": 5}, {"text": "a lamp"}, {}, {"text": " "}])
    assert con.execute("SELECT event_id, terms FROM duckmark.reviews").fetchall() == [
        (1, None),
        (2, ["lamp"]),
    ]


def test_feedback_knows_its_product(shop):
    con = shop([{"rating": 5, "user": "u", "product": "p"}, {"rating": 4, "product": "unlisted"}])
    rows = con.execute("SELECT user_id, product_id, title FROM feedback ORDER BY event_id").fetchall()
    assert rows == [("u", "p", "Lamp"), (None, "unlisted", None)]
