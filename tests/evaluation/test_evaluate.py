import shutil

import duckdb
import pytest

import duckmark
from duckmark.errors import ConfigError, DatabaseError, EvaluationError
from duckmark.evaluation import beside
from duckmark.evaluation.ratings import MODELS as RATED
from duckmark.evaluation.splits import PROTOCOLS
from duckmark.kernels.features import TASTE
from tests.shop import build_shop, event_rows, events


@pytest.fixture
def copy(shop_file, tmp_path):
    return shutil.copy(shop_file, tmp_path / "copy.duckdb")


def rows(path, where="true"):
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(f"SELECT model, metric, value, low, high, users FROM evaluation WHERE {where}").fetchall()


def test_the_build_measured_by_time(shop_file):
    measured = {(model, metric): value for model, metric, value, *_ in rows(shop_file, "segment IS NULL")}
    assert {model for model, _ in measured} == {"hybrid", "fusion", *TASTE, "popularity", "recent", *RATED}
    assert measured["hybrid", "ndcg"] > 2 * measured["popularity", "ndcg"]  # the shop has two plain tastes
    assert all(value >= 0 for value in measured.values())


def test_in_a_process_of_its_own_it_measures_the_same(shop_file, tmp_path, monkeypatch):
    begun = []
    monkeypatch.setattr(beside, "is_worth_it", lambda con: begun.append(con) is None)
    path = build_shop(duckmark.build, tmp_path / "shop.duckdb", options={"evaluate": True})
    assert len(begun) == 1
    assert rows(path) == rows(shop_file)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_intervals_hold_their_means(shop_file):
    with_interval = rows(shop_file, "metric <> 'coverage'")
    assert with_interval
    assert all(low <= value <= high for _, _, value, low, high, _ in with_interval)


def test_segments_make_up_the_whole(shop_file):
    (whole,) = {users for *_, users in rows(shop_file, "segment IS NULL AND metric = 'recall'")}
    parts = rows(shop_file, "segment IS NOT NULL AND metric = 'recall' AND model = 'hybrid'")
    assert sum(users for *_, users in parts) == whole


def test_each_protocol_keeps_its_own_results(copy):
    before = rows(copy)
    duckmark.evaluate(copy, protocol="folds", folds=2, k=5)
    protocol = PROTOCOLS["folds"].format(folds=2)
    added = rows(copy, f"protocol = $${protocol}$$")
    assert {metric for _, metric, *_ in added} >= {"precision", "recall", "ndcg", "map", "mrr", "hit_rate", "coverage"}
    assert sorted(rows(copy, f"protocol <> $${protocol}$$"), key=str) == sorted(before, key=str)
    duckmark.evaluate(copy, protocol="folds", folds=2, k=5)
    assert rows(copy, f"protocol = $${protocol}$$") == added  # replaced, and the same again


def test_too_few_users_are_an_error_and_leave_the_file(tmp_path):
    few = [row for row in event_rows() if row["user_id"] in ("0001", "0002", "0003")]
    path = build_shop(duckmark.build, tmp_path / "few.duckdb", events=events(few))
    before = path.read_bytes()
    with pytest.raises(EvaluationError, match="too few users"):
        duckmark.evaluate(path)
    assert path.read_bytes() == before


def test_mistakes(copy, tmp_path):
    with pytest.raises(ConfigError, match="unknown protocol"):
        duckmark.evaluate(copy, protocol="lats")
    with pytest.raises(DatabaseError, match=r"nowhere\.duckdb: no such file"):
        duckmark.evaluate(tmp_path / "nowhere.duckdb")
