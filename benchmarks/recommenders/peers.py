"""Other libraries: implicit (https://github.com/benfred/implicit) and LensKit (https://lenskit.org).

Each takes the confidences it is given; which ones is among its options, as is how fast they fade with age. The
grids lie around what these models are known to do well with on sets of this size, the library's defaults first.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from implicit.als import AlternatingLeastSquares
from implicit.bpr import BayesianPersonalizedRanking
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, TFIDFRecommender
from lenskit.als import ImplicitMFScorer
from lenskit.data import ItemList, RecQuery, from_interactions_df
from lenskit.knn import EASEScorer, ItemKNNScorer, SLIMScorer, UserKNNScorer
from lenskit.training import TrainingOptions

from benchmarks.recommenders.contenders import Contender, Options
from benchmarks.recommenders.popularity import CONFIDENCES
from benchmarks.recommenders.training import Training

SEED = 42
TAKERS = {"values": ("taken", "liked")}


def _apart(options: Options) -> tuple[dict, dict]:
    """The options of the matrix, and those of the model."""
    matrix = {name: options[name] for name in CONFIDENCES if name in options}
    return matrix, {name: value for name, value in options.items() if name not in matrix}


def factors(model: type):
    """Scores of a factor model of implicit."""

    def fit_score(training: Training, options: Options, users: np.ndarray) -> np.ndarray:
        confidences, own = _apart(options)
        fitted = model(**own, random_state=SEED, num_threads=1, use_gpu=False)
        fitted.fit(training.matrix(**confidences), show_progress=False)
        return fitted.user_factors[users] @ fitted.item_factors.T

    return fit_score


def neighbours(model: type):
    """Scores of an item-item model of implicit."""

    def fit_score(training: Training, options: Options, users: np.ndarray) -> np.ndarray:
        confidences, own = _apart(options)
        taken = training.matrix(**confidences).astype(np.float64)
        fitted = model(**own, num_threads=1)
        fitted.fit(taken, show_progress=False)
        return (taken[users] @ fitted.similarity).toarray()

    return fit_score


def lenskit(scorer: type, **fixed):
    """Scores of a model of LensKit, asked user by user for the whole catalogue."""

    def fit_score(training: Training, options: Options, users: np.ndarray) -> np.ndarray:
        confidences, own = _apart(options)
        taken = training.matrix(**confidences)
        data = _dataset(taken)
        fitted = scorer(**fixed, **own)
        fitted.train(data, TrainingOptions(rng=SEED))
        catalogue = ItemList(item_ids=data.items.ids())
        scores = np.full((len(users), taken.shape[1]), np.nan)
        for row, user in enumerate(users):
            if history := data.user_row(user):
                scored = fitted(RecQuery(user_id=user, user_items=history), catalogue)
                scores[row, scored.ids()] = scored.scores()
        return scores

    return fit_score


def lenskit_ease(training: Training, options: Options, users: np.ndarray) -> np.ndarray:
    """LensKit's EASE, all users at once: what its call does for one, the history times ``weights``."""
    confidences, own = _apart(options)
    taken = training.matrix(**confidences)
    data = _dataset(taken)
    fitted = EASEScorer(**own)
    fitted.train(data, TrainingOptions(rng=SEED))
    products = data.items.ids()
    scores = np.full((len(users), taken.shape[1]), np.nan)
    scores[:, products] = taken[users][:, products] @ fitted.weights
    return scores


def _dataset(taken):
    stored = taken.tocoo()
    return from_interactions_df(pd.DataFrame({"user_id": stored.row, "item_id": stored.col, "rating": stored.data}))


def contenders() -> list[Contender]:
    """Every peer with its grid."""
    nearest = {"K": (20, 50, 100, 200), **CONFIDENCES}
    als = {
        "factors": (100, 64, 128),
        "regularization": (0.01, 1.0, 3.0, 10.0, 30.0, 100.0),
        "alpha": (1.0, 3.0, 10.0, 30.0),
        **CONFIDENCES,
    }
    bpr = {"factors": (100, 50), "learning_rate": (0.01, 0.03, 0.1), "regularization": (0.01, 0.03, 0.1), **TAKERS}
    return [
        Contender("implicit ALS", "peer", als, factors(AlternatingLeastSquares)),
        Contender("implicit BPR", "peer", bpr, factors(BayesianPersonalizedRanking)),
        Contender("implicit cosine", "peer", nearest, neighbours(CosineRecommender)),
        Contender("implicit TF-IDF", "peer", nearest, neighbours(TFIDFRecommender)),
        Contender(
            "implicit BM25",
            "peer",
            {"K1": (1.2, 10.0, 100.0), "B": (0.75, 0.2, 0.5), **nearest},
            neighbours(BM25Recommender),
        ),
        Contender(
            "LensKit item-kNN",
            "peer",
            {"max_nbrs": (20, 5, 10, 50, 100, 200), "min_sim": (1e-6, 0.05), **TAKERS},
            lenskit(ItemKNNScorer, feedback="implicit"),
        ),
        Contender(
            "LensKit user-kNN",
            "peer",
            {"max_nbrs": (20, 50, 100, 200, 400), "min_sim": (1e-6, 0.05), **TAKERS},
            lenskit(UserKNNScorer, feedback="implicit"),
        ),
        Contender(
            "LensKit ImplicitMF",
            "peer",
            {
                "weight": (40.0, 1.0, 3.0, 10.0),
                "embedding_size": (50, 32, 64, 128),
                "regularization": (0.1, 1.0, 3.0, 10.0, 30.0, 100.0),
                **CONFIDENCES,
            },
            lenskit(ImplicitMFScorer, use_ratings=True),
        ),
        Contender(
            "LensKit EASE",
            "peer",
            {"regularization": (1.0, 30.0, 100.0, 300.0, 1000.0, 3000.0), **TAKERS},
            lenskit_ease,
        ),
        Contender(
            "LensKit SLIM",
            "peer",
            {"l1_reg": (1.0, 0.1, 0.3, 3.0), "l2_reg": (1.0, 0.1, 10.0, 100.0), "max_nbrs": (None, 100), **TAKERS},
            lenskit(SLIMScorer),
        ),
    ]
