import contextlib
from itertools import islice

import duckdb
import pytest

from duckmark.evaluation import slices
from duckmark.evaluation.splits import splits
from duckmark.evaluation.trial import TABLES
from duckmark.pipeline import store
from tests.evaluation.test_splits import held_out


def events(con):
    return {event for (event,) in con.execute("SELECT event_id FROM duckmark.events").fetchall()}


@pytest.mark.parametrize("protocol", ["time", "folds"])
@pytest.mark.parametrize("with_times", [True, False])
def test_no_slice_holds_what_is_tested_on_nor_what_another_does(plain, protocol, with_times):
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA duckmark")
        for table in TABLES:
            store(con, f"duckmark.{table}", plain.sql(f"FROM duckmark.{table}").to_arrow_table())
        if not with_times:
            con.execute("UPDATE duckmark.events SET happened_at = NULL")
        tested = held_out(con, splits(con, protocol, 5)[0])
        seen, rolls = set(), protocol == "time" and with_times
        with contextlib.closing(slices.slices(con, protocol)) as each:
            for before, split in islice(each, 4):
                part, whole = held_out(before, split), events(before)
                assert set() < part < whole
                assert part.isdisjoint(seen)
                assert whole.isdisjoint(tested | seen if rolls else tested)
                seen |= part
        assert rolls or seen | tested == events(con)


@pytest.mark.parametrize(("users", "expected"), [(10, 4), (800, 2), (5000, 1)])
def test_slices_are_added_until_there_are_enough_users(plain, users, expected):
    with slices.tried_on(plain, "time", lambda stack, con, split: events(con), lambda part: users) as parts:
        assert len(parts) == expected
        assert parts == sorted(parts, key=len, reverse=True)
