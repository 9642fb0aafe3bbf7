"""duckmark's own models as contenders: the parts of its score alone and mixed, as its pipeline trains them."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from benchmarks.recommenders.contenders import Contender, Options
from benchmarks.recommenders.training import Training
from duckmark.kernels.hybrid import PARTS
from duckmark.kernels.item_weights import ease, largest
from duckmark.models.item_weights import MOST_WEIGHTS, REGULARISATION
from duckmark.models.recommendations import WEIGHTS

# The grid of benchmarks/hybrid_weights.py, the defaults first.
MIXTURES = {
    "content": (WEIGHTS["content"], 0, 0.02, 0.05, 0.2),
    "collaborative": (WEIGHTS["collaborative"], 0, 0.15, 0.3),
    "items": (WEIGHTS["items"],),
    "popularity": (WEIGHTS["popularity"], 0, 0.05, 0.1),
}

EASE = {
    "regularisation": (REGULARISATION, 30.0, 100.0, 1000.0, 3000.0),
    "values": ("liked", "taken"),
    "half_life": (180, 60, None),
}


def mixed(training: Training, options: Options, users: np.ndarray) -> np.ndarray:
    """The weighted sum of the parts of duckmark's score; ``options`` gives the weight of each, 0 unless told."""
    evidence = training.evidence({})
    parts = {
        "content": lambda: evidence.user_vectors[users] @ evidence.product_vectors.T,
        "collaborative": lambda: (evidence.shares[users] @ evidence.preferences).toarray(),
        "items": lambda: (evidence.histories[users] @ evidence.item_weights).toarray(),
        "popularity": lambda: evidence.popularity[None],
    }
    return sum(options[name] * part() for name, part in parts.items() if options.get(name)) + np.zeros((len(users), 1))


def ease_scores(training: Training, options: Options, users: np.ndarray) -> np.ndarray:
    """EASE on who took (or liked) what, its largest weights, from a history that fades with a half-life."""
    weights = largest(
        ease(sparse.csr_array(training.matrix(options["values"])), options["regularisation"]), MOST_WEIGHTS
    )
    return (training.matrix(options["values"], options["half_life"])[users] @ weights).toarray()


def contenders() -> list[Contender]:
    """The parts and the hybrid with their defaults, and those that have options tuned like everyone else."""
    alone = [Contender(f"duckmark {part}", "single", {part: (1,)}, mixed) for part in PARTS if part != "popularity"]
    return [
        *alone,
        Contender("duckmark EASE, tuned", "single", EASE, ease_scores),
        Contender("duckmark hybrid", "ranker", {name: (weight,) for name, weight in WEIGHTS.items()}, mixed),
        Contender("duckmark hybrid, tuned", "ranker", MIXTURES, mixed),
    ]
