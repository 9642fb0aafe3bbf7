"""The stored lists of the best products for everyone, and what they are scored from."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial

import duckdb
import numpy as np
import pyarrow as pa

from duckmark.kernels.features import TASTE
from duckmark.kernels.hybrid import Lists, recommendation_lists
from duckmark.kernels.network import Network
from duckmark.kernels.screening import screened_lists
from duckmark.memory import rows_at_once
from duckmark.models import reasons
from duckmark.models.evidence import READS, Tables, evidence_of, opened
from duckmark.models.some_users import Listed, UserRange, user_ranges
from duckmark.steps import Inputs, Model, Options, Skipped, Trained

TABLE = "duckmark.recommendation_lists"
LIST_LENGTH = 50
MOST_PAIRS = 50_000_000  # of users and products, all of which are ranked
FEWEST_PRODUCTS = 500  # from which screening is quicker
SHOWN = (*TASTE, "popularity")


def recommend(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """The best products for every user of whose taste something is known.

    Where users and products make more than 50 million pairs, those of a user's products are ranked that come first
    by a linear score; of more than 16,384 products, some are looked at only where a neighbour or a product of the
    user's leads to them. The option ``reasons``, which only who trains this model alone gives, may leave these out.
    """
    k = options.get("list_length", LIST_LENGTH)
    network = read_network(con, inputs["duckmark.ranker"])
    users, is_screened = _size(con, inputs, network)
    tables = opened(con, inputs)
    ranges = user_ranges(con, inputs["duckmark.histories"], rows_at_once(con)) if is_screened else []
    lists = partial(_lists, k=k, network=network, is_screened=is_screened, has_reasons=options.get("reasons", True))
    blocks = (block for some in (ranges if len(ranges) > 1 else [None]) for block in lists(tables, some))
    first = next(blocks, None)
    if first is None:
        raise Skipped("of no user is any taste known")
    found = ({TABLE: block} for block in itertools.chain([first], blocks))
    return Trained({}, users, {"list_length": k, "screened": is_screened}, blocks=found)


def refresh(con: duckdb.DuckDBPyConnection, options: Options) -> Trained:
    """Make anew the lists of the users that are due, and of those whose list holds a product that is gone: who had it,
    so that it may be named as a reason, is due."""
    inputs = {name: name for name in (*READS, *reasons.READS, "duckmark.ranker")}
    con.execute(
        f"""
        CREATE TEMP TABLE due_lists AS
        SELECT user_id FROM due_users WHERE user_id IS NOT NULL
        UNION
        SELECT user_id FROM {TABLE}
        WHERE product_id IN (SELECT product_id FROM touched_products ANTI JOIN duckmark.products USING (product_id));
        DELETE FROM {TABLE} WHERE user_id IN (FROM due_lists);
        """
    )
    k = options.get("list_length", LIST_LENGTH)
    some, network = Listed("due_lists"), read_network(con)
    users, is_screened = _size(con, inputs, network)
    blocks = ({TABLE: block} for block in _lists(opened(con, inputs, some), some, k, network, is_screened))
    return Trained({}, users, {"list_length": k, "screened": is_screened}, blocks=blocks)


def _size(con: duckdb.DuckDBPyConnection, inputs: Inputs, network: Network) -> tuple[int, bool]:
    """How many users there are, and whether their products are screened before they are ranked."""
    counts = (f"(SELECT count(*) FROM {inputs[f'duckmark.{name}']})" for name in ("users", "products"))
    users, products = con.execute(f"SELECT {', '.join(counts)}").fetchall()[0]
    return users, users * products > MOST_PAIRS or (products > FEWEST_PRODUCTS and not len(network.bias))


def _lists(
    tables: Tables,
    some: UserRange | Listed | None,
    k: int,
    network: Network,
    is_screened: bool,
    has_reasons: bool = True,
) -> Iterator[pa.Table]:
    """The lists of ``some`` users, or of all."""
    tables = tables.of(some) if some else tables
    everyone, evidence = np.arange(len(tables.users)), evidence_of(tables)
    if is_screened:
        parts = screened_lists(evidence, everyone, k, network)
    else:
        parts = (block["hybrid"] for block in recommendation_lists(evidence, everyone, k, {"hybrid": network}))
    lists = [(part.user, part.product, _rows(part, tables.users, tables.products)) for part in parts]
    if lists:
        user, product, rows = zip(*lists, strict=True)
        table = pa.concat_tables(rows)
        if has_reasons:
            why = reasons.columns_of(tables, evidence, np.concatenate(user), np.concatenate(product))
            table = pa.table({**dict(zip(table.column_names, table.columns, strict=True)), **why})
        yield table


def read_network(con: duckdb.DuckDBPyConnection, relation: str = "duckmark.ranker") -> Network:
    """The ranker that a file's recommendations are scored with."""
    base, weights, units = con.execute(f"SELECT base, weights, units FROM {relation}").fetchall()[0]
    bias, output = (np.array([unit[name] for unit in units]) for name in ("bias", "output"))
    hidden = np.array([unit["weights"] for unit in units]).reshape(len(units), len(weights))
    return Network(np.array(weights), base, bias, output, hidden)


def _rows(lists: Lists, users: pa.Array, products: pa.Array) -> pa.Table:
    present = np.array([lists.features[name] > 0 for name in TASTE])
    single = np.array(TASTE)[present.argmax(axis=0)]
    return pa.table(
        {
            "user_id": users.take(pa.array(lists.user)),
            "rank": lists.place,
            "product_id": products.take(pa.array(lists.product)),
            "score": lists.score,
            **{name: lists.features[name] for name in SHOWN},
            "source": np.select([present.sum(axis=0) == 0, present.sum(axis=0) == 1], ["popular", single], "hybrid"),
        }
    )


MODELS = [
    Model(
        name="recommendation_lists",
        kind="hybrid",
        stage="recommend",
        reads=("duckmark.ranker", *READS, *reasons.READS),
        writes={
            TABLE: "user_id VARCHAR, rank BIGINT, product_id VARCHAR, score DOUBLE, "
            + ", ".join(f"{part} DOUBLE" for part in SHOWN)
            + f", source VARCHAR, {reasons.COLUMNS}"
        },
        train=recommend,
        update="own",
        compression="dictionary",
        refresh=refresh,
    ),
]
