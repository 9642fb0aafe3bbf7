"""Memory of each thread for what lives as long as one tile."""

from __future__ import annotations

import threading

import numpy as np

KEPT = 1 << 21  # numbers, 8 MiB
_thread = threading.local()


def scratch(rows: int, columns: int) -> np.ndarray:
    """float32 (rows, columns) that hold anything, and only until the thread asks again.

    To be given new pages takes longer than to fill them with a short product, so some are kept.
    """
    size = rows * columns
    if size > KEPT:
        return np.empty((rows, columns), np.float32)
    if not hasattr(_thread, "kept"):
        _thread.kept = np.empty(KEPT, np.float32)
    return _thread.kept[:size].reshape(rows, columns)
