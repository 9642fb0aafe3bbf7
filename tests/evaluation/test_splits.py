import duckdb
import pytest

from duckmark.errors import ConfigError
from duckmark.evaluation.splits import PROTOCOLS, inner, splits
from duckmark.evaluation.trial import TABLES, earlier
from duckmark.pipeline import store


def held_out(con, split):
    return {event for (event,) in con.execute(split.held_out, split.parameters).fetchall()}


def test_by_time_nothing_held_out_is_earlier_than_what_is_left(plain):
    (split,) = splits(plain, "time", 5)
    plain.execute("CREATE TEMP TABLE later AS " + split.held_out, split.parameters)
    left, later = plain.execute(
        """
        SELECT
            (SELECT max(happened_at) FROM duckmark.events ANTI JOIN later USING (event_id)),
            (SELECT min(happened_at) FROM duckmark.events SEMI JOIN later USING (event_id))
        """
    ).fetchall()[0]
    assert left < split.split_at == later


def test_the_last_event_of_each_user(plain):
    (split,) = splits(plain, "last", 5)
    events = held_out(plain, split)
    expected = plain.execute("SELECT user_id, max(happened_at) FROM duckmark.events GROUP BY user_id").fetchall()
    found = plain.execute(
        "SELECT user_id, happened_at FROM duckmark.events WHERE list_contains(?, event_id)", [sorted(events)]
    ).fetchall()
    assert sorted(found) == sorted(expected)


def test_folds_hold_each_event_out_once_and_a_pair_together(plain):
    folds = [held_out(plain, split) for split in splits(plain, "folds", 4)]
    everything = plain.execute("SELECT event_id, user_id, product_id FROM duckmark.events").fetchall()
    assert sorted(event for fold in folds for event in fold) == sorted(event for event, _, _ in everything)
    fold_of = {}
    for event, user, product in everything:
        fold = next(number for number, events in enumerate(folds) if event in events)
        assert fold_of.setdefault((user, product), fold) == fold


@pytest.mark.parametrize("kind", PROTOCOLS)
@pytest.mark.parametrize("with_times", [True, False])
def test_what_a_split_leaves_is_split_again_in_the_same_way(plain, kind, with_times):
    if kind == "last" and not with_times:
        pytest.skip("without times there is no last event")
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA duckmark")
        for table in TABLES:
            rows = plain.sql(f"FROM duckmark.{table}").to_arrow_table()
            store(con, f"duckmark.{table}", rows)
        if not with_times:
            con.execute("UPDATE duckmark.events SET happened_at = NULL")
        outer = splits(con, kind, 5)[0]
        gone = held_out(con, outer)
        with earlier(con, outer) as left:
            again = inner(left, outer.kind, 1000)
            slice_ = held_out(left, again)
            everything = {event for (event,) in left.execute("SELECT event_id FROM duckmark.events").fetchall()}
    assert again.kind == outer.kind
    assert not gone & everything
    assert 0 < len(slice_) < len(everything) / 2


@pytest.mark.parametrize(
    ("protocol", "folds", "message"),
    [("lats", 5, "unknown protocol lats; known are time, last, folds"), ("folds", 1, "1 folds: at least 2")],
)
def test_a_protocol_that_is_not_one(plain, protocol, folds, message):
    with pytest.raises(ConfigError, match=message):
        splits(plain, protocol, folds)
