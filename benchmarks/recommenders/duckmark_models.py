"""duckmark's own models as contenders: its kernels alone, tuned like everyone else, and its ranker as it comes."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from benchmarks.recommenders.contenders import Contender, Options
from benchmarks.recommenders.training import Training
from duckmark.kernels.features import FEATURES, TASTE, features
from duckmark.kernels.ials import Loss, fold_in
from duckmark.kernels.neighbours import cosine_neighbours, on_grid
from duckmark.kernels.network import Network, linear, score_blocks
from duckmark.kernels.weighting import WEIGHTINGS
from duckmark.models import factors
from duckmark.models.fusion import fusion, scale
from duckmark.models.item_weights import (
    DROPOUT,
    IDEAL,
    L2,
    METHODS,
    MOST_WEIGHTS,
    NEAREST,
    RANK,
    REGULARISATION,
    WEAK_L2,
)
from duckmark.models.neighbours import MOST_NEIGHBOURS

# Options of `duckmark build` but for what is made of the interactions, as the peers have it.
FADING = {"values": ("taken", "liked"), "half_life": (180, 60, None)}
SLIM = {
    "slim_l2": (L2, WEAK_L2),
    "item_neighbours": (NEAREST, 50, 200),
    "popularity_discount": (0.0, 0.1),
    **FADING,
}
EDLAE = {
    "ease_regularisation": (REGULARISATION, 100.0, 1000.0),
    "ease_dropout": (DROPOUT, 0.0),
    "popularity_discount": (0.0, 0.1),
    **FADING,
}
ITEM_KNN = {
    "item_weighting": ("bm25", "tf_idf", "none"),
    "item_neighbours": (MOST_WEIGHTS, 20, 50),
    "item_lists": ("target", "source"),
    **FADING,
}
GRAPH = {"graph_rank": (RANK, 32, 64, 128), "graph_ideal": (IDEAL, 0.1, 1.0), **FADING}
USER_KNN = {
    "neighbours": (MOST_NEIGHBOURS, 50, 200, 400),
    "user_weighting": tuple(WEIGHTINGS),
    "user_shrinkage": (0.0, 10.0),
    **FADING,
}
IALS = {
    "ials_regularisation": (factors.REGULARISATION, 2.0, 4.0),
    "ials_unobserved": (factors.UNOBSERVED, 0.4),
    "ials_activity_discount": (factors.ACTIVITY, 0.0),
    "factors": (Loss.factors, 128),
    **FADING,
}


def taken_by(training: Training, options: Options) -> sparse.csr_array:
    """Who took (or liked) what, which fades with a half-life."""
    return sparse.csr_array(training.matrix(options["values"], options["half_life"]), dtype=np.float64)


def by_items(method: str):
    """Scores by item weights, as `duckmark.models.item_weights` makes them with its ``method``."""

    def fit_score(training: Training, options: Options, users: np.ndarray) -> np.ndarray:
        taken = taken_by(training, options)
        weigh = WEIGHTINGS[options.get("item_weighting", "none")]
        given = {"item_weighting": "none", "without_times": not training.later, **options}
        return (taken[users] @ METHODS[method](weigh(taken), given)[0]).toarray()

    return fit_score


def user_knn_scores(training: Training, options: Options, users: np.ndarray) -> np.ndarray:
    """What a user's nearest took, by their share of all similarities."""
    taken = taken_by(training, options)
    weighted = on_grid(sparse.csr_array(WEIGHTINGS[options["user_weighting"]](sparse.csr_array(taken.T)).T))
    row, near, cosine = cosine_neighbours(weighted, users, options["neighbours"], options["user_shrinkage"])
    shares = sparse.csr_array((cosine, (np.searchsorted(users, row), near)), shape=(len(users), len(taken.indptr) - 1))
    return (shares @ taken).toarray()


def ials_scores(training: Training, options: Options, users: np.ndarray) -> np.ndarray:
    """Factors of items by iALS, those of users folded in."""
    taken = taken_by(training, options)
    items, _ = factors.item_factors(taken, options)
    return fold_in(taken[users], items)[0] @ items.T


def scores(training: Training, network: Network, users: np.ndarray) -> np.ndarray:
    """What the pipeline's evidence comes to."""
    blocks = features(training.pipeline({}).evidence, users)
    return score_blocks(network, blocks, (len(users), training.preferences.shape[1]))


def alone(training: Training, options: Options, users: np.ndarray) -> np.ndarray:
    """One feature as the pipeline has it."""
    return scores(training, linear(options, FEATURES), users)


def fused(training: Training, options: Options, users: np.ndarray) -> np.ndarray:
    """The simple fusion."""
    return scores(training, fusion({}).rescaled(scale(training.pipeline({}).evidence)), users)


def ranked(training: Training, options: Options, users: np.ndarray) -> np.ndarray:
    """The ranker that the pipeline has learned from a later slice of what it was given."""
    return scores(training, training.pipeline({}).network, users)


def contenders() -> list[Contender]:
    """Models tuned like everyone else (EDLAE without dropout is EASE); features, fusion and ranker as they come."""
    return [
        *(Contender(f"duckmark {name}", "single", {name: (1.0,)}, alone) for name in (*TASTE, "popularity", "recent")),
        Contender("duckmark SLIM, tuned", "single", SLIM, by_items("slim")),
        Contender("duckmark EDLAE, tuned", "single", EDLAE, by_items("edlae")),
        Contender("duckmark item-kNN, tuned", "single", ITEM_KNN, by_items("item_knn")),
        Contender("duckmark graph filter, tuned", "single", GRAPH, by_items("graph_filter")),
        Contender("duckmark user-kNN, tuned", "single", USER_KNN, user_knn_scores),
        Contender("duckmark iALS, tuned", "single", IALS, ials_scores),
        Contender("duckmark fusion", "ranker", {}, fused),
        Contender("duckmark hybrid", "ranker", {}, ranked),
    ]
