"""The search for better options tries the defaults first, leaves the test slice alone, and stores what it did."""

import json
from dataclasses import replace

import pytest

import duckmark
from duckmark import tuning
from duckmark.evaluation import slices
from tests.database import ask
from tests.shop import build_shop, event_rows, events


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(tuning, "FEWEST_USERS", 5)
    monkeypatch.setattr(slices, "MOST_SLICES", 2)
    quick = {"items": ({"slim_l1": (0.1, 1e9)},), "collaborative": ({"neighbours": (8, 2)},)}
    searches = [search for search in tuning.SEARCHES if search.feature in quick]
    monkeypatch.setattr(tuning, "SEARCHES", [replace(search, grids=quick[search.feature]) for search in searches])


@pytest.fixture
def tuned(tmp_path):
    return build_shop(duckmark.build, tmp_path / "tuned.duckdb", tune=1000)


def test_everything_was_tried_and_the_best_is_used(tuned):
    tried = ask(tuned, "SELECT feature, options, quality, is_chosen FROM duckmark.tuning")
    items = {json.loads(options)["slim_l1"]: (quality, chosen) for f, options, quality, chosen in tried if f == "items"}
    assert items[0.1][0] > items[1e9][0]  # the second leaves no weight at all
    assert (items[0.1][1], items[1e9][1]) == (True, False)
    ((settings,),) = ask(tuned, "SELECT value FROM duckmark.settings WHERE name = 'options'")
    ((used,),) = ask(tuned, "SELECT options FROM models WHERE model = 'item_weights'")
    assert json.loads(settings)["slim_l1"] == json.loads(used)["slim_l1"] == 0.1


def test_what_the_user_set_is_not_searched(tuned):
    """The shop's own options name how many neighbours."""
    options = [json.loads(o) for f, o in ask(tuned, "SELECT feature, options FROM duckmark.tuning") if f != "items"]
    assert options == [{}]
    assert ask(tuned, "SELECT DISTINCT json_extract(options, '$.neighbours') FROM models "
                      "WHERE model = 'user_neighbours'") == [("8",)]  # fmt: skip


def test_without_time_the_defaults_are_measured_and_kept(tmp_path):
    path = build_shop(duckmark.build, tmp_path / "quick.duckdb", tune=1e-9)
    assert ask(path, "SELECT count(*), bool_and(is_chosen) FROM duckmark.tuning") == [(2, True)]


def test_what_the_test_slice_holds_changes_nothing(tmp_path):
    """The last fifth of events by time is what the hold-out check tests on."""
    rows = sorted(event_rows(), key=lambda row: row["at"])
    late = rows[int(len(rows) * 0.81) :]
    others = [row if row not in late else {**row, "product_id": "00100", "text": None} for row in rows]
    tables = []
    for name, given in (("one", rows), ("other", others)):
        path = build_shop(duckmark.build, tmp_path / f"{name}.duckdb", tune=1000, events=events(given))
        tables.append(ask(path, "SELECT feature, options, quality FROM duckmark.tuning ORDER BY ALL"))
    assert tables[0] == tables[1]


def test_too_few_users_leave_the_options_as_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(tuning, "FEWEST_USERS", 10_000)
    path = build_shop(duckmark.build, tmp_path / "few.duckdb", tune=5)
    tables = "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'tuning'"
    assert ask(path, tables) == [(0,)]
    assert ask(path, "SELECT value FROM duckmark.settings WHERE name = 'options'") != []
