"""The public data sets as shops, each built as a user would build it, and divided for tuning and for the test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import duckdb

import duckmark
from benchmarks.recommenders.training import Training, training
from duckmark.evaluation.slices import tried_on
from duckmark.evaluation.splits import FOLDS, Split, splits
from duckmark.sqltext import literal

MOVIES = """
SELECT column00 AS id, column01 AS title
FROM read_csv({}, delim = '|', encoding = 'latin-1', header = false, all_varchar = true)
"""
# What is measured: the shop, the protocol that divides it, and its weight in the mean over sets. By time only about
# a hundred people of MovieLens are known before the split, as most rated on one day, so it is divided both ways.
SETS = {
    "MovieLens-100K by time": ("movielens", "time", 0.5),
    "MovieLens-100K by fifths": ("movielens", "folds", 0.5),
    "Amazon Musical Instruments": ("music", "time", 1.0),
    "Online Retail": ("retail", "time", 1.0),
    "goodbooks sample": ("books", "folds", 1.0),
}


def sources(shop: str, data: Path) -> dict[str, str]:
    """The sources of a shop, as ``duckmark.build`` takes them."""
    movies = data / "movielens-100k"
    return {
        "movielens": {
            "events": str(movies / "u.data"),
            "products": MOVIES.format(literal(str(movies / "u.item"))),
            "users": f"FROM read_csv({literal(str(movies / 'u.user'))}, all_varchar = true)",
        },
        "music": {"events": str(data / "amazon-musical-instruments" / "reviews.csv")},
        "retail": {"events": str(data / "online-retail" / "online_retail.parquet")},
        "books": {"events": str(data / "books" / "ratings.csv"), "products": str(data / "books" / "books.csv")},
    }[shop]


def built(shop: str, data: Path, work: Path) -> Path:
    """The shop's file in ``work``, built where it is not there yet."""
    path = work / f"{shop}.duckdb"
    if not path.exists():
        duckmark.build(path, **sources(shop, data), options={"evaluate": False})
    return path


@contextmanager
def divided(path: Path, protocol: str) -> Iterator[tuple[list[Training], Training]]:
    """What to tune on and what to test on.

    The test is the protocol's split of all events: the last fifth of them by time, or a fifth of each user's
    products. To tune, what it leaves is split in the same way again, and again where few users are tested, so that
    nothing of the test is seen.
    """

    def apart(stack: ExitStack, before: duckdb.DuckDBPyConnection, split: Split) -> Training:
        return training(before, split)

    with (
        duckdb.connect(str(path), read_only=True) as con,
        tried_on(con, protocol, apart, lambda part: len(part.tested)) as tune,
    ):
        yield tune, training(con, splits(con, protocol, FOLDS)[0])
