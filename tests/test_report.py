"""What the command line prints of the hold-out checks is what the view `evaluation` holds."""

import re
from io import StringIO

import pytest
from rich.console import Console

from duckmark import report
from tests.database import holding

# Of each model its own figures, in each protocol others, of all users and of a segment, whose are the largest.
EVALUATION = """
CREATE TABLE evaluation AS
SELECT
    model, metric, CASE WHEN metric NOT IN ('rmse', 'mae') THEN k END AS k, segment,
    CAST(round(base + more + 0.0101 * better + 0.0007 * place, 4) AS DOUBLE) AS value,
    value - 0.01 AS low, value + 0.02 AS high, CAST(number * part AS BIGINT) AS users, protocol
FROM (VALUES ('by time', 10, 0.1, 1234), ('folds', 5, 0.4, 77)) AS p (protocol, k, base, number)
CROSS JOIN (VALUES (NULL, 0, 1), ('new', 0.5, 0.5)) AS s (segment, more, part)
CROSS JOIN (VALUES ('hybrid', 3), ('fusion', 1), ('popularity', 2)) AS m (model, better)
CROSS JOIN (VALUES ('recall', 1), ('ndcg', 2), ('map', 3), ('hit_rate', 4), ('coverage', 5), ('rmse', 6), ('mae', 7))
    AS n (metric, place)
"""
RANKED = ("recall", "ndcg", "map", "hit_rate", "coverage")
con = holding(EVALUATION)


@pytest.fixture
def blocks(con):
    """What is printed: of each title the names of the columns, and the cells of each row, two blanks apart."""
    written = StringIO()
    report.show_evaluation(Console(file=written, width=200), con)
    found = {}
    for block in written.getvalue().strip().split("\n\n"):
        title, *lines = block.splitlines()
        names, *rows = (re.split(r" {2,}|(?<=\d) (?=[\d.]+$)", line.strip()) for line in lines)
        found[title] = names, rows
    return found


def figures(con, protocol):
    """Of each model and measure the value over all users, and its interval as it is printed."""
    query = "SELECT model, metric, value, low, high FROM evaluation WHERE protocol = ? AND segment IS NULL"
    found = {}
    for model, metric, value, low, high in con.execute(query, [protocol]).fetchall():
        found.setdefault(model, {})[metric] = value, f"{low:.4f} to {high:.4f}"
    return found


@pytest.mark.parametrize(("protocol", "k", "users"), [("by time", 10, "1,234"), ("folds", 5, "77")])
def test_each_protocol_has_its_own_numbers_under_its_title(con, blocks, protocol, k, users):
    names, rows = blocks[f"Hold-out check of {users} users, {protocol}"]
    assert names == ["model", f"recall@{k}", f"NDCG@{k}", "95 percent", f"MAP@{k}", f"hits@{k}", "coverage"]
    assert [row[0] for row in rows] == ["hybrid", "popularity", "fusion"]  # the best first
    known = figures(con, protocol)
    for model, recall, ndcg, interval, *others in rows:
        assert interval == known[model]["ndcg"][1]
        assert [float(cell) for cell in (recall, ndcg, *others)] == [known[model][name][0] for name in RANKED]


@pytest.mark.parametrize(("protocol", "users"), [("by time", "1,234"), ("folds", "77")])
def test_the_nearest_expected_ratings_come_first(con, blocks, protocol, users):
    names, rows = blocks[f"Expected ratings of {users} users, {protocol}"]
    assert names == ["model", "RMSE", "95 percent", "MAE"]
    assert [row[0] for row in rows] == ["fusion", "popularity", "hybrid"]
    known = figures(con, protocol)
    for model, rmse, interval, mae in rows:
        assert interval == known[model]["rmse"][1]
        assert [float(rmse), float(mae)] == [known[model][name][0] for name in ("rmse", "mae")]


def test_nothing_else_is_printed(blocks):
    assert len(blocks) == 4


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (0.123456, "0.1235"),
        (999.9, "999.9"),
        (-999.9, "-999.9"),
        (1000.0, "1,000"),
        (-12345.6, "-12,346"),
        (1234567.8, "1,234,568"),
        (None, ""),
    ],
)
def test_a_number_has_four_digits_or_all_before_the_point(value, cell):
    assert report._cell(value) == cell
