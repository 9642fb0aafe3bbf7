"""What people complain about: the statistics by hand, an issue that was planted, and meaningless dates."""

from itertools import product
from math import log, sqrt

import numpy as np
import pytest
from scipy.stats import fisher_exact

THINGS = [
    "lamp",
    "shade",
    "bulb",
    "cord",
    "plug",
    "glass",
    "stand",
    "colour",
    "light",
    "switch",
    "base",
    "screw",
]


def test_z_of_a_month_against_the_month_before(shop):
    """4 of 200 reviews complain of the plug, then 30 of 200: (.15 - .02) / sqrt(.085 x .915 x 2 / 200)."""
    months = {"2024-01-05": (4, 196), "2024-02-05": (30, 170)}
    con = shop(
        [
            {"rating": rating, "text": text, "at": at}
            for at, counts in months.items()
            for (rating, text), count in zip(((1, "plug"), (5, "box")), counts, strict=True)
            for _ in range(count)
        ]
    )
    rows = con.sql("FROM hot_issues WHERE period IS NOT NULL").to_arrow_table().to_pylist()
    assert len(rows) == 1
    row = rows[0]
    z = (0.15 - 0.02) / sqrt(0.085 * 0.915 * (1 / 200 + 1 / 200))
    assert (row["issue"], str(row["period"]), row["z"]) == ("plug", "2024-02-01", round(z, 2))
    assert [row[c] for c in ("reviews", "negative", "share", "previous_share", "change")] == [
        30, 30, 0.15, 0.02, 0.13,
    ]  # fmt: skip


def test_log_odds_of_a_term(shop):
    """Plug: 20 of 30 negative mentions and none of 70 positive; a prior of 2 of 10."""
    counts = {("plug", 1): 20, ("box", 1): 10, ("box", 5): 30, ("lamp", 5): 40}
    con = shop([{"rating": r, "text": t} for (t, r), count in counts.items() for _ in range(count)])
    found = dict(con.execute("SELECT issue, (log_odds, z) FROM duckmark.term_contrasts").fetchall())
    log_odds = log((20 + 2) / (40 - 22)) - log((0 + 2) / (80 - 2))
    assert found["plug"] == pytest.approx((log_odds, log_odds / sqrt(1 / 22 + 1 / 2)))
    assert found["lamp"][0] < 0


def test_a_topic_stands_out_against_all_others(shop, two_themes):
    """All 40 reviews of one topic are negative and none of 60 others: 1 / sqrt(.4 x .6 x (1/40 + 1/60))."""
    con = shop(two_themes, topics=2)
    rows = con.execute("SELECT reviews, negative, period, z, example FROM hot_issues WHERE kind = 'topic'").fetchall()
    z = 1 / sqrt(0.4 * 0.6 * (1 / 40 + 1 / 60))
    assert [row[:4] for row in rows] == [(40, 40, None, round(z, 2))]
    assert "awful" in rows[0][4]


def test_words_of_feeling_are_no_issue(shop):
    things = [thing for thing in THINGS if thing not in ("plug", "lamp")]
    complaints = [{"rating": 1, "text": f"awful {thing} plug"} for thing in things * 10]
    con = shop(complaints + [{"rating": 5, "text": f"lovely {thing} lamp"} for thing in things * 40])
    assert con.execute("SELECT issue FROM hot_issues").fetchall() == [("plug",)]


def test_a_planted_issue_is_found_in_its_month(shop):
    reviews = a_year() + [
        {"rating": 1, "text": f"the plug broke, {thing}", "at": f"2024-07-{day:02}"}
        for day, thing in product(range(1, 11), THINGS[5:9])
    ]
    found = rising(shop(reviews, topics=3))
    assert ("term", "plug broke", "2024-07-01") in found
    assert {month for _, _, month in found} == {"2024-07-01"}


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_dates_raise_no_alarm(shop, seed):
    reviews = a_year() + [{"rating": 1, "text": "the plug broke"}] * 40
    dates = [review.get("at", "2024-07-01") for review in reviews]
    shuffled = np.random.default_rng(seed).permutation(dates)
    redated = [{**review, "at": str(at)} for review, at in zip(reviews, shuffled, strict=True)]
    assert rising(shop(redated, topics=3)) == []


def test_without_dates_all_feedback_is_one_period(shop):
    con = shop([{**review, "at": None} for review in a_year()] + [{"rating": 1, "text": "broke"}] * 40)
    assert con.execute("SELECT DISTINCT period FROM hot_issues").fetchall() == [(None,)]
    assert con.execute("SELECT issue FROM hot_issues WHERE kind = 'term'").fetchall() == [("broke",)]


def test_a_term_is_quoted_by_its_sentence(shop):
    text = "We liked the box. Sadly the &#34;{}&#34; plug {} fell off\nafter 5.5 days of careful use! Bulb is fine."
    pairs = [pair for pair in product(THINGS, THINGS) if "plug" not in pair][:60]
    complaints = [{"rating": 1, "text": text.format(*pair)} for pair in pairs]
    con = shop(complaints + [{"rating": 5, "text": f"a box, {one}, a bulb, {two}"} for one, two in pairs])
    quotes = dict(con.execute("SELECT issue, example FROM hot_issues WHERE kind = 'term'").fetchall())
    assert quotes["plug"] == 'Sadly the "lamp" plug lamp fell off after 5.5 days of careful use!'


def test_term_groups_are_one_issue_and_weak_words_none(shop):
    """Returned, returns and returning say one thing; wanted and looked say nothing."""
    forms = ["returned", "returns", "returning"]
    pairs = list(product(THINGS, THINGS))
    complaints = [{"rating": 1, "text": f"{one} {forms[i % 3]} {two} wanted"} for i, (one, two) in enumerate(pairs)]
    praises = [{"rating": 5, "text": f"{one} glad {two}"} for one, two in pairs] * 3
    found = shop(complaints + praises).execute("SELECT issue, reviews FROM hot_issues").fetchall()
    assert found == [("returned", 144)]


def test_a_rise_of_negativity_alone(shop):
    """Plug stands in 60 reviews of each month; 6 of them are negative, then 36: fewer speak of it, none is calm."""
    months = {"2024-01-05": (6, 54, 340), "2024-02-05": (36, 24, 340)}
    con = shop([
        {"rating": rating, "text": text, "at": at}
        for at, counts in months.items()
        for (rating, text), count in zip(((1, "plug"), (5, "plug"), (5, "box")), counts, strict=True)
        for _ in range(count)
    ])  # fmt: skip
    query = "SELECT issue, measure, share, previous_share FROM hot_issues WHERE period IS NOT NULL"
    assert con.execute(query).fetchall() == [("plug", "negativity", 0.6, 0.1)]


def test_the_chance_of_a_rise_is_fishers(shop):
    """Of 200 reviews in each month 4 complain of the plug, then 30."""
    months = {"2024-01-05": (4, 196), "2024-02-05": (30, 170)}
    con = shop([
        {"rating": rating, "text": text, "at": at}
        for at, counts in months.items()
        for (rating, text), count in zip(((1, "plug"), (5, "box")), counts, strict=True)
        for _ in range(count)
    ])  # fmt: skip
    query = "SELECT chance FROM duckmark.issue_changes WHERE issue = 'plug' AND measure = 'complaints'"
    expected = fisher_exact([[30, 170], [4, 196]], alternative="greater").pvalue
    assert con.execute(query).fetchall() == [(pytest.approx(expected, rel=1e-6),)]


def a_year(reviews: int = 600) -> list[dict]:
    """Reviews of a year about things at random, one in seven negative whatever it is about."""
    chance = np.random.default_rng(7)
    return [
        {
            "rating": 1 if chance.random() < 1 / 7 else 5,
            "text": " ".join(chance.choice(THINGS, 4)),
            "at": f"2024-{1 + i % 12:02}-15",
        }
        for i in range(reviews)
    ]


def rising(con) -> list[tuple]:
    found = con.execute("SELECT kind, issue, period::VARCHAR FROM hot_issues WHERE period IS NOT NULL ORDER BY ALL")
    return found.fetchall()
