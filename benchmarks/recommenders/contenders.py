"""How a recommender takes part: its options, drawn alike for everyone, and how the best of them are chosen."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Mapping, Sequence
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


def search(
    grid: Mapping[str, tuple], trials: int, seed: int, quality: Callable[[Options], float]
) -> list[tuple[float, dict[str, Any]]]:
    """``trials`` different option dicts of ``grid`` with their ``quality``, or all of them where there are no more.

    The first half is `drawn`; each other one has one option changed in the best so far of which such a one is left.
    """
    tried = [(quality(options), options) for options in drawn(grid, -(-trials // 2), seed)]
    generator = np.random.default_rng(seed)
    while len(tried) < min(trials, math.prod(map(len, grid.values()))):
        seen = [options for _, options in tried]
        ranked = (options for _, options in sorted(tried, key=lambda each: -each[0]))
        near = next(filter(None, (_untried(grid, options, seen) for options in ranked)))
        options = near[generator.integers(len(near))]
        tried.append((quality(options), options))
    return tried


def _untried(grid: Mapping[str, tuple], options: Options, seen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """``options`` with another choice of one of them, so far as these are not among ``seen``."""
    near = [{**options, name: choice} for name, choices in grid.items() for choice in choices]
    return [each for each in near if each not in seen]


def contest(contender: Contender, tune: Sequence[Training], test: Training, trials: int, seed: int) -> Result:
    """Choose among ``trials`` options by quality on the slices ``tune``, refit with the best on ``test`` and measure
    there."""

    def quality(options: Options) -> float:
        return aim([part.quality(contender.fit_score(part, options, part.tested)) for part in tune])

    started = time.perf_counter()
    tried = search(tune[0].choices(contender.grid), trials, seed, quality)
    tuned = time.perf_counter()
    validation, best = max(tried, key=lambda each: each[0])
    scores = contender.fit_score(test, best, test.tested)
    fit = time.perf_counter() - tuned
    return Result(
        contender.name,
        contender.kind,
        best,
        len(tried),
        validation,
        test.quality(scores),
        tuned - started,
        fit,
    )


def aim(parts: Sequence[Mapping[str, np.ndarray]]) -> float:
    """What tuning maximises: the mean of NDCG@10 and recall@20, over the users of all ``parts``."""
    return float(np.mean([np.concatenate([part[metric] for part in parts]).mean() for metric in parts[0]]))
