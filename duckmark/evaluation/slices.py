"""The slices of events to choose options by: not one of them holds what is tested on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import islice
from typing import TypeVar

import duckdb

from duckmark.evaluation.splits import FOLDS, Split, splits
from duckmark.evaluation.trial import earlier

ENOUGH_USERS = 1500  # tested by the slices together, so that close options do not change places by chance
MOST_SLICES = 4

T = TypeVar("T")


def slices(con: duckdb.DuckDBPyConnection, protocol: str) -> Iterator[tuple[duckdb.DuckDBPyConnection, Split]]:
    """What a test by ``protocol`` leaves of the shop in ``con``, and how to split it again: way after way.

    Of folds, each of the others is held out in turn. By time, first the last fifth of the events left, then the last
    fifth of those before, and so on without end, which is rolling-origin evaluation (Tashman 2000). All shops are open
    until this is closed.
    """
    test = splits(con, protocol, FOLDS)[0]
    with earlier(con, test) as before:
        if test.kind == "folds":
            others = splits(before, "folds", FOLDS)
            yield from ((before, each) for each in others if each.parameters["fold"] != test.parameters["fold"])
        else:
            yield before, splits(before, protocol, FOLDS)[0]
            yield from slices(before, protocol)


@contextmanager
def tried_on(
    con: duckdb.DuckDBPyConnection,
    protocol: str,
    trial: Callable[[ExitStack, duckdb.DuckDBPyConnection, Split], T],
    tested: Callable[[T], int],
) -> Iterator[list[T]]:
    """What ``trial`` makes of as many slices as there must be for ``ENOUGH_USERS`` to be ``tested`` in them, but of no
    more than ``MOST_SLICES``. What it enters into the stack is left in the end."""
    with ExitStack() as stack, closing(slices(con, protocol)) as each:
        made: list[T] = []
        for before, split in islice(each, MOST_SLICES):
            made.append(trial(stack, before, split))
            if sum(map(tested, made)) >= ENOUGH_USERS:
                break
        yield made
