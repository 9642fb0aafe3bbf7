"""Some of a shop's users, and the rows of any relation that are theirs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import duckdb

from duckmark.sqltext import literal


class UserRange(NamedTuple):
    """Users from ``first`` to ``last`` in the order of their ids."""

    first: str
    last: str

    def of(self, relation: str) -> str:
        """The part of a relation that is theirs, as a relation."""
        return f"(SELECT * FROM {relation} WHERE user_id BETWEEN {literal(self.first)} AND {literal(self.last)})"


@dataclass(frozen=True)
class Listed:
    """The users that a relation ``named``, or a query in brackets, lists."""

    named: str

    def of(self, relation: str) -> str:
        """The part of a relation that is theirs, as a relation."""
        return f"(SELECT * FROM {relation} SEMI JOIN {self.named} USING (user_id))"


def drawn(relation: str, parts: int) -> str:
    """A query of one in so many users of a relation, by the md5 sums of their ids: whoever else comes or goes."""
    return f"SELECT DISTINCT user_id FROM {relation} WHERE md5_number_lower(user_id) % {parts} = 0"


def user_ranges(con: duckdb.DuckDBPyConnection, relation: str, rows: int) -> list[UserRange]:
    """Ranges of users that have about so many ``rows`` of a relation each."""
    found = con.execute(
        f"""
        SELECT min(user_id), max(user_id)
        FROM (
            SELECT user_id, sum(count(*)) OVER (ORDER BY user_id) // ? AS part
            FROM {relation}
            WHERE user_id IS NOT NULL
            GROUP BY user_id
        )
        GROUP BY part
        ORDER BY part
        """,
        [rows],
    ).fetchall()
    return [UserRange(*row) for row in found]


@contextmanager
def at_most(con: duckdb.DuckDBPyConnection, relation: str, most: int) -> Iterator[str]:
    """``relation``; or, where it has more than about ``most`` rows, a temporary table of those of the users drawn, one
    in so many."""
    number = con.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0]
    parts = -(-number // most)
    if parts <= 1:
        yield relation
        return
    con.execute(f"CREATE TEMP TABLE _dm_some AS FROM {Listed(f'({drawn(relation, parts)})').of(relation)}")
    try:
        yield "_dm_some"
    finally:
        con.execute("DROP TABLE temp._dm_some")
