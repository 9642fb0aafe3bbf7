"""numpy's BLAS: its threads, and whether it knows the machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import threadpoolctl

_lock = threading.Lock()
_inside = 0
_limiter: object = None


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """numpy's BLAS with one thread for as long as any caller is inside, on whatever thread of the process.

    The limit holds for the whole process, so only the first caller sets it and only the last one lifts it.
    """
    global _inside, _limiter
    with _lock:
        _inside += 1
        if _inside == 1:
            _limiter = numpy_blas().limit(limits=1)
            _leave_control()
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _limiter.restore_original_limits()
                _leave_control()


def _leave_control() -> None:
    """Let any thread set the limit next: threadpoolctl 3.8 and later ignore all threads but the one that first did."""
    controller = getattr(threadpoolctl, "OpenBLASController", None)
    if hasattr(controller, "clear_controlling_thread"):
        controller.clear_controlling_thread()


@cache
def numpy_blas() -> threadpoolctl.ThreadpoolController:
    """numpy's own BLAS, or all that are loaded where it does not come with numpy."""
    blas = threadpoolctl.ThreadpoolController().select(user_api="blas")
    own = [library.filepath for library in blas.lib_controllers if "numpy" in library.filepath]
    return blas.select(filepath=own) if own else blas
