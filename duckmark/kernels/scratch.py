"""Memory of each thread for what lives as long as one tile."""

from __future__ import annotations

import threading
from collections import deque

import numpy as np

KEPT = 1 << 22  # numbers, 16 MiB, of which only what is asked for is ever filled
_thread = threading.local()
_free: deque[np.ndarray] = deque(maxlen=8)  # of threads that ended


class _Kept:
    """A thread's memory, which goes to the next thread after it: each time that a thread of DuckDB's calls a function
    in SQL, it is a new one to Python."""

    def __init__(self) -> None:
        try:
            self.numbers = _free.pop()
        except IndexError:
            self.numbers = np.empty(KEPT, np.float32)

    def __del__(self, free: deque[np.ndarray] = _free) -> None:
        free.append(self.numbers)


def scratch(rows: int, columns: int) -> np.ndarray:
    """float32 (rows, columns) that hold anything, and only until the thread asks again.

    To be given new pages takes longer than to fill them with a short product, so some are kept.
    """
    size = rows * columns
    if size > KEPT:
        return np.empty((rows, columns), np.float32)
    if not hasattr(_thread, "kept"):
        _thread.kept = _Kept()
    return _thread.kept.numbers[:size].reshape(rows, columns)
