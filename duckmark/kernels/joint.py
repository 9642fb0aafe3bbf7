"""Work that a thread begins and others join in, so that none waits for the last one to be done."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from threading import Condition
from typing import TypeVar

Part = TypeVar("Part")


class Joint:
    """Parts that one thread shares out and any number of others may join in, as a context of the one that does.

    A context that is left without having shared anything, as where it fails, keeps nobody waiting.
    """

    def __init__(self) -> None:
        self._work: Callable[[object], object] | None = None
        self._waiting: deque | None = None
        self._at_work, self._change = 0, Condition()

    def share(self, work: Callable[[Part], object], parts: Iterable[Part]) -> None:
        """``work`` on each of ``parts``, done by the caller and whoever joins in, until all are done."""
        with self._change:
            self._work, self._waiting = work, deque(parts)
            self._change.notify_all()
        self.join()
        with self._change:
            self._change.wait_for(lambda: not self._at_work)
            self._work = None

    def join(self) -> None:
        """Wait until there are parts, and take one after another until none is left."""
        with self._change:
            self._change.wait_for(lambda: self._waiting is not None)
            work = self._work
            self._at_work += 1
        try:
            for part in taken(self._waiting):
                work(part)
        finally:
            with self._change:
                self._at_work -= 1
                self._change.notify_all()

    def __enter__(self) -> Joint:
        return self

    def __exit__(self, *error: object) -> None:
        with self._change:
            self._waiting = self._waiting or deque()
            self._change.notify_all()


def taken(waiting: deque[Part], more: Callable[[], bool] = lambda: True) -> Iterator[Part]:
    """What is ``waiting``, from which other threads take as well, for as long as one may take ``more``."""
    while waiting and more():
        try:
            part = waiting.popleft()
        except IndexError:  # another thread took the last one
            return
        yield part
