"""`recommend` and the view `recommendations`: lists of what one has not taken, varied and damped as asked."""

import pytest

from tests.client import each
from tests.shop import DISLIKED, SILENT, SINGLE, STRANGER

ASKED = ["0001", "0007", "0029", "0030", "0045", "0058", SINGLE, SILENT]


def test_nothing_that_the_user_has_is_recommended(ask):
    again = ask(
        f"FROM ({each('recommend', 'u', ASKED, ', 99')}) AS r "
        "JOIN duckmark.interactions AS i ON i.user_id = r.u AND i.product_id = r.product_id"
    )
    assert again == []


def test_all_products_are_reached_by_a_large_k(ask):
    """Lists, then the segment, then everyone: each product once. What was never sold has no popularity."""
    for user in ("0003", SINGLE, SILENT, STRANGER):
        found = [row["product_id"] for row in ask(f"FROM recommend('{user}', 999)")]
        owned = ask(f"SELECT count(DISTINCT product_id) AS n FROM duckmark.interactions WHERE user_id = '{user}'")[0][
            "n"
        ]
        assert len(found) == len(set(found)) >= 39 - owned


@pytest.mark.parametrize(("k", "diversity"), [(3, 0.0), (3, 0.5), (30, 0.0)])
def test_arguments_may_be_parameters(plain, k, diversity):
    """What k and diversity are decides what is planned."""
    given = plain.execute("FROM recommend(?, ?, diversity := ?)", ["0001", k, diversity]).fetchall()
    assert given == plain.execute(f"FROM recommend('0001', {k}, diversity := {diversity})").fetchall()
    assert len(given) == k


def test_the_recommendations_view_is_what_recommend_gives(ask):
    users = [user for user in ASKED if user != SILENT]
    listed = ", ".join(f"'{user}'" for user in users)
    in_view = ask(
        f"SELECT user_id, rank, product_id, score, source FROM recommendations WHERE user_id IN ({listed}) ORDER BY ALL"
    )
    one_by_one = ask(
        f"SELECT user_id, rank, product_id, score, source FROM ({each('recommend', 'user_id', users, ', 15')}) "
        "ORDER BY ALL"
    )
    assert in_view == one_by_one
    assert {row["user_id"] for row in in_view} == set(users)


def test_an_unknown_user_gets_what_is_popular(ask):
    rows = ask(f"FROM recommend('{STRANGER}')")
    assert len(rows) == 10
    assert {row["source"] for row in rows} == {"popular"}
    assert ask(f"FROM similar_users('{STRANGER}')") == []
    assert ask("SELECT source FROM recommend(NULL, 1)") == [{"source": "popular"}]


def test_a_user_of_whom_only_attributes_are_known(ask):
    rows = ask(f"FROM recommend('{SILENT}')")
    assert len(rows) == 10
    assert {row["source"] for row in rows} <= {"segment", "popular"}
    (profile,) = ask(f"SELECT segment, attributes, vector FROM user_profiles WHERE user_id = '{SILENT}'")
    assert profile["segment"] == "prospect"
    assert profile["vector"] is None


def test_a_user_with_a_single_event_gets_their_taste(ask):
    rows = ask(f"FROM recommend('{SINGLE}', 5)")
    assert {row["category"] for row in rows} == {"garden"}
    assert {row["source"] for row in rows} <= {"hybrid", "content", "collaborative"}
    assert "00121" not in {row["product_id"] for row in rows}


def test_what_its_buyers_dislike_is_shown_to_strangers_last(ask):
    rows = ask(f"SELECT product_id FROM recommend('{STRANGER}', 40)")
    assert [row["product_id"] for row in rows][:30].count(DISLIKED) == 0


def reordered(rows: list[dict], vectors: dict[str, list[float]], diversity: float) -> list[str]:
    """Maximal marginal relevance, a place at a time."""
    relevance = {row["product_id"]: 1 - place / 50 for place, row in enumerate(rows)}
    chosen = [rows[0]["product_id"]]
    while len(chosen) < len(rows):
        left = [product for product in relevance if product not in chosen]
        nearest = {p: max(0.0, *(cosine(vectors, p, above) for above in chosen)) for p in left}
        chosen.append(max(left, key=lambda p: ((1 - diversity) * relevance[p] - diversity * nearest[p], relevance[p])))
    return chosen


def cosine(vectors: dict[str, list[float]], one: str, other: str) -> float:
    if vectors[one] is None or vectors[other] is None:
        return 0.0
    return sum(x * y for x, y in zip(vectors[one], vectors[other], strict=True))


@pytest.mark.parametrize("user", ["0001", STRANGER])
@pytest.mark.parametrize("diversity", [0.3, 0.9])
def test_diversity_is_maximal_marginal_relevance(ask, plain, user, diversity):
    vectors = dict(plain.sql("SELECT product_id, vector FROM duckmark.product_vectors").fetchall())
    candidates = ask(f"FROM recommend('{user}', 50)")
    found = ask(f"SELECT rank, product_id FROM recommend('{user}', 8, diversity := {diversity})")
    assert [row["rank"] for row in found] == list(range(1, 9))
    assert [row["product_id"] for row in found] == reordered(candidates, vectors, diversity)[:8]


def test_damping_takes_what_is_popular_down(ask):
    popularity = "SELECT avg(p.popularity) AS p FROM recommend('0031', 5, damping := {}) AS r " \
                 "JOIN duckmark.product_popularity AS p ON p.product_id = r.product_id"  # fmt: skip
    means = [ask(popularity.format(damping))[0]["p"] for damping in (0, 0.3, 1)]
    assert means[0] >= means[1] >= means[2]
    assert ask("FROM recommend('0001', 5, damping := 0)") == ask("FROM recommend('0001', 5)")


@pytest.mark.parametrize("user", ["0001", "0045", SINGLE])
@pytest.mark.parametrize("damping", [0.1, 0.4, 1])
def test_damping_takes_from_each_rung_its_own_range_of_scores(ask, plain, user, damping):
    """Of more than a stored list holds: its scores and those beyond are of two ranges, and the list stands first."""
    k = plain.sql("SELECT duckmark.list_length()").fetchall()[0][0] + 5
    popularity = dict(plain.sql("SELECT product_id, popularity FROM duckmark.product_popularity").fetchall())
    pool = ask(f"SELECT product_id, score, rung FROM duckmark.candidates('{user}', 50)")
    scores = {rung: [row["score"] for row in pool if row["rung"] == rung] for rung in {row["rung"] for row in pool}}

    def standing(row):
        of_rung = scores[row["rung"]]
        extent = max(of_rung) - min(of_rung)
        return row["rung"], damping * popularity.get(row["product_id"], 0) * extent - row["score"], row["product_id"]

    found = ask(f"SELECT rank, product_id FROM recommend('{user}', {k}, damping := {damping}) ORDER BY rank")
    assert [row["rank"] for row in found] == list(range(1, k + 1))
    assert [row["product_id"] for row in found] == [row["product_id"] for row in sorted(pool, key=standing)][:k]
    assert scores.keys() == {1, 2}
