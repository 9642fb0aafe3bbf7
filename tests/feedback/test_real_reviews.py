"""The stage over published reviews: what it finds is what their readers find."""

CLOTHING = """
INSERT INTO duckmark.events (event_id, product_id, rating, text)
SELECT row_number() OVER (), "Clothing ID", "Rating", concat_ws('. ', "Title", "Review Text")
FROM read_csv('{}/clothing-reviews/reviews.csv', header = true)
"""
AMAZON = """
INSERT INTO duckmark.events (event_id, user_id, product_id, rating, text, happened_at)
SELECT
    row_number() OVER (), "reviewerID", asin, overall, concat_ws('. ', summary, "reviewText"),
    make_timestamp("unixReviewTime" * 1000000)
FROM read_csv('{}/amazon-musical-instruments/reviews.csv', header = true)
"""


def issues(con, kind, count):
    found = con.execute(
        "SELECT issue FROM hot_issues WHERE kind = ? AND period IS NULL LIMIT ?", [kind, count]
    )
    return [issue for (issue,) in found.fetchall()]


def test_clothing(real_shop, data):
    con = real_shop(CLOTHING.format(data))
    labels = [label for (label,) in con.execute("SELECT label FROM feedback_topics").fetchall()]
    assert len(labels) == 12
    for aspect in ("fabric", "size", "petite", "jeans", "sweater"):
        assert any(aspect in label for label in labels), (aspect, labels)
    assert "fabric" in issues(con, "topic", 1)[0]
    assert {"cheap", "unflattering", "returned", "poorly", "shapeless"} <= set(issues(con, "term", 20))


def test_amazon(real_shop, data):
    con = real_shop(AMAZON.format(data))
    labels = [label for (label,) in con.execute("SELECT label FROM feedback_topics").fetchall()]
    for product in ("strings", "pedal", "tuner", "cable"):
        assert any(product in label for label in labels), (product, labels)
    assert {"returned", "defective", "broke", "refund"} <= set(issues(con, "term", 10))
