"""Which terms count as complaints and praises: each step alone, over counts just under and over its limits."""

import pytest

MACROS = (
    "duckmark.is_objection",
    "duckmark.is_quotable",
    "duckmark.is_telling",
    "duckmark.prior_mentions",
    "duckmark.contrast",
    "duckmark.readable",
    "duckmark.split_sentences",
    "duckmark.words_around",
    "duckmark.shortened",
)
# Of the lamp's reviews 20 are of each label. Of 10,000 mentions in the shop 1,000 are of each label, and so are 100 of
# the lamp's 200. Both terms stand out against the shop; against the lamp's other reviews only the hum does.
SHOP = """
CREATE TABLE duckmark.products AS SELECT 'lamp' AS product_id, 'lights' AS category;
CREATE TABLE duckmark.own_words (product_id VARCHAR, term VARCHAR);
CREATE TABLE duckmark.reviews AS
SELECT n AS event_id, 'lamp' AS product_id, 'en' AS language, CASE WHEN n % 2 = 0 THEN 'negative' ELSE 'positive' END AS
    label, CASE WHEN n % 2 = 0 THEN n / 100 ELSE 0.6 + n / 100 END AS satisfaction, ['hum', 'cord'] AS terms,
    concat('It said hum and cord, as they do', repeat(' so', CAST(abs(n - 20) AS INTEGER)), ', number ', n, '.') AS text
FROM range(40) AS r (n);
CREATE TABLE duckmark.review_terms AS SELECT event_id, terms FROM duckmark.reviews;
CREATE TABLE duckmark.said_terms AS
SELECT *, [term] AS spellings, 0.0 AS feeling
FROM (VALUES ('hum', 30, 14, 14), ('cord', 30, 8, 8), ('rest', 9940, 978, 978))
    AS t (term, reviews, positive, negative);
CREATE TABLE duckmark.product_mentions AS
SELECT 'lamp' AS product_id, *
FROM (VALUES ('hum', 14, {hum}), ('cord', 30, {cord}), ('rest', 156, {rest})) AS t (term, reviews, positive, negative);
"""
OF_LABEL = {
    "negative": SHOP.format(hum="0, 14", cord="22, 8", rest="78, 78"),
    "positive": SHOP.format(hum="14, 0", cord="8, 22", rest="78, 78"),
}


@pytest.fixture(params=["negative", "positive"])
def label(request):
    return request.param


def test_what_stands_out_in_the_products_other_reviews_as_well_is_none_of_its_own(made, label):
    con = made(OF_LABEL[label], *MACROS, "duckmark.product_issues")
    query = "SELECT rank, term, reviews, share FROM duckmark.product_issues('lamp', ?)"
    assert con.execute(query, [label]).fetchall() == [(1, "hum", 14, 0.7)]


def test_a_complaint_is_quoted_by_who_is_least_satisfied_and_a_praise_by_who_is_most(made, label):
    con = made(OF_LABEL[label], *MACROS, "duckmark.product_issues")
    ((example,),) = con.execute("SELECT example FROM duckmark.product_issues('lamp', ?)", [label]).fetchall()
    assert example.endswith({"negative": ", number 0.", "positive": ", number 39."}[label])


def test_the_same_of_a_category(made):
    con = made(OF_LABEL["negative"], *MACROS, "duckmark.category_issues")
    query = "SELECT category, rank, term, reviews, share, example FROM duckmark.category_issues"
    ((*figures, example),) = con.execute(query).fetchall()
    assert figures == ["lights", 1, "hum", 14, 0.7]
    assert example.endswith(", number 0.")


@pytest.mark.parametrize(
    ("labelled_here", "reviews_here", "labelled", "said", "lean", "is_telling"),
    [
        (1, 10, 50, 100, 0.1, False),  # two at least
        (2, 10, 50, 100, 0.1, True),
        (2, 60, 50, 100, 0.1, True),  # one in thirty
        (2, 61, 50, 100, 0.1, False),
        (3, 90, 50, 100, 0.1, True),
        (3, 91, 50, 100, 0.1, False),
        (2, 10, 110, 210, 0.5, True),  # odds of 1.1 beside 1
        (2, 10, 109, 209, 0.5, False),
        (2, 10, 22, 82, 0.25, True),  # of 1.1 / 3 beside 1 / 3
        (2, 10, 21, 81, 0.25, False),
        (2, 10, 0, 0, 0.25, True),  # never said
        (2, 10, 5, 5, 0.25, True),  # said of nothing else
    ],
)
def test_when_a_term_is_telling(made, labelled_here, reviews_here, labelled, said, lean, is_telling):
    con = made("", "duckmark.is_telling")
    asked = [labelled_here, reviews_here, labelled, said, lean]
    query = "SELECT duckmark.is_telling(?::BIGINT, ?::BIGINT, ?::BIGINT, ?::BIGINT, ?::DOUBLE)"
    assert con.execute(query, asked).fetchall() == [(is_telling,)]


def test_which_terms_are_said(made):
    """By five reviews, of whatever products: a number is no term, nor is one of weak words alone."""
    con = made(
        """
        CREATE TABLE duckmark.product_mentions AS
        SELECT *, reviews AS positive, reviews - 1 AS negative
        FROM (VALUES
            ('a', 'plug', 2), ('b', 'plug', 3),
            ('a', 'cord', 2), ('b', 'cord', 2),
            ('a', '100', 9), ('a', 'very', 9), ('a', 'very much', 9), ('a', 'very loud', 9), ('a', 'laut', 9)
        ) AS t (product_id, term, reviews);
        CREATE TABLE duckmark.term_languages AS
        SELECT DISTINCT term, CASE WHEN term = 'laut' THEN 'de' ELSE 'en' END AS language
        FROM duckmark.product_mentions;
        CREATE TABLE duckmark.weak_words AS SELECT 'en' AS language, unnest(['very', 'much', 'laut']) AS word;
        CREATE TABLE duckmark.term_groups AS SELECT 'en' AS language, 'plugs' AS term, 'plug' AS form
        """,
        "duckmark.feeling",
        "duckmark.said_terms",
    )
    query = "SELECT term, reviews, positive, negative, spellings FROM duckmark.said_terms"
    assert con.execute(query).fetchall() == [
        ("laut", 9, 9, 8, ["laut"]),  # weak in another language
        ("plug", 5, 5, 3, ["plug", "plugs"]),
        ("very loud", 9, 9, 8, ["very loud"]),
    ]
