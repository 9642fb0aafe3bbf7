"""The stored lists of the best products for everyone, and what they are scored from."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse

from duckmark.arrow import to_matrix
from duckmark.kernels.features import PRODUCT, TASTE, USER, Evidence
from duckmark.kernels.hybrid import Lists, recommendation_lists
from duckmark.kernels.network import Network
from duckmark.kernels.profiles import unit_rows
from duckmark.kernels.screening import screened_lists
from duckmark.memory import rows_at_once
from duckmark.models.matrices import UserRange, ids_of, read_matrix, user_ranges
from duckmark.steps import Inputs, Model, Options, Skipped, Trained

TABLE = "duckmark.recommendation_lists"
LIST_LENGTH = 50
MOST_PAIRS = 50_000_000  # of users and products, all of which are ranked
FEWEST_PRODUCTS = 1_000  # from which screening is quicker
SHOWN = (*TASTE, "popularity")
READS = (
    "duckmark.users",
    "duckmark.products",
    "duckmark.user_vectors",
    "duckmark.product_vectors",
    "duckmark.user_neighbours",
    "duckmark.interactions",
    "duckmark.histories",
    "duckmark.item_weights",
    "duckmark.user_factors",
    "duckmark.product_factors",
    "duckmark.user_categories",
    "duckmark.user_features",
    "duckmark.product_features",
)


def recommend(con: duckdb.DuckDBPyConnection, inputs: Inputs, options: Options) -> Trained:
    """The best products for every user of whose taste something is known.

    Where users and products make more than 50 million pairs, those of a user's products are ranked that come first
    by a linear score.
    """
    k = options.get("list_length", LIST_LENGTH)
    users, products = _size(con, inputs)
    network = read_network(con, inputs["duckmark.ranker"])
    is_screened = users * products > MOST_PAIRS or (products > FEWEST_PRODUCTS and not len(network.bias))
    blocks = _screened(con, inputs, k, network) if is_screened else _all_ranked(con, inputs, k, network)
    first = next(blocks, None)
    if first is None:
        raise Skipped("of no user is any taste known")
    lists = ({TABLE: block} for block in itertools.chain([first], blocks))
    return Trained({}, users, {"list_length": k, "screened": is_screened}, blocks=lists)


def refresh(con: duckdb.DuckDBPyConnection, options: Options) -> Trained:
    """Make all lists anew, in a shop of more than 50 million pairs those of touched users."""
    inputs = {name: name for name in (*READS, "duckmark.ranker")}
    users, products = _size(con, inputs)
    if users * products <= MOST_PAIRS:
        con.execute(f"DELETE FROM {TABLE}")
        return recommend(con, inputs, options)
    k = options.get("list_length", LIST_LENGTH)
    con.execute(f"DELETE FROM {TABLE} WHERE user_id IN (SELECT user_id FROM touched_users WHERE user_id IS NOT NULL)")
    some, network = Touched(), read_network(con)
    blocks = ({TABLE: block} for block in _lists(_Shop(con, inputs, some), some, k, network))
    return Trained({}, users, {"list_length": k, "screened": True}, blocks=blocks)


def _size(con: duckdb.DuckDBPyConnection, inputs: Inputs) -> tuple[int, int]:
    """How many users and products there are."""
    users, products = (inputs[f"duckmark.{name}"] for name in ("users", "products"))
    return con.execute(f"SELECT (SELECT count(*) FROM {users}), (SELECT count(*) FROM {products})").fetchall()[0]


def _all_ranked(con: duckdb.DuckDBPyConnection, inputs: Inputs, k: int, network: Network) -> Iterator[pa.Table]:
    users, products, evidence = gather(con, inputs)
    for block in recommendation_lists(evidence, np.arange(len(users)), k, {"hybrid": network}):
        yield _rows(block["hybrid"], users, products)


def _screened(con: duckdb.DuckDBPyConnection, inputs: Inputs, k: int, network: Network) -> Iterator[pa.Table]:
    shop = _Shop(con, inputs)
    for some in user_ranges(con, inputs["duckmark.histories"], rows_at_once(con)):
        yield from _lists(shop, some, k, network)


def _lists(shop: _Shop, some: UserRange | Touched, k: int, network: Network) -> Iterator[pa.Table]:
    users, evidence = shop.gather(some)
    lists = [_rows(part, users, shop.products) for part in screened_lists(evidence, np.arange(len(users)), k, network)]
    if lists:
        yield pa.concat_tables(lists)


def read_network(con: duckdb.DuckDBPyConnection, relation: str = "duckmark.ranker") -> Network:
    """The ranker that a file's recommendations are scored with."""
    base, weights, units = con.execute(f"SELECT base, weights, units FROM {relation}").fetchall()[0]
    bias, output = (np.array([unit[name] for unit in units]) for name in ("bias", "output"))
    hidden = np.array([unit["weights"] for unit in units]).reshape(len(units), len(weights))
    return Network(np.array(weights), base, bias, output, hidden)


def gather(con: duckdb.DuckDBPyConnection, inputs: Inputs) -> tuple[pa.Array, pa.Array, Evidence]:
    """Users and products in ascending order of id, and the evidence for the scores of one for the other."""
    shop = _Shop(con, inputs)
    users, evidence = shop.gather()
    return users, shop.products, evidence


class Touched:
    """The users whom new events are about."""

    def of(self, relation: str) -> str:
        """The part of a relation that is theirs, as a relation."""
        return f"(SELECT * FROM {relation} SEMI JOIN touched_users USING (user_id))"


class _Shop:
    """What scores are made from: what concerns the ``products`` read once, what concerns users a range at a time.

    ``some`` are the only users that will be asked for, where it is not all.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, inputs: Inputs, some: Touched | None = None) -> None:
        self._con, self._inputs = con, inputs
        neighbours = self._relation("user_neighbours", some)
        self.products = self._read("products", "product_id")["product_id"].combine_chunks().sort()
        self._categories = pc.unique(self._read("products", "category")["category"]).drop_null().sort()
        self._neighbours = ids_of(con, neighbours, "neighbour_id")
        of_product = _columns(self._read("product_features", f"product_id AS id, {', '.join(PRODUCT)}"), self.products)
        preferences = (
            f"SELECT user_id, product_id, preference FROM {inputs['duckmark.interactions']} "
            f"WHERE user_id IN (SELECT DISTINCT neighbour_id FROM {neighbours})"
        )
        self._of_products = {
            "product_vectors": self._vectors("product_vectors", "product_id", "vector", self.products),
            "product_factors": self._vectors("product_factors", "product_id", "factors", self.products),
            "item_weights": self._between(
                "item_weights", "product_id, for_product_id, weight", self.products, self.products
            ),
            "categories": self._between("products", "product_id, category, 1", self.products, self._categories),
            "prices": of_product[:, PRODUCT.index("price")],
            "of_product": np.nan_to_num(of_product),
            "neighbour_preferences": read_matrix(con, preferences, self._neighbours, self.products),
        }

    def gather(self, some: UserRange | Touched | None = None) -> tuple[pa.Array, Evidence]:
        """The users of a range, or all, in ascending order of id, and the evidence for their scores."""
        users = self._read("users", "user_id", some)["user_id"].combine_chunks().sort()
        of_user = _columns(self._read("user_features", f"user_id AS id, price, {', '.join(USER)}", some), users)
        evidence = Evidence(
            user_vectors=self._vectors("user_vectors", "user_id", "vector", users, some),
            shares=self._between("user_neighbours", "user_id, neighbour_id, share", users, self._neighbours, some),
            preferences=self._between("interactions", "user_id, product_id, preference", users, self.products, some),
            histories=self._between("histories", "user_id, product_id, weight", users, self.products, some),
            user_factors=self._vectors("user_factors", "user_id", "factors", users, some),
            user_categories=self._between("user_categories", "user_id, category, share", users, self._categories, some),
            user_prices=of_user[:, 0],
            of_user=np.nan_to_num(of_user[:, 1:]),
            **self._of_products,
        )
        return users, _matched(evidence)

    def _relation(self, name: str, some: UserRange | Touched | None) -> str:
        relation = self._inputs[f"duckmark.{name}"]
        return some.of(relation) if some else relation

    def _read(self, name: str, columns: str, some: UserRange | Touched | None = None) -> pa.Table:
        return self._con.sql(f"SELECT {columns} FROM {self._relation(name, some)}").to_arrow_table()

    def _between(
        self, name: str, columns: str, rows: pa.Array, others: pa.Array, some: UserRange | Touched | None = None
    ) -> sparse.csr_array:
        return read_matrix(self._con, f"SELECT {columns} FROM {self._relation(name, some)}", rows, others)

    def _vectors(
        self, name: str, key: str, column: str, ids: pa.Array, some: UserRange | Touched | None = None
    ) -> np.ndarray:
        """The vectors of ``ids``, in unit length where they are profiles, zero where one has none."""
        found = self._read(name, f"{key} AS id, {column} AS vector", some)
        vectors = to_matrix(found["vector"])
        placed = np.zeros((len(ids), vectors.shape[1]), np.float32)
        known, places = _places(found["id"], ids)
        placed[places] = (unit_rows(vectors) if column == "vector" else vectors)[known]
        return placed


def _matched(evidence: Evidence) -> Evidence:
    """Vectors without columns where users or products have none at all."""
    empty = {}
    for kind in ("vectors", "factors"):
        sides = {f"{side}_{kind}": getattr(evidence, f"{side}_{kind}") for side in ("user", "product")}
        if len({side.shape[1] for side in sides.values()}) > 1:
            empty |= {name: side[:, :0] for name, side in sides.items()}
    return replace(evidence, **empty)


def _columns(table: pa.Table, ids: pa.Array) -> np.ndarray:
    """The columns of ``table`` after its id, NaN where unknown, by row of ``ids``."""
    placed = np.full((len(ids), table.num_columns - 1), np.nan)
    known, places = _places(table["id"], ids)
    for column in range(1, table.num_columns):
        values = np.asarray(pc.fill_null(pc.cast(table[column], pa.float64()), np.nan))
        placed[places, column - 1] = values[known]
    return placed


def _places(ids: pa.ChunkedArray, of: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Which of ``ids`` stand in ``of`` (a kept model may know products that are gone), and where those stand."""
    places = pc.index_in(ids, value_set=of)
    return np.asarray(places.is_valid()), np.asarray(places.drop_null())


def _rows(lists: Lists, users: pa.Array, products: pa.Array) -> pa.Table:
    present = np.array([lists.features[name] != 0 for name in TASTE])
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
        reads=("duckmark.ranker", *READS),
        writes={
            TABLE: "user_id VARCHAR, rank BIGINT, product_id VARCHAR, score DOUBLE, "
            + ", ".join(f"{part} DOUBLE" for part in SHOWN)
            + ", source VARCHAR"
        },
        train=recommend,
        update="own",
        refresh=refresh,
    ),
]
