"""The ranker learns what people took after a split: a planted rule is found, and the fusion stays where none is."""

import json
from contextlib import nullcontext
from dataclasses import replace

import duckdb
import numpy as np
import pytest
from scipy import sparse

import duckmark
from duckmark.evaluation.splits import Split
from duckmark.evaluation.trial import Trial
from duckmark.kernels.features import FEATURES, features, rows
from duckmark.models import learning_to_rank, ranker
from duckmark.models.evidence import READS, gather
from duckmark.models.fusion import fusion, scale
from duckmark.models.learning_to_rank import (
    METHODS,
    Pairs,
    aims,
    calibrated,
    compared,
    pairs_of,
    sampled,
    stayed_away,
)
from duckmark.models.ranker import _best
from tests.kernels.evidence import random_evidence
from tests.shop import OPTIONS, build_shop

USERS, PRODUCTS = 80, 40
RANDOM = np.random.default_rng(11)


@pytest.fixture(scope="module")
def trial() -> Trial:
    """People take what is idle for long: the opposite of every sensible default, so only learning finds it."""
    small = random_evidence()
    owned = sparse.csr_array((RANDOM.random((USERS, PRODUCTS)) < 0.1).astype(float))
    evidence = type(small)(
        user_vectors=np.ones((USERS, 1), np.float32),
        product_vectors=np.ones((PRODUCTS, 1), np.float32),
        shares=sparse.csr_array((USERS, USERS)),
        preferences=owned,
        histories=owned,
        item_weights=sparse.csr_array(RANDOM.random((PRODUCTS, PRODUCTS))),
        user_factors=RANDOM.normal(size=(USERS, 2)),
        product_factors=RANDOM.normal(size=(PRODUCTS, 2)),
        user_categories=sparse.csr_array((USERS, 1)),
        categories=sparse.csr_array((PRODUCTS, 1)),
        user_prices=np.zeros(USERS),
        prices=np.zeros(PRODUCTS),
        of_product=RANDOM.random((PRODUCTS, 6)),
        of_user=RANDOM.random((USERS, 2)),
    )
    idle = evidence.of_product[:, 2]
    taken = (RANDOM.random((USERS, PRODUCTS)) < (idle > np.quantile(idle, 0.8)) * 0.6) & (owned.toarray() == 0)
    taken[60:] = False  # a quarter of them do not come
    truth, users = sparse.csr_array(taken.astype(float)), np.arange(USERS).astype(str)
    return Trial(duckdb.connect(), evidence, truth, np.full(USERS, "all"), users)


@pytest.fixture(scope="module")
def learned(trial):
    simple, divisor = fusion({}), scale(trial.evidence)
    users = sampled(trial, 42)
    return users, simple, divisor, pairs_of(trial, users, simple, divisor)


def test_the_pairs_hold_all_that_was_taken_and_nothing_that_was_owned(trial, learned):
    users, _, divisor, pairs = learned
    assert pairs.taken.sum() == trial.truth[users].sum()
    assert pairs.x.shape == (len(pairs.taken), len(FEATURES))
    left = len(users) * PRODUCTS - (trial.evidence.preferences[users] != 0).sum()
    assert pairs.weight.sum() == pytest.approx(left, rel=0.05)  # the sample stands for the whole catalogue
    blocks = features(trial.evidence, users[:1])
    row, column = np.zeros(PRODUCTS, int), np.arange(PRODUCTS)
    every = {tuple(x) for x in (rows(blocks, row, column) / divisor).round(9)}
    assert len(every & {tuple(x) for x in pairs.x.round(9)}) > 20


@pytest.mark.parametrize("method", ["linear", "coordinate_ascent", "neural", "wide_and_deep"])
def test_a_planted_rule_is_learned(trial, learned, method):
    users, simple, divisor, pairs = learned
    networks = {name: METHODS[name](pairs, simple).rescaled(divisor) for name in ("fusion", method)}
    found = {name: values.mean() for name, values in aims(trial, users, networks).items()}
    assert found[method] > 1.2 * found["fusion"]


@pytest.mark.parametrize("few", [0, 200])
def test_learning_is_measured_on_others_and_is_the_same_twice(monkeypatch, trial, learned, few):
    monkeypatch.setattr(learning_to_rank, "FEW_USERS", few)
    users, simple, divisor, pairs = learned
    one, same = (compared(trial, users, simple, divisor, pairs) for _ in range(2))
    assert all(np.array_equal(one[name], same[name]) for name in one)
    assert one["linear"].mean() > one["fusion"].mean()
    assert {len(values) for values in one.values()} == {len(users)}
    assert set(one) == {*METHODS, *learning_to_rank.ALONE}


def test_calibration_changes_no_ranking_and_knows_that_some_do_not_come(trial, learned):
    users, simple, divisor, pairs = learned
    network = METHODS["linear"](pairs, simple)
    whole = calibrated(network, trial, users, stayed_away(trial), simple, divisor, pairs)
    blocks = features(trial.evidence, np.arange(USERS))
    user, product = (place.ravel() for place in np.indices((USERS, PRODUCTS)))
    x = rows(blocks, user, product) / divisor
    before, after = (scorer.scores(x).reshape(USERS, PRODUCTS) for scorer in (network, whole))
    assert np.array_equal(before.argsort(axis=1, kind="stable"), after.argsort(axis=1, kind="stable"))
    new = trial.evidence.preferences.toarray() == 0
    expected = (1 / (1 + np.exp(-after)))[new].mean()
    assert expected == pytest.approx(trial.truth.sum() / new.sum(), rel=0.15)


@pytest.mark.parametrize(
    ("quality", "method"),
    [
        ({"fusion": 0.1, "linear": 0.2, "wide_and_deep": 0.15, "items": 0.12}, "linear"),
        ({"fusion": 0.1, "linear": 0.2, "neural": 0.3, "wide_and_deep": 0.301}, "neural"),
        ({"fusion": 0.1, "linear": 0.1005}, "fusion"),
        ({"fusion": 0.1, "linear": 0.2, "neural": 0.2, "items": 0.25}, "items"),
        ({"fusion": 0.1, "items": 0.1005, "popularity": 0.09}, "fusion"),
    ],
)
def test_the_simplest_that_nothing_surpasses(quality, method):
    everything = {**dict.fromkeys((*METHODS, *learning_to_rank.ALONE), 0.0), **quality}
    assert _best({name: np.full(50, value) for name, value in everything.items()}) == method


def test_what_is_better_by_luck_alone_is_not_taken():
    same = dict.fromkeys((*METHODS, *learning_to_rank.ALONE), np.full(50, 0.1))
    lucky = np.full(50, 0.1)
    lucky[:2] = 0.9, -0.5
    assert _best({**same, "neural": lucky}) == "fusion"


@pytest.mark.parametrize("method", ["fusion", "linear", "coordinate_ascent", "neural", "wide_and_deep"])
def test_a_shop_with_each_method_scores_in_sql_as_in_python(tmp_path, monkeypatch, method):
    monkeypatch.setattr("duckmark.models.ranker.FEWEST_USERS", 10)
    options = {**OPTIONS, "evaluate": False, "ranker": method}
    path = build_shop(duckmark.build, tmp_path / "shop.duckdb", options=options)
    with duckdb.connect(str(path), read_only=True) as con:
        (used, units), *_ = con.sql("SELECT method, len(units) FROM duckmark.ranker").fetchall()
        assert (used, units > 0) == (method, method in ("neural", "wide_and_deep"))
        ((tried,),) = con.sql("SELECT metrics FROM models WHERE model = 'ranker'").fetchall()
        assert (json.loads(tried) == {}) == (method == "fusion")
        for user in ("0003", "0031", "0058"):
            listed = con.execute(
                "SELECT product_id, score FROM recommendations WHERE user_id = ? ORDER BY rank", [user]
            ).fetchall()
            scored = con.execute("SELECT product_id, score FROM scores(?) ORDER BY score DESC, 1", [user]).fetchall()
            assert [product for product, _ in listed] == [product for product, _ in scored[: len(listed)]]
            assert [s for _, s in listed] == pytest.approx([s for _, s in scored[: len(listed)]], abs=1e-5)
            for product, score in (listed[0], listed[-1], scored[-1]):
                ((total,),) = con.execute("SELECT sum(contribution) FROM explain(?, ?)", [user, product]).fetchall()
                assert total == pytest.approx(score, abs=1e-5)


def test_of_many_users_the_evidence_of_some_is_read(shop_file, monkeypatch):
    with duckmark.connect(shop_file, read_only=True) as con:
        inputs = {name: name for name in READS}
        ids, _, whole = gather(con, inputs)
        monkeypatch.setattr(ranker, "MOST_GATHERED", len(ids) // 2)
        some = ranker._evidence(con, inputs)
        parts = -(-len(ids) // (len(ids) // 2))
        lots = "SELECT md5_number_lower(?) % ?"
        drawn = [i for i, id in enumerate(ids.to_pylist()) if con.execute(lots, [id, parts]).fetchall() == [(0,)]]
    mine, theirs = (features(evidence, users) for evidence, users in ((some, np.arange(len(drawn))), (whole, drawn)))
    for name, values in theirs.items():
        np.testing.assert_allclose(mine[name], values, rtol=1e-6, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("parts", [2, 10])
def test_what_is_measured_on_was_not_learned_from(parts):
    """Those left out are every so manieth user, as `compared` measures on; they are numbered anew."""
    user = np.repeat(np.arange(23), np.arange(23) % 3 + 1)
    numbers = np.arange(len(user))
    pairs = Pairs(user[:, None].astype(float), user % 2 == 0, numbers / 7, user, user % 5 == 0)
    left_out = []
    for part in range(parts):
        kept = pairs.without(part, parts)
        of_whom = kept.x[:, 0].astype(int)
        gone = sorted(set(user.tolist()) - set(of_whom.tolist()))
        assert gone == list(range(part, 23, parts))
        stayed = np.flatnonzero(~np.isin(user, gone))
        assert np.array_equal(kept.weight, pairs.weight[stayed])
        assert np.array_equal(kept.taken, pairs.taken[stayed])
        assert np.array_equal(kept.found, pairs.found[stayed])
        place = {who: number for number, who in enumerate(sorted(set(of_whom.tolist())))}
        assert kept.user.tolist() == [place[who] for who in of_whom.tolist()]
        left_out += gone
    assert sorted(left_out) == list(range(23))


def test_at_most_so_many_users_are_drawn_by_the_seed(trial, monkeypatch):
    monkeypatch.setattr(learning_to_rank, "MOST_USERS", 20)
    one, same, other = (sampled(trial, seed) for seed in (1, 1, 2))
    came = set(np.flatnonzero(trial.truth.toarray().any(axis=1)).tolist())
    assert np.array_equal(one, same)
    assert set(one.tolist()) != set(other.tolist())
    for users in (one, other):
        assert len(set(users.tolist())) == 20
        assert set(users.tolist()) <= came


@pytest.mark.parametrize(("came", "learns"), [(49, False), (50, True)])
def test_of_fewer_than_fifty_users_nothing_is_learned(monkeypatch, trial, came, learns):
    truth = trial.truth.tolil()
    tested = np.flatnonzero(np.diff(trial.truth.indptr))
    truth[tested[came:]] = 0
    few = replace(trial, con=duckdb.connect(), truth=sparse.csr_array(truth))
    monkeypatch.setattr(ranker, "inner", lambda con, kind, users: Split("by time", "", kind=kind))
    monkeypatch.setattr(ranker, "trial", lambda *args, **given: nullcontext(few))
    monkeypatch.setattr(ranker, "_evidence", lambda con, inputs: trial.evidence)
    seeds = []
    monkeypatch.setattr(ranker, "sampled", lambda trial, seed: seeds.append(seed) or sampled(trial, seed))
    found = ranker.train([], {}, None, {}, {"ranker": "linear", "seed": 3})
    assert seeds == [3]
    assert found.options == {"method": "linear" if learns else "fusion"}
    assert (found.rows, bool(found.metrics)) == ((50, True) if learns else (0, False))
