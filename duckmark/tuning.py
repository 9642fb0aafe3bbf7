"""The search for a shop's best options, within a time budget, on events that no hold-out check tests on."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from duckmark.evaluation.slices import tried_on
from duckmark.evaluation.splits import Split
from duckmark.evaluation.trial import GIVEN, READS, Trial, retrained, trial
from duckmark.kernels.features import FEATURES
from duckmark.kernels.network import linear
from duckmark.models import MODELS
from duckmark.models.learning_to_rank import aims, sampled
from duckmark.steps import Needs, Skipped, Step

__all__ = ["GIVEN", "READS", "TABLE", "tune"]

TABLE = "duckmark.tuning"
FEWEST_USERS = 50


@dataclass(frozen=True)
class Search:
    """Which ``models`` are trained anew for each combination of options, and the ``feature`` they are judged by.

    Each of ``grids`` has values of options; the first values of the first one are the defaults.
    """

    feature: str
    models: tuple[str, ...]
    grids: tuple[Mapping[str, tuple[Any, ...]], ...]

    def combinations(self, seed: int) -> Iterator[dict[str, Any]]:
        """The defaults, then all others in random order."""
        first, *others = (
            dict(zip(grid, values, strict=True)) for grid in self.grids for values in itertools.product(*grid.values())
        )
        yield first
        for place in np.random.default_rng(seed).permutation(len(others)):
            yield others[place]


@dataclass(frozen=True)
class Slice:
    """A shop without the events of a slice, and the ``users`` (n,) that are measured by them."""

    shop: Trial
    users: np.ndarray


HALF_LIVES = (180.0, 30.0, 60.0, 90.0, 365.0, 0.0)
SEARCHES = (
    Search(
        "items",
        ("item_weights",),
        (
            {
                "half_life": HALF_LIVES,
                "items_model": ("slim",),
                "slim_l2": (None, 10.0, 30.0, 100.0, 300.0),  # None: left to the model
                "slim_l1": (1.0, 0.1, 3.0),
                "item_neighbours": (100, 50, 200),
                "popularity_discount": (None, 0.1, -0.1),
            },
            {
                "half_life": HALF_LIVES,
                "items_model": ("ease", "edlae"),
                "ease_regularisation": (300.0, 30.0, 100.0, 1000.0, 3000.0),
                "popularity_discount": (None, 0.1, -0.1),
            },
            {
                "half_life": HALF_LIVES,
                "items_model": ("item_knn",),
                "item_weighting": ("bm25", "tf_idf"),
                "item_lists": ("target", "source"),
                "item_neighbours": (200, 20, 50),
            },
        ),
    ),
    Search(
        "factors",
        ("product_factors", "user_factors"),
        (
            {
                "ials_regularisation": (3.0, 2.0, 4.0, 6.0),
                "ials_unobserved": (0.2, 0.1, 0.4, 0.8),
                "ials_activity_discount": (0.25, 0.0, 0.5),
                "factors": (64, 32, 128),
            },
        ),
    ),
    Search(
        "collaborative",
        ("user_neighbours",),
        (
            {
                "neighbours": (100, 50, 200, 400),
                "user_weighting": ("none", "tf_idf", "bm25"),
                "user_shrinkage": (0.0, 10.0),
            },
        ),
    ),
)


def tune(
    con: duckdb.DuckDBPyConnection,
    steps: list[Step],
    needs: Needs,
    options: Mapping[str, Any],
    seconds: float,
) -> tuple[dict[str, Any], pa.Table]:
    """The options that did best, and every combination tried with its quality: the mean of NDCG@10 and recall@20.

    Each search takes its share of the ``seconds`` left, and tries the defaults whatever the time. ``options`` that the
    user has set are not searched. The events of the hold-out check are left out, and slices of the rest are measured
    on. Raises Skipped where fewer than 50 users took something new in them.
    """
    started, chosen, tried = time.perf_counter(), dict(options), []

    def apart(stack: ExitStack, before: duckdb.DuckDBPyConnection, split: Split) -> Slice:
        shop = stack.enter_context(trial(before, split, steps, needs, {**options, "ranker": "fusion"}))
        return Slice(shop, sampled(shop, options.get("seed", 42)))

    with tried_on(con, "time", apart, lambda part: np.count_nonzero(np.diff(part.shop.truth.indptr))) as parts:
        users = sum(len(part.users) for part in parts)
        if users < FEWEST_USERS:
            raise Skipped(f"too few users to tune on: {users}, at least {FEWEST_USERS} are needed")
        for place, search in enumerate(SEARCHES):
            left = seconds - (time.perf_counter() - started)
            rows = list(_searched(parts, search, chosen, options, left / (len(SEARCHES) - place)))
            best = _best(rows)
            chosen |= best["options"]
            tried += [{**row, "is_chosen": row is best, "options": json.dumps(row["options"])} for row in rows]
    return chosen, pa.Table.from_pylist(tried)


def _best(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The best combination where it is better than the defaults, which come first, by a hundredth."""
    best = max(rows, key=lambda row: row["quality"])
    return best if best["quality"] > 1.01 * rows[0]["quality"] else rows[0]


def _searched(
    parts: Sequence[Slice],
    search: Search,
    chosen: Mapping[str, Any],
    fixed: Mapping[str, Any],
    seconds: float,
) -> Iterator[dict[str, Any]]:
    deadline = time.perf_counter() + seconds
    seen: set[str] = set()
    for combination in search.combinations(seed=chosen.get("seed", 42)):
        started = time.perf_counter()
        if seen and started > deadline:
            return
        if any(isinstance(value, str) and fixed.get(name, value) != value for name, value in combination.items()):
            continue  # options of a method that the user does not want
        free = {name: value for name, value in combination.items() if name not in fixed and value is not None}
        key = json.dumps(free, sort_keys=True)
        if key in seen:
            continue
        seen.add(key)
        quality = np.concatenate([_quality(part, search, {**chosen, **free}) for part in parts])
        took = time.perf_counter() - started
        yield {"feature": search.feature, "options": free, "quality": float(quality.mean()), "seconds": took}


def _quality(part: Slice, search: Search, options: Mapping[str, Any]) -> np.ndarray:
    """What the feature alone comes to for each user of a slice (n,), its models trained anew."""
    anew = retrained(part.shop, [MODELS[name] for name in search.models], options)
    return aims(anew, part.users, {search.feature: linear({search.feature: 1.0}, FEATURES)})[search.feature]
