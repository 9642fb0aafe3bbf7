"""Expected ratings against held-out ones: by hand, and as a build measures them."""

from io import StringIO

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from rich.console import Console

import duckmark
from duckmark import report
from duckmark.evaluation.ratings import MODELS, predicted, summary
from duckmark.evaluation.splits import PROTOCOLS
from tests.database import holding

TABLES = """
CREATE SCHEMA duckmark;
CREATE TABLE duckmark.user_segments AS
SELECT 'u' || u AS user_id, CASE WHEN u < 4 THEN 'new' ELSE 'loyal' END AS segment FROM range(6) AS r (u);
CREATE TABLE duckmark.products AS SELECT 'p' || p AS product_id FROM range(4) AS r (p);
CREATE TABLE duckmark.ratings AS
SELECT 'u' || u AS user_id, 'p' || p AS product_id, 1.0 + p AS rating FROM range(6) AS a (u), range(3) AS b (p);
CREATE TABLE duckmark.rating_means AS SELECT 2.0::DOUBLE AS mean;
CREATE MACRO predict_rating(for_user, for_product) AS 2.5;
"""


con = holding(TABLES)


def later(*rows):
    return pa.table(dict(zip(("user_id", "product_id", "rating"), zip(*rows, strict=True), strict=True)))


def test_only_new_ratings_by_known_users_of_known_products_count(con):
    asked = later(
        ("u0", "p3", 4.0),
        ("u0", "p1", 4.0),  # rated before
        ("u1", "p3", None),  # not rated
        ("u9", "p3", 4.0),
        ("u2", "p9", 4.0),
        ("u5", "p3", 1.0),
    )
    found = predicted(con, asked).to_pylist()
    assert [(row["user_id"], row["segment"], row["rating"]) for row in found] == [("u0", "new", 4), ("u5", "loyal", 1)]
    assert {(row["ratings"], row["mean"]) for row in found} == {(2.5, 2.0)}


def test_biases_alone_know_better_products_from_worse(con):
    con.execute("DELETE FROM duckmark.ratings WHERE user_id = 'u0' AND product_id <> 'p1'")
    found = predicted(con, later(("u0", "p0", 1.0), ("u0", "p2", 3.0), ("u0", "p3", 2.0)))
    worse, better, unrated = found["biases"].to_pylist()
    assert worse < unrated < better


def test_nothing_to_compare_with(con):
    con.execute("DELETE FROM duckmark.rating_means")
    assert len(predicted(con, later(("u0", "p3", 4.0)))) == 0


def test_errors_by_hand():
    rows = pa.table(
        {
            "user_id": ["a", "a", "b"],
            "segment": ["new", "new", "loyal"],
            "rating": [4.0, 2.0, 5.0],
            "ratings": [4.0, 2.0, 5.0],
            "biases": [3.0, 2.0, 3.0],
            "mean": [3.0, 3.0, 3.0],
        }
    )
    found = {(row["model"], row["metric"], row["segment"]): row for row in summary(rows, seed=1)}
    assert len(found) == len(MODELS) * 2 * 3
    assert [found["ratings", metric, None]["value"] for metric in ("rmse", "mae")] == [0, 0]
    assert found["biases", "rmse", None]["value"] == pytest.approx(np.sqrt((1 + 0 + 4) / 3))
    assert found["biases", "mae", None]["value"] == pytest.approx((1 + 0 + 2) / 3)
    assert found["biases", "rmse", "new"]["value"] == pytest.approx(np.sqrt(1 / 2))
    # Drawn with replacement: both times the first user, with two ratings, or both times the second.
    interval = found["biases", "rmse", None]
    assert (interval["low"], interval["high"], interval["users"]) == (pytest.approx(np.sqrt(1 / 2)), 2, 2)


def errors(path, protocol):
    with duckdb.connect(str(path), read_only=True) as con:
        query = "SELECT model, metric, value, low, high, k FROM evaluation WHERE segment IS NULL AND protocol = ?"
        rows = con.execute(query + " AND metric IN ('rmse', 'mae')", [protocol]).fetchall()
    return {(model, metric): tuple(figures) for model, metric, *figures in rows}


def test_a_build_and_each_protocol_measure_them(shop_file, tmp_path):
    path = tmp_path / "shop.duckdb"
    path.write_bytes(shop_file.read_bytes())
    duckmark.evaluate(path, protocol="folds", folds=2)
    for protocol in (PROTOCOLS["time"], PROTOCOLS["folds"].format(folds=2)):
        found = errors(path, protocol)
        assert found.keys() == {(model, metric) for model in MODELS for metric in ("rmse", "mae")}
        assert found["ratings", "rmse"] < found["mean", "rmse"]  # one product is rated low by all
        assert all(low <= value <= high and k is None for value, low, high, k in found.values())


def test_what_is_printed(plain):
    written = StringIO()
    report.show_evaluation(Console(file=written, width=200), plain)
    lists, expected = written.getvalue().split("Expected ratings of ")
    assert [line.split()[0] for line in lists.splitlines() if line.startswith(MODELS)] == []
    assert "hybrid" in lists
    assert {line.split()[0] for line in expected.splitlines() if line.startswith(MODELS)} >= set(MODELS)
    assert "hybrid" not in expected
