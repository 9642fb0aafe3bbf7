"""Item weights on a checkerboard: even users took even products, odd users odd ones."""

import json

import duckdb
import numpy as np
import pytest
from scipy import sparse

import duckmark
from duckmark.kernels.metrics import aim
from duckmark.kernels.ranking import best_columns
from duckmark.models import item_weights
from duckmark.models.item_weights import METHODS, TABLE, train
from duckmark.options import OPTIONS
from duckmark.steps import Skipped
from tests.database import holding
from tests.shop import build_shop

BOARD = """
CREATE SCHEMA duckmark;
CREATE TABLE duckmark.interactions AS
SELECT 'u' || u AS user_id, 'p' || p AS product_id, 4.0 AS preference, TIMESTAMP '2024-01-01' AS last_at
FROM range(12) AS a (u), range(8) AS b (p)
WHERE u % 2 = p % 2 AND (u + p) % 8 <> 0;
"""
LOOSE = {"ease_regularisation": 1.0, "slim_l1": 0.001, "slim_l2": 1.0}  # little regularisation for little data
INPUTS = {"duckmark.interactions": "duckmark.interactions"}


con = holding(BOARD)


@pytest.fixture(params=METHODS)
def method(request):
    return request.param


def weights(con, **options):
    trained = train(con, INPUTS, options)
    return trained, {
        (row["product_id"], row["for_product_id"]): row["weight"] for row in trained.tables[TABLE].to_pylist()
    }


@pytest.mark.parametrize("weighting", ["none", "tf_idf", "bm25"])
def test_products_of_one_colour_go_together(con, method, weighting):
    trained, found = weights(con, items_model=method, item_weighting=weighting, **LOOSE)
    assert (trained.options["method"], trained.options["weighting"]) == (method, weighting)
    same = [weight for (a, b), weight in found.items() if int(a[1]) % 2 == int(b[1]) % 2]
    other = [weight for (a, b), weight in found.items() if int(a[1]) % 2 != int(b[1]) % 2]
    assert len(same) == 8 * 3
    assert min(same) > max(map(abs, other), default=0) >= 0


def test_no_product_speaks_for_itself(con, method):
    assert all(a != b for a, b in weights(con, items_model=method)[1])


def test_dislikes_are_not_choices(con, method):
    before = weights(con, items_model=method)[1]
    con.execute("INSERT INTO duckmark.interactions VALUES ('u1', 'p0', -3.0, '2030-01-01')")
    assert weights(con, items_model=method)[1] == before


@pytest.mark.parametrize("k", [1, 3])
def test_at_most_k_weights_a_product(con, method, k):
    trained, found = weights(con, items_model=method, item_neighbours=k)
    assert trained.options["k"] == k
    assert len(found) == 8 * k == len({target for _, target in found}) * k


def test_item_lists_of_each_product_that_one_has(con):
    con.execute("DELETE FROM duckmark.interactions WHERE user_id = 'u2' AND product_id = 'p4'")
    given = {"items_model": "item_knn", "item_weighting": "none"}
    everything = weights(con, **given, item_neighbours=8)[1]
    trained, found = weights(con, **given, item_neighbours=1, item_lists="source")
    assert trained.options["item_lists"] == "source"
    assert len(found) == 8 == len({source for source, _ in found})
    for (source, _), weight in found.items():
        assert weight == max(value for (having, _), value in everything.items() if having == source)


@pytest.mark.parametrize("method", ["item_knn", "graph_filter"])
def test_a_product_adds_at_most_one(con, method):
    assert max(weights(con, items_model=method)[1].values()) == 1


def test_the_default_in_small_and_large_catalogues(con, monkeypatch):
    small = weights(con)[0].options
    assert (small["method"], small["weighting"], small["half_life"]) == ("slim", "none", 180.0)
    monkeypatch.setattr(item_weights, "MOST_ITEMS", 7)
    large = weights(con)[0].options
    assert (large["method"], large["weighting"], large["cosine"]) == ("item_knn", "bm25", False)


@pytest.mark.parametrize("method", ["slim", "ease", "edlae"])
def test_what_is_asked_for_beyond_its_limit(con, monkeypatch, method):
    monkeypatch.setattr(item_weights, "MOST_ITEMS", 7)
    with pytest.raises(Skipped, match="at most 7 products and there are 8: leave items_model out, or set it to 'item_"):
        train(con, INPUTS, {"items_model": method})


def test_too_little_regularisation(con):
    con.execute("INSERT INTO duckmark.interactions SELECT 'u0', product_id || 'b', 4.0, last_at FROM (FROM "
                "duckmark.interactions WHERE user_id = 'u0')")  # fmt: skip
    with pytest.raises(Skipped, match="ease_regularisation = 0 is too low for this data: raise it"):
        train(con, INPUTS, {"items_model": "ease", "ease_regularisation": 0})


def test_old_choices_count_for_less(con, method):
    """Half of the takers of p1 took it with p3 now, the other half with p5 two years ago."""
    con.execute("DELETE FROM duckmark.interactions WHERE product_id IN ('p1', 'p3', 'p5')")
    con.execute(
        "INSERT INTO duckmark.interactions SELECT 'v' || u, unnest(['p1', CASE WHEN u % 2 = 0 THEN 'p3' ELSE 'p5' END])"
        ", 4.0, CASE WHEN u % 2 = 0 THEN TIMESTAMP '2024-01-01' ELSE TIMESTAMP '2022-01-01' END FROM range(8) AS r (u)"
    )
    given = {"items_model": method, "item_weighting": "none", **LOOSE}
    _, always = weights(con, **given, half_life=0)
    _, decayed = weights(con, **given)
    assert always["p3", "p1"] == pytest.approx(always["p5", "p1"], rel=1e-4)
    assert decayed["p3", "p1"] > 1.5 * decayed["p5", "p1"]


def test_choices_without_a_date_count_in_full(con, method):
    dated = weights(con, items_model=method, slim_l2=100.0)[1]
    con.execute("UPDATE duckmark.interactions SET last_at = NULL")
    assert weights(con, items_model=method, slim_l2=100.0)[1] == dated


@pytest.mark.parametrize("useless", ["L2", "WEAK_L2"])
def test_slim_takes_the_penalty_that_predicts_better_where_there_are_no_times(con, monkeypatch, useless):
    monkeypatch.setattr(item_weights, "L1", 0.001)
    monkeypatch.setattr(item_weights, useless, np.inf)  # leaves no weights to rank by
    other = {"L2": 10.0, "WEAK_L2": 100.0}[useless]
    assert weights(con)[0].options["slim_l2"] == item_weights.L2
    assert weights(con, learns_from="folds")[0].options["slim_l2"] == other
    con.execute("UPDATE duckmark.interactions SET last_at = NULL")
    assert weights(con)[0].options["slim_l2"] == other


def six_each(users: int = 40, products: int = 20) -> sparse.csr_array:
    """Choices of six products by each user, of different weights."""
    random = np.random.default_rng(2)
    taken = np.zeros((users, products))
    for row in taken:
        row[random.permutation(products)[:6]] = random.uniform(0.2, 1, 6)
    return sparse.csr_array(taken)


PENALTIES = {"slim_l1": 0.3, "slim_l2": 5.0}
FITTED = {"k": 20, **PENALTIES, "slim_dropout": 0.3, "activity_discount": 0.5}


@pytest.mark.parametrize("times", [0.1, 8])
def test_every_method_learns_the_same_whatever_choices_weigh(method, times):
    options = {"item_weighting": "none", "without_times": False, "ease_regularisation": 5.0, **PENALTIES}
    once, again = (METHODS[method](choices, options)[0].toarray() for choices in (six_each(), six_each() * times))
    assert np.count_nonzero(once) > 100
    assert again == pytest.approx(once, abs=1e-4)


@pytest.mark.parametrize(
    ("qualities", "l2", "discount"),
    [
        ([0.1, 0.1009, 0.1009, 0.1009], 100.0, 0.0),
        ([0.1, 0.1011, 0.1, 0.1], 100.0, 0.1),
        ([0.1, 0.1, 0.1011, 0.1], 10.0, 0.0),
        ([0.1, 0.1011, 0.1012, 0.1013], 10.0, 0.1),
        ([0.0, 0.0, 0.0, 0.0], 100.0, 0.0),
    ],
)
def test_the_usual_penalty_stays_unless_another_is_better_by_a_hundredth(monkeypatch, qualities, l2, discount):
    left = iter(qualities)
    monkeypatch.setattr(item_weights, "aim", lambda hits, relevant: np.array([next(left)]))
    found = item_weights._fitting(six_each(), FITTED, 1)
    assert found == {"slim_l2": l2, "popularity_discount": discount}
    assert list(left) == []


def test_what_one_has_is_not_ranked_where_penalties_are_chosen(monkeypatch):
    """Of the six products of a user those left in cannot be ranked, and those taken out can."""
    scores, relevant = [], []

    def best(values, k, above):
        scores.append(values)
        return best_columns(values, k, above=above)

    def aimed(hits, number):
        relevant.append(number)
        assert (hits.sum(axis=1) <= number).all()
        return aim(hits, number)

    monkeypatch.setattr(item_weights, "best_columns", best)
    monkeypatch.setattr(item_weights, "aim", aimed)
    item_weights._fitting(six_each(), FITTED, 1)
    assert len(scores) == len(relevant) == 4
    for values, number in zip(scores, relevant, strict=True):
        assert (np.isneginf(values).sum(axis=1) + number == 6).all()


def test_too_little_to_compare(con):
    con.execute("DELETE FROM duckmark.interactions WHERE user_id <> 'u0'")
    with pytest.raises(Skipped, match="too little to compare: 1 users"):
        train(con, INPUTS, {})


def test_the_option_names_the_methods():
    assert OPTIONS["items_model"].kind == tuple(METHODS)


def test_a_file_says_what_was_used(tmp_path):
    path = build_shop(
        duckmark.build, tmp_path / "shop.duckdb", options={"items_model": "graph_filter", "graph_rank": 4}
    )
    with duckdb.connect(str(path), read_only=True) as con:
        row = con.execute("SELECT status, options FROM models WHERE model = 'item_weights'").fetchall()[0]
        lists = con.execute("SELECT count(*) FROM recommendations WHERE items > 0").fetchall()[0][0]
    used = json.loads(row[1])
    assert (row[0], used["method"], used["rank"], used["half_life"]) == ("trained", "graph_filter", 4, 180)
    assert lists
