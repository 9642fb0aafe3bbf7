"""Steps side by side: each as soon as all it waits for is done, as many at a time as there are connections.

DuckDB plans a statement on one core, and of many small ones planning is much; it and numpy let other threads run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Generic, Protocol, TypeVar

import duckdb


class Named(Protocol):
    """What a step is to a schedule, whatever else it is."""

    @property
    def name(self) -> str: ...


Step, Result = TypeVar("Step", bound=Named), TypeVar("Result")
Work = Callable[[duckdb.DuckDBPyConnection], Result]


@dataclass(frozen=True)
class Milestone:
    """Something to be done that steps may wait for, and is none."""

    name: str


def run_ready(
    steps: Collection[Step],
    waits: Mapping[str, Collection[str]],
    connections: Sequence[duckdb.DuckDBPyConnection],
    work: Callable[[Step], Work[Result] | None],
    done: Callable[[Step, Result | None], None],
    seconds: Mapping[str, float],
) -> None:
    """Do the ``work`` of every step, each at a time on a connection of its own.

    ``waits`` names the steps that each waits for; those that are not among ``steps`` count as done. ``work(step)`` is
    asked for once these are done, None where there is nothing to do; what it gives is told to ``done``. Both are
    called in this thread. Of steps that are ready, those come first from which it is longest to the end by the
    ``seconds`` that steps have taken before (critical path first, Graham 1969). An error ends it once what was begun
    has been stopped.
    """
    queue = _Queue(steps, waits, seconds)
    free = list(connections)
    running: dict[Future[Result], tuple[Step, duckdb.DuckDBPyConnection]] = {}
    with ThreadPoolExecutor(len(connections)) as threads:
        try:
            while queue:
                while free and (step := queue.take()):
                    if task := work(step):
                        con = free.pop()
                        running[threads.submit(task, con)] = step, con
                    else:
                        done(step, None)
                        queue.done(step)
                for future in wait(running, return_when=FIRST_COMPLETED).done if running else ():
                    step, con = running.pop(future)
                    free.append(con)
                    done(step, future.result())
                    queue.done(step)
        except BaseException:
            for con in connections:
                con.interrupt()
            raise


class _Queue(Generic[Step]):
    """Which steps are ready."""

    def __init__(
        self, steps: Collection[Step], waits: Mapping[str, Collection[str]], seconds: Mapping[str, float]
    ) -> None:
        self._steps = {step.name: step for step in steps}
        within = {name: self._steps.keys() & set(waits[name]) for name in self._steps}
        self._sorter = TopologicalSorter(within)
        self._to_end = to_end(within, seconds)
        self._ready: list[str] = []
        self._sorter.prepare()

    def __bool__(self) -> bool:
        return self._sorter.is_active()

    def take(self) -> Step | None:
        """The first that may begin; None where none may yet."""
        self._ready += self._sorter.get_ready()
        self._ready.sort(key=lambda name: (-self._to_end[name], name))
        return self._steps[self._ready.pop(0)] if self._ready else None

    def done(self, step: Step) -> None:
        self._sorter.done(step.name)


def to_end(waits: Mapping[str, Collection[str]], seconds: Mapping[str, float]) -> dict[str, float]:
    """From the beginning of each the seconds to the end of all that wait for it in a row, at most; ``waits`` names
    those that each waits for."""
    found: dict[str, float] = dict.fromkeys(waits, 0.0)
    for name in reversed(list(TopologicalSorter(waits).static_order())):
        found[name] += seconds.get(name, 0.0)
        for other in waits[name]:
            found[other] = max(found[other], found[name])
    return found
