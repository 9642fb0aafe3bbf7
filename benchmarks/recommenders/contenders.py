"""How a recommender takes part: its options, drawn alike for everyone, and how the best of them are chosen."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.recommenders.training import Training

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Contender:
    """A recommender. ``kind`` is baseline, peer, single or ranker; the last two are duckmark's, a ranker being
    one that mixes several models. ``grid`` holds the choices of each option, the default first.
    ``fit_score(training, options, users)`` gives the scores (users, products) of the whole catalogue."""

    name: str
    kind: str
    grid: Mapping[str, tuple]
    fit_score: Callable[[Training, Options, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Result:
    """The options chosen, ``validation`` (the mean of NDCG@10 and recall@20 there), and each tested user's
    quality on the test; the seconds that ``trials`` of tuning took, and the final fit with its scores."""

    name: str
    kind: str
    options: Options
    trials: int
    validation: float
    per_user: Mapping[str, np.ndarray]
    tuning: float
    fit: float


def drawn(grid: Mapping[str, tuple], trials: int, seed: int) -> list[dict[str, Any]]:
    """``trials`` different option dicts of ``grid``, the defaults first; all of them where there are no more.

    Latin hypercube sampling (McKay et al. 1979): every choice of every option comes up about equally often.
    """
    if math.prod(map(len, grid.values())) <= trials:
        return [dict(zip(grid, chosen, strict=True)) for chosen in itertools.product(*grid.values())]
    generator = np.random.default_rng(seed)
    found = {tuple(choices[0] for choices in grid.values()): None}
    while len(found) < trials:
        columns = [
            [choices[i] for i in generator.permutation(np.arange(trials) % len(choices))] for choices in grid.values()
        ]
        found.update(dict.fromkeys(zip(*columns, strict=True)))
    return [dict(zip(grid, chosen, strict=True)) for chosen in list(found)[:trials]]


def contest(contender: Contender, tune: Training, test: Training, trials: int, seed: int) -> Result:
    """Choose among ``trials`` options by quality on ``tune``, refit with the best on ``test`` and measure there."""
    options = drawn(tune.choices(contender.grid), trials, seed)
    started = time.perf_counter()
    quality = [aim(tune.quality(contender.fit_score(tune, each, tune.tested))) for each in options]
    tuned = time.perf_counter()
    best = int(np.argmax(quality))
    scores = contender.fit_score(test, options[best], test.tested)
    fit = time.perf_counter() - tuned
    return Result(
        contender.name,
        contender.kind,
        options[best],
        len(options),
        quality[best],
        test.quality(scores),
        tuned - started,
        fit,
    )


def aim(per_user: Mapping[str, np.ndarray]) -> float:
    """What tuning maximises: the mean of NDCG@10 and recall@20."""
    return float(np.mean([values.mean() for values in per_user.values()]))
