"""Whom and what new events touch: tables of keys in memory, by which a refresh restricts its steps."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import duckdb

from duckmark.restrict import restricted_relation
from duckmark.steps import Step

NEWEST = "(SELECT max(source_id) FROM duckmark.sources) * (1::BIGINT << 40)"
Key = tuple[str, ...]
TABLES: dict[Key, str] = {
    ("user_id",): "touched_users",
    ("product_id",): "touched_products",
    ("user_id", "product_id"): "touched_pairs",
    ("event_id",): "touched_events",
}
DUE: Key = ()  # stands for the key of users when it is those that are due
SETTLED = (("user_id", "product_id"), ("event_id",))  # keys whose tables hold from the beginning what was touched
# They stand in a database of their own, where all connections see them, each through a temporary view.
SHARED = "memory.main"
CREATED = (
    *TABLES.values(),
    "touched_raw_events",
    "turn",
    "products_before",
    "changed_products",
    "due_users",
)
FEEDBACK = "text IS NOT NULL OR rating IS NOT NULL"
MOST_TURNS, FEWEST_IN_TURN = 64, 250


class Touched:
    """The tables of keys that were touched, and which of them a step is to be restricted by.

    Most steps take the key as it stands in ``TABLES``. What is made of neighbours' lists is also made anew for users
    whose turn it is (``due_users``), and what is made of the descriptions and reviews of products for those alone of
    which these have changed (``changed_products``). The raw events that were touched are held as they are
    (``touched_raw_events``): they are few, and to find them takes a pass over all.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        """From the rows of ``raw_events`` that the newest source brought, all else being as it was."""
        self._con = con
        self._of_neighbours = {"duckmark.user_neighbours"}
        self._of_descriptions = {"duckmark.products", "duckmark.reviews"}
        self._create(
            "touched_pairs",
            f"SELECT DISTINCT user_id, product_id FROM duckmark.raw_events WHERE event_id >= {NEWEST}",
        )
        for key in ("user", "product"):
            self._create(f"touched_{key}s", f"SELECT DISTINCT {key}_id FROM touched_pairs")
        self._note_events()
        self._note_turn()
        touched = restricted_relation("duckmark.products", "touched_products", ("product_id",))
        self._create("products_before", f"FROM {touched}")
        self._create("changed_products", "SELECT product_id FROM touched_products LIMIT 0")
        self._create("due_users", "SELECT user_id FROM touched_users LIMIT 0")

    def _create(self, name: str, query: str) -> None:
        self._con.execute(f"CREATE TABLE {SHARED}.{name} AS {query}")
        show(self._con, [name])

    def _note_events(self) -> None:
        """Events are cleaned per user and product, so that no other pair's change: DuckDB looks for one key while it
        reads, and so for users first. Of those without a user or a product only copies are sought, so that no other but
        such as agree with a new one change: first in time, which DuckDB knows of rows that it need not read."""
        lone = "(user_id IS NULL OR product_id IS NULL)"
        alike = "hash(user_id, product_id, happened_at, order_id)"
        new = f"FROM duckmark.raw_events WHERE event_id >= {NEWEST} AND {lone}"
        copies = f"FROM duckmark.raw_events WHERE {lone} AND {alike} IN (SELECT {alike} {new})"
        self._create(
            "touched_raw_events",
            f"""
            FROM duckmark.raw_events
            SEMI JOIN touched_users USING (user_id)
            SEMI JOIN touched_pairs USING (user_id, product_id)
            UNION ALL
            {copies} AND happened_at IN (SELECT happened_at {new})
            UNION ALL
            {copies} AND happened_at IS NULL
            """,
        )
        self._create("touched_events", "SELECT event_id FROM touched_raw_events")

    @cached_property
    def has_feedback(self) -> bool:
        """Whether a touched event carries a text or a rating."""
        return bool(self._con.execute(f"SELECT 1 FROM touched_raw_events WHERE {FEEDBACK} LIMIT 1").fetchall())

    def _note_turn(self) -> None:
        """Beside the touched users one in so many others are due for each day of new events, in turn: their neighbours
        and recommendations move a little with each day's events, though they did nothing themselves. Those of a turn
        are neighbours in the order of ids, so that their rows stand together."""
        users, days = self._con.execute(
            f"""
            SELECT
                (SELECT count(*) FROM duckmark.users),
                count(DISTINCT CAST(happened_at AS DATE))
            FROM duckmark.raw_events
            WHERE event_id >= {NEWEST}
            """
        ).fetchall()[0]
        parts = turns(users)
        due = min(max(days, 1), parts)
        self._share = due / parts
        self._create(
            "turn",
            f"""
            SELECT min(user_id) AS first, max(user_id) AS last
            FROM (SELECT user_id, ntile({parts}) OVER (ORDER BY user_id) - 1 AS part FROM duckmark.users)
            WHERE (part + {parts} - (SELECT max(source_id) FROM duckmark.sources) * {due} % {parts}) % {parts} < {due}
            GROUP BY part
            """,
        )

    def shares(self) -> dict[Key, float]:
        """What part of all users, products and events is touched, and of users about the part that is due, by key."""
        users, products, events = self._con.execute(
            """
            SELECT
                (SELECT count(*) FROM touched_users) / greatest((SELECT count(*) FROM duckmark.users), 1),
                (SELECT count(*) FROM touched_products) / greatest((SELECT count(*) FROM duckmark.products), 1),
                (SELECT count(*) FROM touched_events) / greatest((SELECT count(*) FROM duckmark.raw_events), 1)
            """
        ).fetchall()[0]
        of_events = dict.fromkeys(SETTLED, events)
        return {("user_id",): users, ("product_id",): products, **of_events, DUE: users + self._share}

    def table(self, step: Step, changed: set[str]) -> str:
        """The touched keys of a step, of whose inputs some have ``changed``."""
        if step.key == ("user_id",) and changed & self._of_neighbours:
            self._of_neighbours.update(step.writes)
            return "due_users"
        if changed <= self._of_descriptions:
            self._of_descriptions.update(step.writes)
            if step.key == ("product_id",):
                return "changed_products"
        return TABLES[step.key]

    def part(self, relation: str, table: str, key: Key) -> str:
        """The rows of a relation whose key stands in a ``table`` of touched keys, as a relation."""
        if (relation, table) == ("duckmark.raw_events", "touched_events"):
            return "touched_raw_events"
        return restricted_relation(relation, table, key)

    def after_keys(self, con: duckdb.DuckDBPyConnection) -> None:
        """Once products and users are up to date: see which products have changed, touch those who took one whose
        words are others, as they are in their profiles, and note who is due."""
        now = restricted_relation("duckmark.products", "touched_products", ("product_id",))
        con.execute(
            f"""
            INSERT INTO {SHARED}.changed_products
            SELECT product_id FROM (FROM products_before EXCEPT FROM {now})
            UNION
            SELECT product_id FROM (FROM {now} EXCEPT FROM products_before)
            UNION
            SELECT product_id
            FROM touched_raw_events
            WHERE {FEEDBACK};
            INSERT INTO {SHARED}.touched_users
            SELECT DISTINCT i.user_id
            FROM duckmark.interactions AS i
            SEMI JOIN (
                SELECT b.product_id
                FROM products_before AS b
                ANTI JOIN duckmark.products AS p
                    ON p.product_id = b.product_id
                    AND p.title IS NOT DISTINCT FROM b.title
                    AND p.category IS NOT DISTINCT FROM b.category
                    AND p.description IS NOT DISTINCT FROM b.description
            ) AS changed
                ON changed.product_id = i.product_id
            WHERE i.user_id NOT IN (SELECT t.user_id FROM touched_users AS t WHERE t.user_id IS NOT NULL);
            INSERT INTO {SHARED}.due_users
            FROM touched_users
            UNION
            SELECT u.user_id FROM duckmark.users AS u JOIN turn AS t ON u.user_id BETWEEN t.first AND t.last
            """
        )


def show(con: duckdb.DuckDBPyConnection, names: Iterable[str] = CREATED) -> None:
    """Have a connection know the tables of keys by their bare names."""
    for name in names:
        con.execute(f"CREATE TEMP VIEW {name} AS FROM {SHARED}.{name}")


def turns(users: int) -> int:
    """In how many days of events it is everybody's turn: a power of two, so that it seldom changes."""
    parts = 1
    while parts < MOST_TURNS and users >= 2 * parts * FEWEST_IN_TURN:
        parts *= 2
    return parts
