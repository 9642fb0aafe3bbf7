"""A shop without its held-out events: the whole pipeline is trained on it anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa
from scipy import sparse

from duckmark import memory, pipeline
from duckmark.connection import install, silent
from duckmark.evaluation.ratings import READS as RATED
from duckmark.evaluation.ratings import predicted
from duckmark.evaluation.splits import Split
from duckmark.kernels.features import Evidence
from duckmark.kernels.network import Network
from duckmark.models.evidence import READS as EVIDENCE
from duckmark.models.evidence import gather, renewed
from duckmark.models.matrices import sparse_by_id
from duckmark.models.recommendations import read_network
from duckmark.models.some_users import at_most
from duckmark.steps import Model, Needs, Options, Step

WORDS = ("language_names", "stop_words", "languages", "product_languages", "stems", "chinese_words")
TABLES = ("events", "products", "users", "reviews", "event_kinds", *WORDS, "text_vectors", "sources")
READS = (*EVIDENCE, *RATED, "duckmark.ranker")
GIVEN = frozenset(f"duckmark.{name}" for name in TABLES)
MOST_EVENTS = 1_000_000  # of a larger shop as many users as have so many


@dataclass(frozen=True)
class Trial:
    """What is to be recommended from, in the database ``con`` and gathered as ``evidence``, and what should have been.

    ``truth`` (users x products) marks the products that each user took only among the held-out events; ``segments``
    (users) says where each user stood before, and ``users`` (users) who they are; ``network`` is the ranker trained
    there and ``predicted`` the held-out ratings beside those expected, where the steps make them.
    """

    con: duckdb.DuckDBPyConnection
    evidence: Evidence
    truth: sparse.csr_array
    segments: np.ndarray
    users: np.ndarray
    network: Network | None = None
    predicted: pa.Table | None = None


@contextmanager
def trial(
    con: duckdb.DuckDBPyConnection,
    split: Split,
    steps: list[Step],
    needs: Needs,
    options: Options,
    given: Collection[str] = TABLES,
) -> Iterator[Trial]:
    """Train on what ``split`` leaves of the shop in ``con``, in a database of its own, from the tables ``given``.

    Of a shop of more than a million events, on a sample of its users.
    """
    with _apart(con) as apart:
        later = divide(con, apart, split, given)
        yield trained(apart, later, steps, needs, options, split.kind)


def trained(
    apart: duckdb.DuckDBPyConnection,
    later: pa.Table,
    steps: list[Step],
    needs: Needs,
    options: Options,
    kind: str,
) -> Trial:
    """Train on the tables in ``apart``, from which a split of ``kind`` has held out ``later``."""
    install(apart)
    pipeline.run(apart, steps, needs, {**options, "learns_from": kind})
    users, products, evidence = gather(apart, {name: name for name in EVIDENCE})
    segments = apart.sql("SELECT segment FROM duckmark.user_segments ORDER BY user_id").to_arrow_table()
    made = {name for step in steps for name in step.writes}
    return Trial(
        apart,
        evidence,
        _truth(later, users, products, evidence),
        np.asarray(segments["segment"]),
        np.asarray(users),
        network=read_network(apart) if "duckmark.ranker" in made else None,
        predicted=predicted(apart, later) if made.issuperset(RATED) else None,
    )


@contextmanager
def earlier(con: duckdb.DuckDBPyConnection, split: Split) -> Iterator[duckdb.DuckDBPyConnection]:
    """What ``split`` leaves of the shop in ``con``, in a database of its own, with nothing trained."""
    with _apart(con) as apart:
        divide(con, apart, split)
        yield apart


def retrained(shop: Trial, models: Iterable[Model], options: Options) -> Trial:
    """The same trial with some models trained with other options; its database is changed."""
    changed = set()
    for model in models:
        for table in model.writes:
            shop.con.execute(f"DELETE FROM {table}")
        pipeline.fill(shop.con, model, {name: name for name in model.reads}, options)
        changed |= set(model.writes)
    return replace(shop, evidence=renewed(shop.evidence, shop.con, {name: name for name in EVIDENCE}, changed))


@contextmanager
def _apart(con: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory, with the limits of ``con``."""
    with silent() as apart:
        memory.limit_alike(apart, con)
        apart.execute("CREATE SCHEMA duckmark")
        yield apart


def divide(
    con: duckdb.DuckDBPyConnection, apart: duckdb.DuckDBPyConnection, split: Split, given: Collection[str] = TABLES
) -> pa.Table:
    """Copy what is not held out into ``apart``; give the (user_id, product_id, rating) of what is.

    Products and users are those of the events left, so nothing of the future is known.
    """
    with at_most(con, "duckmark.events", MOST_EVENTS) as events:
        con.execute(
            f"CREATE TEMP TABLE held_out AS FROM ({split.held_out}) SEMI JOIN {events} USING (event_id)",
            split.parameters,
        )
        left = f"SELECT * FROM {events} ANTI JOIN held_out USING (event_id) WHERE user_id IS NOT NULL"
        queries = {
            "events": left,
            "products": f"FROM duckmark.products SEMI JOIN ({left}) USING (product_id)",
            "users": f"FROM duckmark.users SEMI JOIN ({left}) USING (user_id)",
            "reviews": f"FROM duckmark.reviews SEMI JOIN ({left}) USING (event_id)",
        }
        for name in given:
            rows = con.sql(queries.get(name, f"FROM duckmark.{name}")).to_arrow_table()
            pipeline.store(apart, f"duckmark.{name}", rows)
        later = con.sql(
            "SELECT user_id, product_id, avg(CAST(rating AS DECIMAL(18, 6))) AS rating "
            f"FROM {events} SEMI JOIN held_out USING (event_id) GROUP BY ALL"
        ).to_arrow_table()
    con.execute("DROP TABLE held_out")
    return later


def _truth(later: pa.Table, users: pa.Array, products: pa.Array, evidence: Evidence) -> sparse.csr_array:
    """What each known user took anew among the held-out events, of products known without them."""
    taken = sparse_by_id(later["user_id"], later["product_id"], np.ones(len(later)), users, products)
    owned = evidence.preferences.copy()
    owned.data[:] = 1
    new = taken - taken * owned
    new.eliminate_zeros()
    new.sort_indices()
    return new
