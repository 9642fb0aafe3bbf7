"""Word vectors by skip-gram with negative sampling, a block of text at a time."""

from __future__ import annotations

from functools import partial
from itertools import chain, pairwise
from operator import call
from typing import NamedTuple

import numpy as np

from duckmark.kernels.blocks import threads
from duckmark.kernels.windows import blocks_of, kept_shares, stretches, subsampled

RATE, LAST_RATE = 0.025, 0.0001  # word2vec's
# Words of a block: more make its matrix of pairs larger than what is in it, fewer make more calls. So few that none is
# expected more often than this: the steps of a block do not see each other, and too many at once overshoot.
BLOCK, OCCURRENCES = (4, 128), 2
DRAWN = 64  # words of the noise, which the pairs of a block share: each stands for so many fewer


class Settings(NamedTuple):
    """``window``: words on either side at most; ``negative``: noise words a pair; ``subsampling``: the share of the
    text from which words are left out the more, the more frequent they are (0: none is).
    """

    dimensions: int = 64
    window: int = 5
    negative: int = 5
    subsampling: float = 1e-3
    epochs: int = 5
    seed: int = 42


class Weights(NamedTuple):
    """A vector of each word as one that is near another (the outcome) and one as another near it: both (v, d)."""

    inputs: np.ndarray
    outputs: np.ndarray


class Chances(NamedTuple):
    """How many occurrences of each word stay (v,), each one's share of the noise (v,), and words of a block."""

    kept: np.ndarray
    noise: np.ndarray
    block: int


class Step(NamedTuple):
    """A block: its ``words`` (s,), its ``pairs`` as in `Blocks`, how many of a pair's noise words are expected to be
    each word (``hits``, (s,)), and what a noise word weighs against each, negative (``asked``, (s, 1)).

    ``noise``: (`DRAWN`,) words, a word that was drawn several times standing in line; ``times``: how many times, at the
    last of them, and 0 at the others. So only the last has a gradient, and is written last. ``rate``: of learning.
    """

    words: np.ndarray
    pairs: np.ndarray
    hits: np.ndarray
    asked: np.ndarray
    noise: np.ndarray
    times: np.ndarray
    rate: np.float32


def skip_gram(words: np.ndarray, offsets: np.ndarray, counts: np.ndarray, settings: Settings) -> np.ndarray:
    """Vectors of v words, float32 (v, dimensions).

    ``words``: int32 (m,) below v; text i at [offsets[i], offsets[i + 1]); ``counts``: (v,) how often each word occurs.

    The model of Mikolov et al. (2013). Pairs are taken a block of text at a time and share the block's noise words
    (Ji, Satish, Li & Dubey 2016), which makes products of matrices of what were products of vectors. The same text
    gives the same vectors on any number of cores: while a stretch of text is learnt from, the next one is prepared.
    """
    draws = np.random.default_rng(settings.seed)
    shape = len(counts), settings.dimensions
    weights = Weights((draws.random(shape, np.float32) * 2 - 1) / settings.dimensions, np.zeros(shape, np.float32))
    texts = stretches(words, offsets) * settings.epochs
    rates = pairwise(np.linspace(RATE, LAST_RATE, len(texts) + 1))
    chances = chances_of(counts, settings.subsampling)
    prepared = [
        partial(steps_of, *text, rate, chances, settings, own)
        for text, rate, own in zip(texts, rates, draws.spawn(len(texts)), strict=True)
    ]
    steps: list[Step] = []
    with threads() as side_by_side:
        for following in chain(prepared, [list]):
            _, steps = side_by_side(call, [partial(_learn_from, weights, steps), following])
    return weights.inputs


def chances_of(counts: np.ndarray, subsampling: float) -> Chances:
    kept, noise = kept_shares(counts, subsampling), counts**0.75  # word2vec's
    noise /= noise.sum()
    most = max(noise.max(), (kept * counts).max() / (kept * counts).sum())
    return Chances(kept, noise, int(np.clip(OCCURRENCES / most, *BLOCK)))


def steps_of(
    words: np.ndarray,
    offsets: np.ndarray,
    rates: tuple[float, float],
    chances: Chances,
    settings: Settings,
    draws: np.random.Generator,
) -> list[Step]:
    """The blocks of a stretch of text, with their noise, and rates from the first to before the last."""
    words, offsets = subsampled(words, offsets, chances.kept, draws)
    reach = draws.integers(1, settings.window + 1, len(words), np.int8)
    blocks = blocks_of(words, offsets, reach, settings.window, chances.block)
    noise = np.searchsorted(np.cumsum(chances.noise), draws.random((len(blocks), DRAWN)))
    noise = np.sort(np.minimum(noise, len(chances.noise) - 1), axis=1)  # all shares may be less than one by a rounding
    hits = (settings.negative * chances.noise).astype(np.float32)[blocks.words]
    asked = blocks.paired * np.float32(-settings.negative / DRAWN)
    rate = np.linspace(*rates, len(blocks), endpoint=False, dtype=np.float32)
    places = (pairwise(ends.tolist()) for ends in (blocks.word_offsets, blocks.pair_offsets))
    return [
        Step(blocks.words[i:j], blocks.pairs[p:q], hits[i:j], asked[i:j, None], *of_noise)
        for (i, j), (p, q), *of_noise in zip(*places, noise, _last_of_runs(noise), rate, strict=True)
    ]


def _last_of_runs(ascending: np.ndarray) -> np.ndarray:
    """How often a number stands in its row (b, k), at the last place where it does; 0 at the others. float32 (b, k)."""
    is_last = np.ones(ascending.shape, bool)
    is_last[:, :-1] = ascending[:, 1:] != ascending[:, :-1]
    last = np.flatnonzero(is_last)
    times = np.zeros(ascending.size, np.float32)
    times[last] = np.diff(last, prepend=-1)
    return times.reshape(ascending.shape)


def _learn_from(weights: Weights, steps: list[Step]) -> None:
    for step in steps:
        learn(weights, step)


def learn(weights: Weights, step: Step) -> None:
    """A step of gradient descent on all pairs of a block, at the weights before it.

    word2vec passes over noise that is the very word of the pair: the pairs are given back what their ``hits`` take.
    """
    words, noise, size = step.words, step.noise, len(step.words)
    inputs, outputs, others = weights.inputs.take(words, 0), weights.outputs.take(words, 0), weights.outputs[noise]
    near = _sigmoid(-(inputs @ outputs.T).ravel().take(step.pairs))
    near += step.hits.take(step.pairs % np.int32(size)) * (1 - near)
    near = np.bincount(step.pairs, near, size * size).astype(np.float32).reshape(size, size)
    apart = _sigmoid(inputs @ others.T)
    apart *= step.asked
    apart *= step.times
    pulled = step.rate * inputs
    weights.outputs[words] = outputs + near.T @ pulled
    weights.outputs[noise] += apart.T @ pulled
    inputs += step.rate * (near @ outputs + apart @ others)
    weights.inputs[words] = inputs


def _sigmoid(values: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)) in place; exact at the ends, where exp is held back from infinity."""
    np.negative(values, out=values)
    np.minimum(values, 80, out=values)
    np.exp(values, out=values)
    values += 1
    return np.reciprocal(values, out=values)
