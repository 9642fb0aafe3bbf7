"""The stage over published reviews: what it finds is what their readers find."""

CLOTHING = """
INSERT INTO duckmark.events (event_id, product_id, rating, text)
SELECT row_number() OVER (), "Clothing ID", "Rating", concat_ws('. ', "Title", "Review Text")
FROM read_csv('{}', header = true)
"""
AMAZON = """
INSERT INTO duckmark.events (event_id, user_id, product_id, rating, text, happened_at)
SELECT
    row_number() OVER (), "reviewerID", asin, overall, concat_ws('. ', summary, "reviewText"),
    make_timestamp("unixReviewTime" * 1000000)
FROM read_csv('{}', header = true)
"""


def topic_terms(con):
    terms = [set(terms) for (terms,) in con.execute("SELECT terms FROM feedback_topics").fetchall()]
    return len(terms), set().union(*terms)


def hot_terms(con, count):
    hot = "SELECT issue FROM hot_issues WHERE kind = 'term' AND period IS NULL LIMIT ?"
    return {issue for (issue,) in con.execute(hot, [count]).fetchall()}


def test_clothing(real_shop, shared_data):
    con = real_shop(CLOTHING.format(shared_data("clothing-reviews/reviews.csv")))
    topics, terms = topic_terms(con)
    assert topics in (8, 10, 12)
    assert {"fabric", "size", "petite", "jeans", "sweater", "color"} <= terms
    assert {"cheap", "unflattering", "return", "shapeless", "tent"} <= hot_terms(con, 20)
    assert con.execute("SELECT max(z) > 5 FROM hot_issues WHERE kind = 'topic'").fetchall() == [(True,)]


def test_amazon(real_shop, shared_data):
    con = real_shop(AMAZON.format(shared_data("amazon-musical-instruments/reviews.csv")))
    topics, terms = topic_terms(con)
    assert topics in (6, 8, 10, 12)
    assert {"strings", "pedal", "tuner", "cable", "strap"} <= terms
    assert {"return", "defective", "broke", "refund"} <= hot_terms(con, 10)
