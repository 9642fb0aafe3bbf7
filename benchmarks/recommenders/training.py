"""What every contender is given to train on, and what it is measured by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import duckdb
import numpy as np
from scipy import sparse

from duckmark.evaluation import GIVEN, READS
from duckmark.evaluation.splits import Split
from duckmark.evaluation.trial import Trial, trial
from duckmark.kernels.metrics import ranking_quality
from duckmark.kernels.ranking import best_columns
from duckmark.plan import plan

VALUES = ("taken", "liked", "ratings", "counts")


@dataclass(frozen=True)
class Training:
    """Interactions of u users with p products, and what the users took later.

    ``preferences``, ``counts`` and ``ages`` (u, p) are stored at the same places, in the same order: the rating
    (less 5 for a dislike), the number of events, and the days from the last of them to the end of training, 0
    where there are no times. ``truth`` (u, p) marks what is to be found, and ``later`` says whether that was taken
    after all of them. ``pipeline`` gives what duckmark's whole pipeline makes of the same events under the options
    given.
    """

    preferences: sparse.csr_array
    counts: sparse.csr_array
    ages: sparse.csr_array
    truth: sparse.csr_array
    later: bool = True
    pipeline: Callable[[Mapping[str, Any]], Trial] | None = field(default=None, compare=False)

    def matrix(self, values: str = "taken", half_life: float | None = None) -> sparse.csr_matrix:
        """Positive float32 confidences (u, p): 1 for whatever was ``taken`` or only for what was ``liked``,
        or the ``ratings`` or ``counts`` of what was liked; half as much for every ``half_life`` days of age."""
        liked = self.preferences.data > 0
        data = {
            "taken": np.ones(len(liked)),
            "liked": liked.astype(float),
            "ratings": np.where(liked, self.preferences.data, 0),
            "counts": np.where(liked, self.counts.data, 0),
        }[values]
        if half_life:
            data = data * 0.5 ** (self.ages.data / half_life)
        places = self.preferences.indices, self.preferences.indptr
        # A copy, as leaving out zeros, and some libraries, would write into the interactions themselves.
        matrix = sparse.csr_matrix((data.astype(np.float32), *places), self.preferences.shape, copy=True)
        matrix.eliminate_zeros()
        return matrix

    def choices(self, grid: Mapping[str, tuple]) -> dict[str, tuple]:
        """``grid`` without the choices that make no difference here, so that no trial is spent on them; nor on how fast
        interactions fade where what is to be found is no later than they are."""
        unfading = {"half_life": (None,)} if "half_life" in grid and not (self.later and self.ages.data.any()) else {}
        told_apart = [
            name
            for place, name in enumerate(VALUES)
            if not any((self.matrix(name) != self.matrix(earlier)).nnz == 0 for earlier in VALUES[:place])
        ]
        return {
            name: tuple(option for option in options if name != "values" or option in told_apart)
            for name, options in {**grid, **unfading}.items()
        }

    @cached_property
    def tested(self) -> np.ndarray:
        """The users with something to find (n,)."""
        return np.flatnonzero(np.diff(self.truth.indptr))

    def quality(self, scores: np.ndarray) -> dict[str, np.ndarray]:
        """NDCG@10 and recall@20 of each tested user, from ``scores`` (n, p) of the whole catalogue.

        What a user has is left out; a score that is not a number ranks nowhere.
        """
        scores = np.where(np.isfinite(scores), scores, -np.inf)
        owned = self.preferences[self.tested].tocoo()
        scores[owned.row, owned.col] = -np.inf
        row, product = best_columns(scores, 20)
        place = np.arange(len(row)) - np.searchsorted(row, row)
        hits = np.zeros((len(self.tested), 20))
        if len(row):  # asked for no cells, scipy gives a sparse array where it gives numbers otherwise
            hits[row, place] = np.asarray(self.truth[self.tested[row], product]).ravel() > 0
        relevant = np.diff(self.truth.indptr)[self.tested]
        return {
            "NDCG@10": ranking_quality(hits[:, :10], relevant)["ndcg"],
            "recall@20": ranking_quality(hits, relevant)["recall"],
        }


def training(con: duckdb.DuckDBPyConnection, split: Split) -> Training:
    """What ``split`` leaves of the shop in ``con``, on which duckmark's pipeline is trained."""
    steps = plan()
    known: dict[tuple, Trial] = {}

    def pipeline(options: Mapping[str, Any]) -> Trial:
        key = tuple(sorted(options.items()))
        if key not in known:
            with trial(con, split, steps.towards(READS, GIVEN), steps.needs, options) as trained:
                known[key] = trained
        return known[key]

    trained = pipeline({})
    preferences = trained.evidence.preferences
    counts, ages = _interactions(con, split, preferences)
    return Training(preferences, counts, ages, trained.truth, split.kind == "time", pipeline)


def _interactions(
    con: duckdb.DuckDBPyConnection, split: Split, preferences: sparse.csr_array
) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Events and age in days of each interaction, at the places of ``preferences``."""
    query = f"""
        SELECT
            user_id,
            product_id,
            count(*) AS events,
            coalesce(date_diff('second', max(happened_at), max(max(happened_at)) OVER ()) / 86400, 0) AS age
        FROM duckmark.events
        WHERE user_id IS NOT NULL AND event_id NOT IN ({split.held_out})
        GROUP BY ALL
        ORDER BY user_id, product_id
    """
    columns = con.execute(query, split.parameters).fetchnumpy()
    users, row = np.unique(np.asarray(columns["user_id"]).astype(str), return_inverse=True)
    products, column = np.unique(np.asarray(columns["product_id"]).astype(str), return_inverse=True)
    made = [
        sparse.csr_array((np.asarray(columns[name], float), (row, column)), shape=(len(users), len(products)))
        for name in ("events", "age")
    ]
    for matrix in made:
        matrix.sort_indices()
        if matrix.shape != preferences.shape or not np.array_equal(matrix.indices, preferences.indices):
            raise ValueError("duckmark's interactions are not those of the events: the peers would be given others")
    return made[0], made[1]
