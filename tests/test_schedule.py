"""Steps side by side: in an order that each can rely on, as many at a time as there are connections."""

import threading
from contextlib import ExitStack

import duckdb
import pytest

from duckmark.schedule import run_ready, to_end
from duckmark.sqlfiles import parse_step

WAITS = {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"], "e": [], "f": ["elsewhere", "e"]}
STEPS = [parse_step(f"-- A row.\nCREATE VIEW {name} AS SELECT 1 AS x;", "s.sql", "profile") for name in WAITS]


@pytest.fixture(params=[1, 2, 4])
def connections(request):
    with ExitStack() as opened:
        con = opened.enter_context(duckdb.connect())
        yield [opened.enter_context(con.cursor()) for _ in range(request.param)]


class Watched:
    """What ran when, and beside what."""

    def __init__(self, idle=()):
        self.idle, self.asked, self.told, self.running, self.beside = idle, [], {}, set(), []
        self._lock = threading.Lock()

    def work(self, step):
        assert all(name in self.told for name in WAITS[step.name] if name in WAITS)
        self.asked.append(step.name)
        return None if step.name in self.idle else lambda con: self._run(step.name, con)

    def _run(self, name, con):
        with self._lock:
            self.running.add((name, id(con)))
            self.beside.append(set(self.running))
        answer = con.execute("SELECT sum(i) FROM range(100000) AS r (i)").fetchall()[0][0]
        with self._lock:
            self.running.discard((name, id(con)))
        return name, int(answer)

    def done(self, step, result):
        self.told[step.name] = result


def test_every_step_runs_once_after_those_that_it_waits_for(connections):
    seen = Watched(idle=["c", "f"])
    run_ready(STEPS, WAITS, connections, seen.work, seen.done, {})
    assert sorted(seen.asked) == sorted(WAITS)
    assert seen.told == {name: None if name in seen.idle else (name, 4999950000) for name in WAITS}
    for running in seen.beside:
        assert len({cursor for _, cursor in running}) == len(running) <= len(connections)


def test_steps_that_do_not_wait_for_each_other_run_at_a_time():
    """Each waits for the other to have begun."""
    both = threading.Barrier(2)
    with duckdb.connect() as con, con.cursor() as cursor:
        run_ready(STEPS[1:3], WAITS, [con, cursor], lambda step: lambda _: both.wait(60), lambda *_: None, {})


def test_the_longest_way_to_the_end_goes_first():
    with duckdb.connect() as con:
        for seconds, first in (({"e": 1.0}, "e"), ({"e": 1.0, "b": 0.5, "d": 0.6}, "a")):
            seen = Watched()
            run_ready(STEPS, WAITS, [con], seen.work, seen.done, seconds)
            assert seen.asked[0] == first
    waits = {name: [other for other in others if other in WAITS] for name, others in WAITS.items()}
    assert to_end(waits, {"a": 1.0, "c": 2.0, "d": 4.0}) == {"a": 7.0, "b": 4.0, "c": 6.0, "d": 4.0, "e": 0.0, "f": 0.0}


def test_an_error_ends_it(connections):
    def work(step):
        return (lambda con: con.execute("SELECT broken")) if step.name == "a" else lambda con: None

    told = []
    with pytest.raises(duckdb.BinderException, match="broken"):
        run_ready(STEPS, WAITS, connections, work, lambda step, _: told.append(step.name), {})
    assert not {"a", "b", "c", "d"}.intersection(told)
