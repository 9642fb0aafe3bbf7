"""Work on blocks of rows, a block a thread."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from threading import Lock
from typing import TypeVar

import numpy as np

from duckmark.kernels.blas import one_blas_thread
from duckmark.kernels.joint import taken
from duckmark.kernels.ranking import block_length

Part, Result = TypeVar("Part"), TypeVar("Result")
MOST_THREADS = 8  # each holds a few blocks, so that memory is bounded on large machines too


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


WORKERS = min(cores(), MOST_THREADS)
FEWEST = 64  # rows of a block where that leaves a thread without one
CELLS = 1 << 20  # of a block: few enough to stay in a core's cache, enough to be worth a call


def in_blocks(work: Callable[[slice], Result], rows: int, columns: int, cells: int = CELLS) -> list[Result]:
    """``work`` on slices of ``rows`` whose blocks of ``columns`` stay near ``cells``, in the order of the rows."""
    step = min(block_length(columns, cells), max(FEWEST, -(-rows // (2 * WORKERS))))
    return side_by_side(work, [slice(start, min(start + step, rows)) for start in range(0, rows, step)])


def cut(rows: int, pieces: int) -> list[slice]:
    """``pieces`` slices of ``rows`` of nearly the same length; fewer where one would be empty."""
    bounds = np.unique(np.linspace(0, rows, pieces + 1).astype(int)).tolist()
    return [slice(start, end) for start, end in pairwise(bounds)]


@contextmanager
def threads() -> Iterator[Callable[[Callable[[Part], Result], Sequence[Part]], list[Result]]]:
    """`side_by_side` for work of many short rounds: BLAS is limited once for them all."""
    with one_blas_thread():
        yield side_by_side


def side_by_side(work: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
    """``work`` on each of ``parts``, in their order.

    numpy and scipy let go of the interpreter in what is heavy, so parts run side by side. Each calls BLAS with
    one thread: on parts of this size its own threads wait for each other for longer than they work.
    """
    if min(WORKERS, len(parts)) < 2:
        return [work(part) for part in parts]
    with one_blas_thread():
        return _shared(work, parts)


def _shared(work: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
    """The caller and what helpers are free take part after part: a future a part costs more than short parts."""
    waiting, results = deque(enumerate(parts)), [None] * len(parts)

    def take_turns(more: Callable[[], bool]) -> None:
        for place, part in taken(waiting, more):
            results[place] = work(part)

    with _callers.one_more():
        helping = [_helpers().submit(take_turns, _callers.leave_a_core) for _ in range(min(WORKERS, len(parts)) - 1)]
        try:
            take_turns(lambda: True)
        finally:
            waiting.clear()
            called = [helper for helper in helping if not helper.cancel()]
        for helper in called:
            helper.result()
    return results


class _Callers:
    """How many threads of others, as DuckDB's, are at work here: for each of them a helper stands back."""

    def __init__(self) -> None:
        self._count, self._lock = 0, Lock()

    @contextmanager
    def one_more(self) -> Iterator[None]:
        self._change(1)
        try:
            yield
        finally:
            self._change(-1)

    def leave_a_core(self) -> bool:
        return self._count < WORKERS

    def _change(self, by: int) -> None:
        with self._lock:
            self._count += by


_callers = _Callers()


@cache
def _helpers() -> ThreadPoolExecutor:
    """The helping threads of the process, whoever calls."""
    return ThreadPoolExecutor(WORKERS - 1, "duckmark")


os.register_at_fork(after_in_child=_helpers.cache_clear)  # threads do not live on in a forked process


def joined(parts: Sequence[tuple[np.ndarray, ...]], dtype: type) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Flat (row, column, value) blocks as one; of no blocks nothing, the values of ``dtype``."""
    nothing = (np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0, dtype))
    return tuple(np.concatenate(flat) for flat in zip(nothing, *parts, strict=True))
