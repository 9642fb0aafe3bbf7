"""Work on blocks of rows, a block a thread."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from duckmark.kernels.ranking import block_length

Part, Result = TypeVar("Part"), TypeVar("Result")
MOST_THREADS = 8  # each holds a few blocks, so that memory is bounded on large machines too
FEWEST = 64  # rows of a block where that leaves a thread without one
CELLS = 1 << 20  # of a block: few enough to stay in a core's cache, enough to be worth a call


def in_blocks(work: Callable[[slice], Result], rows: int, columns: int, cells: int = CELLS) -> list[Result]:
    """``work`` on slices of ``rows`` whose blocks of ``columns`` stay near ``cells``, in the order of the rows."""
    cores = min(os.cpu_count() or 1, MOST_THREADS)
    step = min(block_length(columns, cells), max(FEWEST, -(-rows // (2 * cores))))
    return side_by_side(work, [slice(start, min(start + step, rows)) for start in range(0, rows, step)])


def side_by_side(work: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
    """``work`` on each of ``parts``, in their order."""
    with threads(len(parts)) as run:
        return run(work, parts)


@contextmanager
def threads(most: int = MOST_THREADS) -> Iterator[Callable[[Callable[[Part], Result], Sequence[Part]], list[Result]]]:
    """`side_by_side` on threads that stay: for work of many short rounds.

    numpy and scipy let go of the interpreter in what is heavy, so parts run side by side. Each calls BLAS with
    one thread: on parts of this size its own threads wait for each other for longer than they work.
    """
    workers = min(os.cpu_count() or 1, MOST_THREADS, most)
    if workers < 2:
        yield lambda work, parts: [work(part) for part in parts]
        return
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(workers - 1) as pool:
        yield lambda work, parts: _shared(pool, workers - 1, work, parts)


def _shared(
    pool: ThreadPoolExecutor, helpers: int, work: Callable[[Part], Result], parts: Sequence[Part]
) -> list[Result]:
    """The caller and ``helpers`` of the ``pool`` take part after part: a future a part costs more than short parts."""
    waiting, results = deque(enumerate(parts)), [None] * len(parts)

    def take_turns() -> None:
        while waiting:
            try:
                place, part = waiting.popleft()
            except IndexError:  # another thread took the last one
                return
            results[place] = work(part)

    helping = [pool.submit(take_turns) for _ in range(helpers)]
    try:
        take_turns()
    except BaseException:
        waiting.clear()
        raise
    for helper in helping:
        helper.result()
    return results


def joined(parts: Sequence[tuple[np.ndarray, ...]], dtype: type) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Flat (row, column, value) blocks as one; of no blocks nothing, the values of ``dtype``."""
    nothing = (np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0, dtype))
    return tuple(np.concatenate(flat) for flat in zip(nothing, *parts, strict=True))
