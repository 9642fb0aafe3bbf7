"""duckmark's own models as contenders: its kernels alone, tuned like everyone else, and its ranker as it comes."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from benchmarks.recommenders.contenders import Contender, Options
from benchmarks.recommenders.training import Training
from duckmark.kernels.ease import ease, largest
from duckmark.kernels.features import FEATURES, TASTE, features
from duckmark.kernels.ials import Loss, fold_in, ials
from duckmark.kernels.network import Network, linear, score_blocks
from duckmark.kernels.slim import slim
from duckmark.models.fusion import fusion, scale
from duckmark.models.item_weights import L1, L2, MOST_WEIGHTS, NEAREST, REGULARISATION

FADING = {"values": ("liked", "taken"), "half_life": (180, 60, None)}
SLIM = {"l2": (L2, 10.0, 30.0, 300.0), "l1": (L1, 0.1, 3.0), "k": (NEAREST, 50, 200), **FADING}
EASE = {"regularisation": (REGULARISATION, 30.0, 100.0, 1000.0, 3000.0), **FADING}
IALS = {
    "regularisation": (Loss.regularisation, 0.003, 0.03, 0.1),
    "unobserved": (Loss.unobserved, 0.03, 0.5, 1.0),
    "factors": (Loss.factors, 32, 128),
    **FADING,
}


def slim_scores(training: Training, options: Options, users: np.ndarray) -> np.ndarray:
    """SLIM on who took (or liked) what, which fades with a half-life, penalties as `duckmark.models` scales them."""
    taken = sparse.csr_array(training.matrix(options["values"], options["half_life"]), dtype=np.float64)
    size = float(np.mean(taken.data**2))
    return (taken[users] @ slim(taken, options["k"], options["l1"] * size, options["l2"] * size)).toarray()


def ease_scores(training: Training, options: Options, users: np.ndarray) -> np.ndarray:
    """EASE, likewise."""
    taken = sparse.csr_array(training.matrix(options["values"], options["half_life"]), dtype=np.float64)
    weights = ease(taken, options["regularisation"] * float(np.mean(taken.data**2)))
    return (taken[users] @ largest(weights, MOST_WEIGHTS)).toarray()


def ials_scores(training: Training, options: Options, users: np.ndarray) -> np.ndarray:
    """Factors of items by iALS, those of users folded in."""
    taken = sparse.csr_array(training.matrix(options["values"], options["half_life"]), dtype=np.float64)
    loss = Loss(min(options["factors"], *taken.shape), options["regularisation"], options["unobserved"])
    items = ials(taken, loss)
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
    """Kernels tuned like everyone else; features, fusion and ranker with their defaults only."""
    return [
        *(Contender(f"duckmark {name}", "single", {name: (1.0,)}, alone) for name in (*TASTE, "recent")),
        Contender("duckmark SLIM, tuned", "single", SLIM, slim_scores),
        Contender("duckmark EASE, tuned", "single", EASE, ease_scores),
        Contender("duckmark iALS, tuned", "single", IALS, ials_scores),
        Contender("duckmark fusion", "ranker", {}, fused),
        Contender("duckmark hybrid", "ranker", {}, ranked),
    ]
