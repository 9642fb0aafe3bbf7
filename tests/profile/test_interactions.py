"""What one user has shown of one product, in stars: given, or implied by what they did."""

import math

import duckdb
import pytest

from duckmark.collect.kinds import write_kinds
from tests.statements import statement


def shown(events):
    """Satisfaction, rating and preference of one product by these kinds, each with the satisfaction that it tells."""
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA duckmark")
        write_kinds(con, {"complaint": -1.5})
        con.execute("""
            CREATE TABLE duckmark.events (
                event_id BIGINT, user_id VARCHAR, product_id VARCHAR, kind VARCHAR, happened_at TIMESTAMP
            );
            CREATE TABLE duckmark.reviews (event_id BIGINT, satisfaction DOUBLE);
        """)
        for place, (kind, satisfaction) in enumerate(events):
            con.execute("INSERT INTO duckmark.events VALUES (?, 'u', 'p', ?, NULL), (-?, NULL, 'p', ?, NULL)",
                        [place, kind, place, kind])  # fmt: skip
            if satisfaction is not None:
                con.execute("INSERT INTO duckmark.reviews VALUES (?, ?)", [place, satisfaction])
        con.execute(statement("strength", "2_profile"))
        con.execute(statement("interactions", "2_profile"))
        [row] = con.execute("SELECT satisfaction, rating, preference FROM duckmark.interactions").fetchall()
        return row


@pytest.mark.parametrize(
    ("kinds", "stars"),
    [(["purchase"], 2.8), (["purchase"] * 2, 4.0), (["view"] * 10, 4.3)],  # as the file says
)
def test_what_behaviour_implies(kinds, stars):
    satisfaction, rating, preference = shown([(kind, None) for kind in kinds])
    assert (satisfaction, round(rating, 1)) == (None, stars)
    assert preference == rating


def test_a_single_view_is_little_and_no_dislike():
    _, rating, preference = shown([("view", None)])
    assert rating == preference == pytest.approx(5 * (1 - math.exp(-1 / 5)), abs=1e-6)


@pytest.mark.parametrize(
    ("satisfaction", "stars", "preference"),
    [
        ([1], 5, 5),
        ([0.4], 2.6, 2.6),
        ([0.25], 2, -3),
        ([0], 1, -4),
        ([0, 0.5], 2, -3),  # the mean
        ([0, 1], 3, 3),
    ],
)
def test_what_feedback_says_goes_before_what_was_done(satisfaction, stars, preference):
    """Below 2.6 stars it is a dislike, and counts as five stars less."""
    events = [("purchase", None), *(("review", of) for of in satisfaction)]
    assert shown(events) == pytest.approx((sum(satisfaction) / len(satisfaction), stars, preference))


def test_a_kind_that_weighs_less_than_nothing_is_a_dislike_without_a_star():
    assert shown([("complaint", None)]) == (None, 0, -5)
    _, rating, preference = shown([("complaint", None), ("view", None), ("view", None)])
    assert rating == preference > 0
