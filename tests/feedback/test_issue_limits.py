"""Which mentions, months and issues count: each step alone, over counts just under and over its limits."""

from math import exp, sqrt

import numpy as np
import pytest
from scipy.stats import false_discovery_control, hypergeom


def values(rows: list[tuple]) -> str:
    """Rows as SQL has them; None is NULL."""
    cells = (", ".join("NULL" if cell is None else repr(cell) for cell in row) for row in rows)
    return "VALUES " + ", ".join(f"({row})" for row in cells)


def test_a_period_is_a_month_with_words_or_all_of_it(made):
    reviews = [
        ("2024-03-31", "negative", ["plug"]),
        ("2024-03-01", "negative", ["plug"]),
        ("2024-01-31", "negative", ["plug"]),
        ("2024-01-01", "positive", ["plug", "box"]),
        ("2024-01-01", "neutral", ["box"]),
        ("2024-01-01", "negative", []),  # a text without a word
        ("2024-02-01", "negative", None),  # stars alone
        (None, "negative", ["plug"]),
    ]
    con = made(
        f"""
        CREATE TABLE duckmark.reviews AS
        SELECT CAST(day AS TIMESTAMP) AS happened_at, label, terms FROM ({values(reviews)}) AS r (day, label, terms)
        """,
        "duckmark.feedback_periods",
    )
    query = "SELECT CAST(period AS VARCHAR), place, reviews, negative FROM duckmark.feedback_periods ORDER BY place"
    assert con.execute(query).fetchall() == [(None, 1, 6, 4), ("2024-01-01", 2, 3, 1), ("2024-03-01", 3, 2, 2)]
    con.execute("DELETE FROM duckmark.reviews WHERE happened_at IS NOT NULL")
    assert con.execute(query).fetchall() == [(None, 1, 1, 1)]


@pytest.mark.parametrize(
    ("term", "reviews", "feeling", "is_issue"),
    [
        ("plug", 10, 0.0, True),
        ("plug", 9, 0.0, False),
        ("hope", 10, 0.01, False),
        ("bad", 10, -0.45, True),
        ("awful", 10, -0.46, False),
        ("awful plug", 10, -0.46, True),
    ],
)
def test_which_terms_are_mentioned(made, term, reviews, feeling, is_issue):
    con = made(
        f"""
        CREATE TABLE duckmark.said_terms AS SELECT '{term}' AS term, {reviews} AS reviews, {feeling} AS feeling;
        CREATE TABLE duckmark.review_terms AS SELECT 1 AS event_id, ['{term}', 'other', '{term}'] AS terms;
        CREATE TABLE duckmark.review_topics AS SELECT 1 AS event_id, 2 AS topic;
        CREATE TABLE duckmark.topics AS SELECT unnest([1, 2]) AS topic, unnest(['lamps', 'boats']) AS label;
        CREATE TABLE duckmark.reviews AS
        SELECT unnest([1, 2]) AS event_id, TIMESTAMP '2024-02-29 23:00' AS happened_at, 'negative' AS label
        """,
        "duckmark.is_objection",
        "duckmark.mentions",
    )
    query = "SELECT event_id, kind, issue, CAST(month AS VARCHAR), label FROM duckmark.mentions ORDER BY kind"
    about = [(1, "term", term, "2024-02-01", "negative")] if is_issue else []
    assert con.execute(query).fetchall() == [*about, (1, "topic", "boats", "2024-02-01", "negative")]


# Of 200, 300 and 250 written reviews of three months, one of which has none between it and the next.
MONTHS = {"2024-01-01": 200, "2024-02-01": 300, "2024-05-01": 250}
PERIODS = values([(None, 1, 750), *((month, i + 2, n) for i, (month, n) in enumerate(MONTHS.items()))])


def changes(made, counts: dict[str, tuple[int, int]]) -> dict[tuple[str, str], tuple]:
    """What is told of an issue of which the months have so many reviews and negative ones."""
    rows = [("term", "plug", month, *figures) for month, figures in counts.items()]
    con = made(
        f"""
        CREATE TABLE duckmark.feedback_periods AS
        SELECT CAST(period AS DATE) AS period, place, reviews FROM ({PERIODS}) AS r (period, place, reviews);
        CREATE TABLE duckmark.issue_counts AS
        SELECT kind, issue, CAST(period AS DATE) AS period, reviews, negative
        FROM ({values([*rows, ("term", "plug", None, 99, 66)])}) AS r (kind, issue, period, reviews, negative)
        """,
        "duckmark.issue_changes",
    )
    query = "SELECT CAST(period AS VARCHAR), measure, share, previous_share, z, chance FROM duckmark.issue_changes"
    return {(period, measure): figures for period, measure, *figures in con.execute(query).fetchall()}


@pytest.mark.parametrize(("before", "now", "is_tested"), [(4, 5, False), (4, 6, True), (9, 0, False), (10, 0, True)])
def test_fewer_than_ten_complaints_in_two_months_are_not_tested(made, before, now, is_tested):
    found = changes(made, {"2024-01-01": (20, before), "2024-02-01": (20, now)})
    assert set(found) == {("2024-02-01", name) for name in ("complaints", "negativity") if is_tested}


def test_a_month_is_set_against_the_one_with_feedback_before_it(made):
    """Both measures by hand: two proportions, and the tail of the hypergeometric distribution."""
    counts = {"2024-01-01": (40, 4), "2024-02-01": (50, 30), "2024-05-01": (20, 12)}
    found = changes(made, counts)
    months = list(MONTHS)
    assert set(found) == {(month, name) for month in months[1:] for name in ("complaints", "negativity")}
    for (month, measure), figures in found.items():
        earlier = months[months.index(month) - 1]
        (reviews, negative), (previous_reviews, previous_negative) = counts[month], counts[earlier]
        n, m = (MONTHS[month], MONTHS[earlier]) if measure == "complaints" else (reviews, previous_reviews)
        both = negative + previous_negative
        pooled = both / (n + m)
        rise = negative / n - previous_negative / m
        z = rise / sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
        chance = hypergeom.sf(negative - 1, n + m, both, n)
        assert figures == [pytest.approx(value) for value in (negative / n, previous_negative / m, z, chance)]


def test_of_what_nobody_spoke_before_only_complaints_can_rise(made):
    found = changes(made, {"2024-05-01": (12, 10)})
    assert set(found) == {("2024-05-01", "complaints")}
    share, previous_share, _, chance = found["2024-05-01", "complaints"]
    assert (share, previous_share) == (10 / 250, 0)
    assert chance == pytest.approx(hypergeom.sf(9, 550, 10, 250))


def issues(made, terms=(), topics=(), rises=(), complaints: int = 5) -> list[tuple]:
    """What passes of terms (issue, log odds, z), topics (issue, z) and rises (issue, measure, z, chance) in May, each
    with so many complaints among 20 reviews."""
    of_months = [("term", issue, "2024-05-01", *rest) for issue, *rest in rises]
    named = {("term", row[0]) for row in (*terms, *rises)} | {("topic", issue) for issue, _ in topics}
    counted = [(*name, period, 20, complaints) for name in sorted(named) for period in (None, "2024-05-01")]
    con = made(
        f"""
        CREATE TABLE duckmark.topic_contrasts AS
        SELECT issue, CAST(z AS DOUBLE) AS z FROM ({values([*topics, ("none", None)])}) AS r (issue, z);
        CREATE TABLE duckmark.term_contrasts AS
        SELECT issue, CAST(log_odds AS DOUBLE) AS log_odds, CAST(z AS DOUBLE) AS z
        FROM ({values([*terms, ("none", 9.0, None)])}) AS r (issue, log_odds, z);
        CREATE TABLE duckmark.issue_changes AS
        SELECT kind, issue, CAST(period AS DATE) AS period, measure, 0.5 AS share, 0.25 AS previous_share,
            CAST(z AS DOUBLE) AS z, CAST(chance AS DOUBLE) AS chance
        FROM ({values([*of_months, ("term", "none", None, "complaints", None, None)])})
            AS r (kind, issue, period, measure, z, chance);
        CREATE TABLE duckmark.issue_counts AS
        SELECT kind, issue, CAST(period AS DATE) AS period, reviews, negative
        FROM ({values(counted)}) AS r (kind, issue, period, reviews, negative);
        CREATE TABLE duckmark.feedback_periods AS
        SELECT CAST(period AS DATE) AS period, reviews
        FROM ({values([(None, 400), ("2024-05-01", 100)])}) AS r (period, reviews)
        """,
        "duckmark.issues",
    )
    query = "SELECT kind, issue, CAST(period AS VARCHAR), measure, share, previous_share FROM duckmark.issues"
    return con.execute(query).fetchall()


@pytest.mark.parametrize(
    ("log_odds", "z", "complaints", "is_issue"),
    [
        (0.7, 3.0, 5, True),
        (0.7, 3.0, 4, False),
        (0.6932, 3.0, 5, True),  # ln 2 is 0.69315
        (0.6931, 3.0, 5, False),
        (0.7, 1.97, 5, True),
        (0.7, 1.96, 5, False),
        (0.7, -3.0, 5, False),
    ],
)
def test_when_a_term_is_an_issue(made, log_odds, z, complaints, is_issue):
    found = issues(made, terms=[("plug", log_odds, z)], complaints=complaints)
    assert found == [("term", "plug", None, "complaints", 5 / 400, None)] * is_issue


@pytest.mark.parametrize(("z", "is_issue"), [(1.97, True), (1.96, False)])
def test_when_a_topic_is_an_issue(made, z, is_issue):
    found = issues(made, topics=[("boats", z)])
    assert found == [("topic", "boats", None, "complaints", 5 / 400, None)] * is_issue


@pytest.mark.parametrize(
    ("z", "chance", "complaints", "is_issue"),
    [(3.0, 0.01, 5, True), (3.0, 0.0101, 5, False), (3.0, 0.01, 4, False), (1.96, 0.01, 5, False)],
)
def test_when_a_rise_is_an_issue(made, z, chance, complaints, is_issue):
    found = issues(made, rises=[("plug", "complaints", z, chance)], complaints=complaints)
    assert found == [("term", "plug", "2024-05-01", "complaints", 0.5, 0.25)] * is_issue


def test_of_two_measures_the_one_that_rose_most_is_told(made):
    rises = [("plug", "complaints", 3.0, 0.001), ("plug", "negativity", 3.1, 0.002)]
    assert [row[3] for row in issues(made, rises=rises)] == ["negativity"]


@pytest.mark.parametrize("seed", [0, 4, 8])
def test_false_alarms_are_controlled_over_each_kind_and_of_months_apart(made, seed):
    """By the adjusted chances of Benjamini & Hochberg: of terms, of topics and of rises on their own."""
    random = np.random.default_rng(seed)
    terms, topics = (random.normal(0.8, 1.2, number).round(3).tolist() for number in (60, 30))
    rises = (random.random(40) ** 6).round(6).tolist()
    found = issues(
        made,
        terms=[(f"term {i}", 1.0, z) for i, z in enumerate(terms)],
        topics=[(f"topic {i}", z) for i, z in enumerate(topics)],
        rises=[(f"rise {i}", "complaints", 4.0, chance) for i, chance in enumerate(rises)],
    )
    expected = set()
    for name, zs in (("term", terms), ("topic", topics)):
        chances = [exp(-0.717 * z - 0.416 * z * z) / 2 if z > 0 else 1 for z in zs]
        alarms = false_discovery_control(chances)
        expected |= {f"{name} {i}" for i, z in enumerate(zs) if z > 1.96 and alarms[i] <= 0.05}
        assert 0 < sum(alarms <= 0.05) < sum(z > 1.96 for z in zs)  # some are false alarms by this rule alone
    expected |= {f"rise {i}" for i, alarm in enumerate(false_discovery_control(rises)) if alarm <= 0.01}
    assert {issue for _, issue, *_ in found} == expected


def test_a_rise_is_quoted_from_its_own_month(made):
    """The worst complaint of all is of January; of May there are two, and a praise."""
    reviews = [
        (1, "2024-01-01", 0.0, "negative", "In January the plug of the lamp fell off at once."),
        (2, "2024-05-01", 0.2, "negative", "In May the plug of the lamp fell off after a week."),
        (3, "2024-05-01", 0.1, "negative", "In May the plug of the lamp fell off after no more than one day."),
        (4, "2024-05-01", 0.0, "positive", "In May the plug of the lamp was fine, as ever."),
        (5, None, 0.1, "negative", "Some day the plug of the lamp fell off, I forget."),
    ]
    con = made(
        f"""
        CREATE TABLE duckmark.reviews AS
        SELECT event_id, satisfaction, 'en' AS language, text
        FROM ({values(reviews)}) AS r (event_id, month, satisfaction, label, text);
        CREATE TABLE duckmark.mentions AS
        SELECT event_id, kind, CASE WHEN kind = 'term' THEN 'plug' ELSE 'lamps' END AS issue,
            CAST(month AS DATE) AS month, label
        FROM ({values(reviews)}) AS r (event_id, month, satisfaction, label, text)
        CROSS JOIN (SELECT unnest(['term', 'topic']) AS kind);
        CREATE TABLE duckmark.issues AS
        SELECT DISTINCT kind, issue, CAST(period AS DATE) AS period
        FROM duckmark.mentions CROSS JOIN (SELECT unnest([NULL, '2024-01-01', '2024-05-01']) AS period);
        CREATE TABLE duckmark.said_terms AS SELECT 'plug' AS term, ['plug', 'plugs'] AS spellings
        """,
        "duckmark.readable",
        "duckmark.split_sentences",
        "duckmark.words_around",
        "duckmark.shortened",
        "duckmark.is_quotable",
        "duckmark.issue_quotes",
    )
    query = "SELECT kind, CAST(period AS VARCHAR), event_id, quote FROM duckmark.issue_quotes"
    quoted = {None: reviews[0], "2024-01-01": reviews[0], "2024-05-01": reviews[2]}
    assert sorted(con.execute(query).fetchall(), key=str) == sorted(
        ((kind, period, row[0], row[-1]) for kind in ("term", "topic") for period, row in quoted.items()), key=str
    )
