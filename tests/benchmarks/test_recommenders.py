"""The contest of benchmarks/recommenders without the other libraries: a fair budget, a fair test, figures by hand."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from benchmarks.recommenders import duckmark_models, popularity, report, shops
from benchmarks.recommenders.contenders import Contender, contest, drawn, search
from benchmarks.recommenders.statistics import best, best_on_test, mean_gain
from benchmarks.recommenders.training import Training
from duckmark.evaluation import slices
from duckmark.evaluation.splits import splits
from duckmark.evaluation.trial import earlier


@pytest.fixture
def made() -> Training:
    """Two tastes of 20 products each; every user has half of theirs and is to find some of the rest."""
    generator = np.random.default_rng(3)
    taste = np.arange(30) % 2
    of_taste = np.repeat(np.eye(2), 20, axis=1)[taste] > 0
    taken = of_taste & (generator.random(of_taste.shape) < 0.5)
    truth = of_taste & ~taken & (generator.random(of_taste.shape) < 0.5)
    preferences = sparse.csr_array(taken * np.where(generator.random(taken.shape) < 0.2, -3.0, 4.0))
    counts, ages = preferences.copy(), preferences.copy()
    counts.data = generator.integers(1, 4, preferences.nnz).astype(float)
    ages.data = np.zeros(preferences.nnz)
    return Training(preferences, counts, ages, sparse.csr_array(truth.astype(float)))


def test_options_are_distinct_and_begin_with_the_defaults():
    grid = {"factors": (64, 32, 128), "alpha": (1.0, 3.0, 10.0, 30.0), "values": ("taken", "liked")}
    options = drawn(grid, 12, seed=1)
    assert options[0] == {"factors": 64, "alpha": 1.0, "values": "taken"}
    assert len({tuple(each.values()) for each in options}) == 12
    assert all({each[name] for each in options} == set(choices) for name, choices in grid.items())
    assert options == drawn(grid, 12, seed=1)
    assert len(drawn(grid, 100, seed=1)) == 3 * 4 * 2


def test_the_second_half_goes_on_from_the_best():
    grid = {"a": tuple(range(10)), "b": tuple(range(10)), "c": tuple(range(10))}
    tried = search(grid, 20, 1, lambda options: sum(options.values()))
    assert [options for _, options in tried[:10]] == drawn(grid, 10, seed=1)
    assert len({tuple(options.values()) for _, options in tried}) == 20
    for place in range(10, 20):
        best = max(tried[:place], key=lambda each: each[0])[1]
        assert sum(best[name] != tried[place][1][name] for name in grid) == 1
    assert len(search({"a": (1, 2, 3), "b": (1, 2)}, 100, 1, lambda options: 0.0)) == 6
    assert search({}, 12, 1, lambda options: 0.5) == [(0.5, {})]


def test_confidences(made):
    before = made.preferences.copy()
    liked, ratings, counts = (made.matrix(values) for values in ("liked", "ratings", "counts"))
    assert liked.nnz == ratings.nnz == counts.nnz == (before.data > 0).sum() < made.matrix("taken").nnz
    assert set(ratings.data) == {4.0}
    assert set(counts.data) == {1.0, 2.0, 3.0}
    assert (made.preferences != before).nnz == 0
    aged = Training(made.preferences, made.counts, made.counts * 90, made.truth)
    np.testing.assert_allclose(aged.matrix("liked", half_life=90).data, 0.5**counts.data)


def test_choices_without_a_difference_are_not_tried(made):
    counted_once = Training(made.preferences, made.preferences.sign().power(2), made.ages, made.truth)
    assert made.choices(popularity.CONFIDENCES) == {
        "values": ("taken", "liked", "ratings", "counts"),
        "half_life": (None,),
    }
    timed = Training(made.preferences, made.counts, made.counts, made.truth)
    assert timed.choices(popularity.CONFIDENCES)["half_life"] == (None, 180, 60)
    assert replace(timed, later=False).choices(popularity.CONFIDENCES)["half_life"] == (None,)
    assert counted_once.choices({"values": ("taken", "counts", "liked")})["values"] == ("taken", "liked")


def test_quality_equals_a_naive_one(made):
    scores = np.random.default_rng(5).random((len(made.tested), 40))
    scores[0, :25] = np.nan
    quality = made.quality(scores)
    for row, user in enumerate(made.tested):
        has, wanted = (matrix[[user]].toarray()[0] != 0 for matrix in (made.preferences, made.truth))
        ranked = [item for item in np.argsort(-scores[row]) if not has[item] and np.isfinite(scores[row, item])]
        gains = [wanted[item] / np.log2(place + 2) for place, item in enumerate(ranked[:10])]
        most = sum(1 / np.log2(place + 2) for place in range(min(10, wanted.sum())))
        assert quality["NDCG@10"][row] == pytest.approx(sum(gains) / most)
        assert quality["recall@20"][row] == pytest.approx(wanted[ranked[:20]].sum() / wanted.sum())


def test_nothing_scored_is_nothing_found(made):
    quality = made.quality(np.full((len(made.tested), 40), np.nan))
    assert all((values == 0).all() for values in quality.values())


def oracle(training, options, users):
    return options["sign"] * training.truth[users].toarray()


@pytest.fixture
def results(made):
    everyone = [
        Contender("oracle", "single", {"sign": (-1, 1)}, oracle),
        Contender("EASE", "ranker", duckmark_models.EDLAE, duckmark_models.by_items("edlae")),
        Contender("popular peer", "peer", popularity.CONFIDENCES, popularity.popularity),
    ]
    return [contest(contender, [made, made], made, trials=3, seed=0) for contender in everyone]


def test_a_contest_is_won_by_the_best_options(results):
    perfect, ease, popular = results
    assert perfect.options == {"sign": 1}
    assert all(values == pytest.approx(1) for values in perfect.per_user.values())
    assert perfect.validation == pytest.approx(1)
    assert perfect.validation > ease.validation > popular.validation
    assert best(results, "peer", "ranker") is ease
    assert best_on_test(results, "peer", "NDCG@10") is popular
    assert best(results, "baseline") is None


def test_the_mean_gain_of_sets(results):
    perfect, _, popular = results
    gain = 1 / popular.per_user["NDCG@10"].mean() - 1
    told = mean_gain([(perfect, popular, 1.0), (popular, popular, 3.0)], "NDCG@10")
    assert told.value == pytest.approx(gain / 4)
    assert told.low < told.value < told.high


def test_tables(results, tmp_path):
    outcome = report.Outcome("a set", 1.0, "Thirty users.", results)
    tables = "".join(report.set_tables(outcome))
    assert "| oracle | 1.0000 (1.0000 to 1.0000) | +" in tables
    assert "The best peer on the slice for tuning is popular peer." in tables
    assert "| best single model | NDCG@10 | test | +" in "".join(report.summary([outcome]))


def test_what_was_stored_is_read_again(results, tmp_path):
    outcome, path = report.Outcome("a set", 1.0, "Thirty users.", results), tmp_path / "results.duckdb"
    report.stored([outcome], "One run.", path)
    assert report.generated(*report.read(path)) == report.generated([outcome], "One run.")


def test_the_slice_for_tuning_sees_nothing_of_the_test(con):
    for protocol in ("time", "folds"):
        split = splits(con, protocol, shops.FOLDS)[0]
        held_out = {row[0] for row in con.execute(split.held_out, split.parameters).fetchall()}
        everything = {row[0] for row in con.execute("SELECT event_id FROM duckmark.events").fetchall()}
        with earlier(con, split) as left:
            kept = {row[0] for row in left.execute("SELECT event_id FROM duckmark.events").fetchall()}
            reviews = {row[0] for row in left.execute("SELECT event_id FROM duckmark.reviews").fetchall()}
        assert kept == everything - held_out
        assert reviews <= kept


def test_the_trainings_of_a_shop(shop_file, monkeypatch):
    monkeypatch.setattr(slices, "MOST_SLICES", 2)
    with shops.divided(shop_file, "folds") as (tune, test):
        assert len(tune) == 2
        for part in tune:
            assert test.counts.sum() > part.counts.sum() > 0
        for part in (tune[0], test):
            assert part.truth.nnz > 0
            assert part.truth.multiply(part.preferences).nnz == 0
            assert part.ages.data.min() >= 0 < part.ages.data.max()
            hybrid = next(each for each in duckmark_models.contenders() if each.kind == "ranker")
            scores = hybrid.fit_score(part, drawn(hybrid.grid, 1, 0)[0], part.tested)
            assert scores.shape == (len(part.tested), part.preferences.shape[1])
