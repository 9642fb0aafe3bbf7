"""Which events are held out, by a protocol that anyone can repeat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import duckdb

from duckmark.errors import ConfigError

PROTOCOLS = {
    "time": "trained on the first 80 percent of events by time, tested on the rest",
    "last": "each user's last event held out",
    "folds": "each user's products in {folds} parts, each held out once",
}
FOLDS = 5  # of a build and of what options are chosen by
FEWEST_TO_ASK = 150  # users of whom a fold is held out to learn from
NO_TIMES = "a fifth of each user's products held out, as the events have no times"


@dataclass(frozen=True)
class Split:
    """Events to hold out: ``held_out`` is a query of their event_ids, with ``parameters`` bound; ``kind`` is one of
    PROTOCOLS."""

    protocol: str
    held_out: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    split_at: datetime | None = None
    kind: str = "time"


def splits(con: duckdb.DuckDBPyConnection, protocol: str, folds: int) -> list[Split]:
    """The splits of a protocol: one, or ``folds`` of them. Without times, `time` takes one of five folds.

    Raises ConfigError on an unknown protocol, fewer than two folds, or `last` without times.
    """
    if protocol not in PROTOCOLS:
        raise ConfigError(f"unknown protocol {protocol}; known are {', '.join(PROTOCOLS)}")
    if folds < 2:
        raise ConfigError(f"{folds} folds: at least 2 are needed")
    split_at = con.execute(
        "SELECT quantile_disc(happened_at, 0.8) FROM duckmark.events WHERE user_id IS NOT NULL"
    ).fetchall()[0][0]
    if protocol == "folds":
        return [_fold(PROTOCOLS["folds"].format(folds=folds), fold, folds) for fold in range(folds)]
    if split_at is None and protocol == "last":
        raise ConfigError("the events have no times, so there is no last one: take --protocol folds")
    if split_at is None:
        return [_fold(NO_TIMES, _first_fold(con), 5)]
    return [_after(split_at) if protocol == "time" else _last()]


def inner(con: duckdb.DuckDBPyConnection, kind: str, users: int) -> Split:
    """How the events that a split of ``kind`` has left are split again, so that a model learns what it is tested on.

    A fold is held out of at most ``users``, and of a third of all where that is enough: what is learned of them is
    then learned beside evidence nearly as dense as that which it will weigh.
    """
    if kind != "folds":
        return splits(con, kind, 5)[0]
    fold = _fold(PROTOCOLS["folds"].format(folds=5), _first_fold(con), 5)
    some = """
        SELECT user_id
        FROM duckmark.events
        WHERE user_id IS NOT NULL
        GROUP BY user_id
        ORDER BY md5(user_id), user_id
        LIMIT $users
    """
    known = con.execute("SELECT count(DISTINCT user_id) FROM duckmark.events").fetchall()[0][0]
    held_out = f"{fold.held_out} AND user_id IN ({some})"
    few = min(users, max(known // 3, FEWEST_TO_ASK))
    return replace(fold, held_out=held_out, parameters={**fold.parameters, "users": few})


def _first_fold(con: duckdb.DuckDBPyConnection) -> int:
    """The first of five folds that there is: of a shop without a fold, another one is to be held out."""
    query = "SELECT min(md5_number_lower(concat(user_id, ' ', product_id)) % 5) FROM duckmark.events"
    return con.execute(query).fetchall()[0][0] or 0


def _after(split_at: datetime) -> Split:
    query = "SELECT event_id FROM duckmark.events WHERE happened_at >= $split_at"
    return Split(PROTOCOLS["time"], query, {"split_at": split_at}, split_at)


def _last() -> Split:
    query = """
        SELECT event_id
        FROM duckmark.events
        QUALIFY row_number() OVER (PARTITION BY user_id ORDER BY happened_at DESC NULLS LAST, event_id DESC) = 1
    """
    return Split(PROTOCOLS["last"], query, kind="last")


def _fold(protocol: str, fold: int, folds: int) -> Split:
    query = """
        SELECT event_id
        FROM duckmark.events
        WHERE md5_number_lower(concat(user_id, ' ', product_id)) % $folds = $fold
    """
    return Split(protocol, query, {"folds": folds, "fold": fold}, kind="folds")
