import pytest

from duckmark.errors import ConfigError
from duckmark.evaluation.splits import splits


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


@pytest.mark.parametrize(
    ("protocol", "folds", "message"),
    [("lats", 5, "unknown protocol lats; known are time, last, folds"), ("folds", 1, "1 folds: at least 2")],
)
def test_a_protocol_that_is_not_one(plain, protocol, folds, message):
    with pytest.raises(ConfigError, match=message):
        splits(plain, protocol, folds)
