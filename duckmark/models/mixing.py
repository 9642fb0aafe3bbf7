"""Training of gensim's word vectors on two threads that gives the same vectors again."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from duckmark.kernels.blocks import side_by_side

# A number of its own, not that of the machine's cores: the same text gives the same vectors everywhere.
PARTS = 2
LAST_RATE = 0.0001  # gensim's


def trained(model: Any, sentences: Sequence[list[str]], seed: int) -> None:
    """Train a gensim Word2Vec or FastText whose vocabulary is built, each half of ``sentences`` by a copy of it.

    After every epoch all go on from their mean: iterative parameter mixing (McDonald, Hall & Mann 2010). gensim's own
    workers write into one model at the same time, so that no two runs of theirs agree; a copy here has one worker.
    """
    copies = [model, *(deepcopy(model) for _ in range(1, PARTS))]
    for number, one in enumerate(copies):
        one.random = np.random.RandomState((seed + number) % 2**32)  # numpy's seeds end there
    parts = [(one, sentences[number::PARTS]) for number, one in enumerate(copies)]
    rate = PARTS * model.alpha  # as each part takes half of the steps (Goyal et al. 2017, section 2.1)
    for start, end in pairwise(np.linspace(rate, LAST_RATE, model.epochs + 1).tolist()):
        side_by_side(partial(_epoch, start, end), parts)
        _mix(copies)
    if hasattr(model.wv, "adjust_vectors"):  # FastText's vectors of words are made of those of their subwords
        model.wv.adjust_vectors()


def _epoch(start: float, end: float, part: tuple[Any, Sequence[list[str]]]) -> None:
    model, sentences = part
    model.train(sentences, total_examples=len(sentences), epochs=1, start_alpha=start, end_alpha=end)


def _mix(copies: Sequence[Any]) -> None:
    for arrays in zip(*map(_weights, copies), strict=True):
        mean = np.mean(arrays, axis=0, dtype=np.float32)
        for array in arrays:
            array[:] = mean


def _weights(model: Any) -> list[np.ndarray]:
    """What training changes, as it stands in ``model``."""
    words = ("vectors_vocab", "vectors_ngrams") if hasattr(model.wv, "vectors_ngrams") else ("vectors",)
    return [model.syn1neg, *(getattr(model.wv, name) for name in words)]
