"""What the pipeline is made of: relations and macros written in SQL, and models trained in Python."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from hashlib import md5
from typing import Any

import duckdb
import pyarrow as pa

STAGES = ("functions", "collect", "profile", "recommend", "feedback", "report")


def sql_kind(kind: str) -> str:
    """What COMMENT ON and DROP call a step's kind."""
    return {"table macro": "MACRO TABLE"}.get(kind, kind.upper())


@dataclass(frozen=True)
class SqlStep:
    """One statement of ``sql/``: the table, view or macro ``name`` (``duckmark.x`` for internals, ``x`` for public).

    ``body`` is the query (or a scalar macro's expression) after AS and ``statement`` the whole CREATE.
    ``key`` names the columns by which a refresh may recompute single rows; ``update`` says what a refresh does
    with a table: ``rows`` (those of touched keys), ``append``, ``keep`` (it is part of a trained model) or
    ``whole``. ``model`` is the name under which `models` gives account of a table that is a model by itself.
    ``compression`` is that of a table which is read or written faster by it than by DuckDB's choice: ``uncompressed``
    where it is scanned whole, as to read compressed vectors takes longer than to multiply them, ``dictionary`` (of its
    text) where many rows have few ids: they are joined by these, and DuckDB need not try at every refresh what else
    would do.
    ``primary_key`` names the column of a table by which any client looks up a few of its rows: DuckDB then reads these
    by their index, alone, and nothing around them.
    ``parts`` marks a table of users with events, whose rows come of their own user's alone and stand in the order of
    users: in a large shop it is made a range of users at a time, so that sorts and groups fit into memory.
    ``feedback`` marks a table of events whose rows come of those alone that carry a text or a rating: a refresh that
    touches none leaves it as it is.
    ``settled`` marks a scalar macro of the shop as it stands: its expression is worked out when it is made, and the
    file holds what came of it. `query_table` takes it to choose a relation by name, and plans no other.
    ``length`` marks a scalar macro that casts to the array type FLOAT[1], and names the column of a trained model's
    table whose lists are as long as the arrays are to be: the file holds their length in its place.
    What of this a step of the analyst's has of the one that it replaces is told in ``sqlfiles.INHERITED``.
    """

    name: str
    kind: str  # table, view, macro, table macro
    stage: str
    path: str
    line: int
    summary: str
    statement: str
    body: str
    reads: Mapping[str, int]  # relation or macro -> line where it is first named
    key: tuple[str, ...] = ()
    update: str = "whole"
    model: str | None = None
    compression: str | None = None
    primary_key: str | None = None
    parts: bool = False
    feedback: bool = False
    settled: bool = False
    length: str | None = None

    @property
    def writes(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def where(self) -> str:
        return f"{self.path}:{self.line}"

    @property
    def digest(self) -> str:
        """What tells its statement from another, whatever its comment says."""
        return md5(self.statement.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Trained:
    """What a model leaves behind: its tables by name, the rows it saw, and what is worth knowing about it.

    ``blocks`` gives more of the tables, part by part, where they are too large to be held at once.
    ``note`` is what whoever uses it must know, told as the reason in `models`.
    """

    tables: Mapping[str, pa.Table]
    rows: int
    options: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    blocks: Iterable[Mapping[str, pa.Table]] = ()
    note: str | None = None


class Skipped(Exception):
    """Raised by a model that cannot be trained on this shop's data; its message is the reason given in `models`."""


Inputs = Mapping[str, str]
Options = Mapping[str, Any]


@dataclass(frozen=True)
class Model:
    """One model trained in Python, or one pass of a trained model over its data.

    ``reads`` names its input relations; ``writes`` maps the tables it fills to their columns as DDL, so that
    they exist, empty, where it is skipped. ``train(con, inputs, options)`` reads each input as
    ``FROM {inputs[name]}``: the relation itself, or on a refresh the part of it that was touched.
    ``update``, ``key`` and ``compression`` are as in SqlStep: a trained model is kept by a refresh, a pass over rows is
    redone for the touched keys, and one that is ``own`` brings its own ``refresh(con, options)``, which may read the
    temporary relations ``touched_users``, ``due_users``, ``touched_products`` and ``touched_events``, takes out of its
    tables what no longer holds, and gives the rows that do.
    ``beside`` is another way to train it, of which a build makes use once the relations ``given`` are made: it begins
    while later steps run, and what it gives waits for the end; None where the model is to be trained in its turn.
    """

    name: str
    kind: str
    stage: str
    reads: tuple[str, ...]
    writes: Mapping[str, str]
    train: Callable[[duckdb.DuckDBPyConnection, Inputs, Options], Trained]
    update: str = "keep"
    key: tuple[str, ...] = ()
    compression: str | None = None
    refresh: Callable[[duckdb.DuckDBPyConnection, Options], Trained] | None = None
    beside: Callable[[duckdb.DuckDBPyConnection, Options], Waiting] | None = None
    given: frozenset[str] = frozenset()
    feedback: bool = False

    @property
    def summary(self) -> str:
        return (self.train.__doc__ or "").strip().split("\n")[0]

    @property
    def where(self) -> str:
        return f"model {self.name}"


@dataclass(frozen=True)
class Rehearsal:
    """A model that trains steps before it again, on a part of the shop, and sees how they do on the rest.

    ``towards`` names the relations that those steps are to lead to, ``given`` those that they find made.
    ``train(steps, needs, con, inputs, options)`` and ``beside(steps, needs, con, options)`` are as in Model, given the
    steps in order, and what each relation is made of. All else is as in Model, which it is made once the steps before
    it are known.
    """

    name: str
    kind: str
    stage: str
    reads: tuple[str, ...]
    writes: Mapping[str, str]
    train: Callable[[list[Step], Needs, duckdb.DuckDBPyConnection, Inputs, Options], Trained]
    towards: tuple[str, ...]
    given: frozenset[str]
    beside: Callable[[list[Step], Needs, duckdb.DuckDBPyConnection, Options], Waiting] | None = None

    def model(self, steps: list[Step], needs: Needs) -> Model:
        """The step of the build that rehearses ``steps``."""
        train = partial(self.train, steps, needs)
        train.__doc__ = self.train.__doc__
        beside = partial(self.beside, steps, needs) if self.beside else None
        own = {"beside": beside, "given": self.given}
        return Model(self.name, self.kind, self.stage, self.reads, self.writes, train, **own)


Needs = Mapping[str, Collection[str]]
Waiting = AbstractContextManager[Callable[[], Trained] | None]
Step = SqlStep | Model
