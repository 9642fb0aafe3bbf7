"""Word vectors by skip-gram with negative sampling, a block of text at a time, on two copies that are mixed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from duckmark.kernels.blocks import threads
from duckmark.kernels.windows import Blocks, blocks_of, cut_texts, kept_shares, subsampled

RATE, LAST_RATE = 0.025, 0.0001  # word2vec's
PARTS = 2  # a number of its own, not that of the machine's cores: the same text gives the same vectors everywhere
# Words of a block: more make its matrix of pairs larger than what is in it, fewer make more calls. So few that none is
# expected more often than this: the steps of a block do not see each other, and too many at once overshoot.
BLOCK, OCCURRENCES = (4, 128), 2
DRAWN = 64  # words of the noise, which the pairs of a block share: each stands for so many fewer


class Settings(NamedTuple):
    """``window``: words on either side at most; ``negative``: noise words a pair; ``subsampling``: the share of the
    text from which words are left out the more, the more frequent they are (0: none is).

    ``parts``: copies that are trained on as many parts of the text and mixed after every epoch.
    """

    dimensions: int = 64
    window: int = 5
    negative: int = 5
    subsampling: float = 1e-3
    epochs: int = 5
    seed: int = 42
    parts: int = PARTS


class Weights(NamedTuple):
    """A vector of each word as one that is near another (the outcome) and one as another near it: both (v, d)."""

    inputs: np.ndarray
    outputs: np.ndarray


class _Chances(NamedTuple):
    """How many occurrences of each word stay (v,), each one's share of the noise (v,), and words of a block."""

    kept: np.ndarray
    noise: np.ndarray
    block: int


class _Step(NamedTuple):
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


class _Part(NamedTuple):
    """A copy of the weights, its stretches of text (words, offsets), and where its draws come from."""

    weights: Weights
    stretches: list[tuple[np.ndarray, np.ndarray]]
    draws: np.random.Generator


def skip_gram(words: np.ndarray, offsets: np.ndarray, counts: np.ndarray, settings: Settings) -> np.ndarray:
    """Vectors of v words, float32 (v, dimensions).

    ``words``: int32 (m,) below v; text i at [offsets[i], offsets[i + 1]); ``counts``: (v,) how often each word occurs.

    The model of Mikolov et al. (2013). Pairs are taken a block of text at a time and share the block's noise words
    (Ji, Satish, Li & Dubey 2016), which makes products of matrices of what were products of vectors. After every epoch
    the copies go on from their mean: iterative parameter mixing (McDonald, Hall & Mann 2010), at a rate that makes up
    for each taking but its share of the steps (Goyal et al. 2017, section 2.1).
    """
    draws = np.random.default_rng(settings.seed)
    shape = len(counts), settings.dimensions
    begun = Weights((draws.random(shape, np.float32) * 2 - 1) / settings.dimensions, np.zeros(shape, np.float32))
    parts = [
        _Part(Weights(*(weight.copy() for weight in begun)), cut_texts(words, offsets, number, settings.parts), spawned)
        for number, spawned in enumerate(draws.spawn(settings.parts))
    ]
    chances = _chances(counts, settings.subsampling)
    with threads() as side_by_side:
        for rates in pairwise(np.linspace(RATE * settings.parts, LAST_RATE, settings.epochs + 1)):
            side_by_side(partial(_epoch, chances, rates, settings), parts)
            _mix([part.weights for part in parts])
    return parts[0].weights.inputs


def _chances(counts: np.ndarray, subsampling: float) -> _Chances:
    kept, noise = kept_shares(counts, subsampling), counts**0.75  # word2vec's
    noise /= noise.sum()
    most = max(noise.max(), (kept * counts).max() / (kept * counts).sum())
    return _Chances(kept, noise, int(np.clip(OCCURRENCES / most, *BLOCK)))


def _epoch(chances: _Chances, rates: tuple[float, float], settings: Settings, part: _Part) -> None:
    ends = np.linspace(*rates, len(part.stretches) + 1)
    for (words, offsets), (first, last) in zip(part.stretches, pairwise(ends), strict=True):
        words, offsets = subsampled(words, offsets, chances.kept, part.draws)
        reach = part.draws.integers(1, settings.window + 1, len(words), np.int8)
        blocks = blocks_of(words, offsets, reach, settings.window, chances.block)
        rate = np.linspace(first, last, len(blocks), endpoint=False, dtype=np.float32)
        for step in _steps(blocks, chances.noise, settings.negative, rate, part.draws):
            _learn(part.weights, step)


def _steps(
    blocks: Blocks, noise: np.ndarray, negative: int, rates: np.ndarray, draws: np.random.Generator
) -> Iterator[_Step]:
    drawn = np.sort(np.searchsorted(np.cumsum(noise), draws.random((len(blocks), DRAWN))), axis=1)
    drawn = np.minimum(drawn, len(noise) - 1)  # the sum of the shares may be less than one by a rounding
    asked = blocks.paired * np.float32(-negative / DRAWN)
    hits = (negative * noise).astype(np.float32)[blocks.words]
    words, pairs = (pairwise(ends.tolist()) for ends in (blocks.word_offsets, blocks.pair_offsets))
    for (w, x), (p, q), *of_noise, rate in zip(words, pairs, drawn, _last_of_runs(drawn), rates, strict=True):
        yield _Step(blocks.words[w:x], blocks.pairs[p:q], hits[w:x], asked[w:x, None], *of_noise, rate)


def _last_of_runs(ascending: np.ndarray) -> np.ndarray:
    """How often a number stands in its row (b, k), at the last place where it does; 0 at the others. float32 (b, k)."""
    is_last = np.ones(ascending.shape, bool)
    is_last[:, :-1] = ascending[:, 1:] != ascending[:, :-1]
    last = np.flatnonzero(is_last)
    times = np.zeros(ascending.size, np.float32)
    times[last] = np.diff(last, prepend=-1)
    return times.reshape(ascending.shape)


def _learn(weights: Weights, step: _Step) -> None:
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


def _mix(copies: list[Weights]) -> None:
    for arrays in zip(*copies, strict=True):
        mean = np.mean(arrays, axis=0, dtype=np.float32)
        for array in arrays:
            array[:] = mean
