"""One build, refresh or evaluation of a file at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from duckmark.errors import DatabaseError

try:
    import fcntl
except ImportError:  # another system than Unix: there DuckDB's lock on what is being made is all there is
    fcntl = None

SUFFIX = ".duckmark-lock"


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold off whoever else would make ``path`` anew, by a lock on a file beside it. The system lets go of it when the
    process ends, however it does. Raises DatabaseError where another holds it, or nothing can be written there."""
    if fcntl is None:
        yield
        return
    lock = path.with_name(path.name + SUFFIX)
    held = _locked(path, lock)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)  # while it is held: who opened it before finds it gone once they have it
        os.close(held)


def _locked(path: Path, lock: Path) -> int:
    """A descriptor of the file ``lock`` that is there and locked."""
    while True:
        try:
            held = os.open(lock, os.O_CREAT | os.O_RDWR, 0o666)
        except OSError as error:
            raise DatabaseError.writing(path, error.strerror) from None
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(held), lock.stat()):
                return held
        except FileNotFoundError:  # who held it has removed it
            pass
        except OSError as error:
            os.close(held)
            if isinstance(error, BlockingIOError):
                raise DatabaseError(f"{path}: another build of it is running; wait for it to end") from None
            raise DatabaseError.writing(path, error.strerror) from None
        os.close(held)
