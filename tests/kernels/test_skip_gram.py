"""Skip-gram against loops over pairs, and on text of which is known what stands together."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from duckmark.kernels import blocks
from duckmark.kernels.skip_gram import DRAWN, Chances, Settings, Weights, learn, skip_gram, steps_of
from duckmark.kernels.windows import blocks_of, kept_shares, stretches, subsampled

WINDOW, BLOCK = 5, 32
LENGTHS = [3, 0, 1, BLOCK - 1, 2 * BLOCK + 7, 40, 0]


@pytest.fixture
def text() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Words, offsets, and how far each word reaches."""
    draws = np.random.default_rng(0)
    offsets = np.concatenate(([0], np.cumsum(LENGTHS)))
    words = draws.integers(0, 50, offsets[-1]).astype(np.int32)
    return words, offsets, draws.integers(1, WINDOW + 1, len(words), np.int8)


def pairs_by_hand(words: np.ndarray, offsets: np.ndarray, reach: np.ndarray) -> Counter:
    found = Counter()
    for begin, end in pairwise(offsets):
        for start in range(begin, end, BLOCK):
            piece = range(start, min(start + BLOCK, end))
            found.update(
                (words[near], words[centre])
                for centre in piece
                for near in piece
                if 0 < abs(near - centre) <= reach[centre]
            )
    return found


def test_pairs_are_those_within_reach(text):
    made, found = blocks_of(*text, WINDOW, BLOCK), Counter()
    for number in range(len(made)):
        words = made.words[made.word_offsets[number] : made.word_offsets[number + 1]]
        cells = made.pairs[made.pair_offsets[number] : made.pair_offsets[number + 1]]
        near, centre = words[cells // len(words)], words[cells % len(words)]
        found.update(zip(near, centre, strict=True))
        paired = made.paired[made.word_offsets[number] : made.word_offsets[number + 1]]
        assert paired.tolist() == [(near == word).sum() for word in words]
        assert (np.diff(words) > 0).all()
        assert len(words) <= 2 * BLOCK
    assert found == pairs_by_hand(*text)


def test_no_text_has_no_blocks():
    assert len(blocks_of(np.empty(0, np.int32), np.zeros(3, np.int64), np.empty(0, np.int8), WINDOW, BLOCK)) == 0


def test_stretches_are_all_of_the_text(text, monkeypatch):
    monkeypatch.setattr("duckmark.kernels.windows.STRETCH", 30)
    words, offsets, _ = text
    texts = [words[i:j].tolist() for i, j in pairwise(offsets)]
    cut = stretches(words, offsets)
    assert len(cut) > 2
    found = [some[i:j].tolist() for some, ends in cut for i, j in pairwise(ends)]
    assert [one for one in found if one] == [one for one in texts if one]


def test_frequent_words_are_left_out_the_more_the_more_frequent():
    counts = np.array([90_000, 9_000, 1_000])
    words, offsets = np.repeat(np.arange(3, dtype=np.int32), counts), np.array([0, 90_000, 100_000])
    kept, ends = subsampled(words, offsets, kept_shares(counts, 0.01), np.random.default_rng(0))
    excess = 0.01 * counts.sum() / counts
    assert np.bincount(kept) == pytest.approx(np.minimum(1, np.sqrt(excess) + excess) * counts, rel=0.05)
    assert ends.tolist() == [0, (kept == 0).sum(), len(kept)]
    assert len(subsampled(words, offsets, kept_shares(counts, 0), np.random.default_rng(0))[0]) == len(words)


def test_a_step_is_the_sum_of_the_steps_of_its_pairs(text):
    """Each pair's, and for each noise word drawn, of which every one stands for 5 / `DRAWN` of a pair's; less what of
    these is expected to be the pair's own word."""
    words, offsets, _ = text
    shares = np.random.default_rng(2).dirichlet(np.ones(50))
    chances = Chances(np.ones(50), shares, BLOCK)
    [step, *_] = steps_of(words, offsets, (0.1, 0.1), chances, Settings(), np.random.default_rng(1))
    weights = Weights(*np.random.default_rng(3).normal(size=(2, 50, 8)).astype(np.float32))
    before, after = (Weights(*(weight.astype(np.float64) for weight in weights)) for _ in range(2))
    assert len(np.unique(step.noise)) < DRAWN
    for cell in step.pairs:
        near, centre = step.words[cell // len(step.words)], step.words[cell % len(step.words)]
        noise = [(one, 0, 5 / DRAWN) for one in step.noise]
        for other, wanted, weight in [(centre, 1, 1), (centre, 0, -5 * shares[centre]), *noise]:
            error = 0.1 * weight * (wanted - 1 / (1 + np.exp(-before.inputs[near] @ before.outputs[other])))
            after.inputs[near] += error * before.outputs[other]
            after.outputs[other] += error * before.inputs[near]
    learn(weights, step)
    assert weights.inputs == pytest.approx(after.inputs, abs=1e-4)
    assert weights.outputs == pytest.approx(after.outputs, abs=1e-4)


def themes(vocabulary: int, texts: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Texts of twelve words each, all of one third of the vocabulary; every word's count."""
    draws, third = np.random.default_rng(0), vocabulary // 3
    words = draws.integers(0, third, (texts, 12)) + draws.integers(0, 3, (texts, 1)) * third
    return words.astype(np.int32).ravel(), np.arange(texts + 1) * 12, np.bincount(words.ravel(), minlength=vocabulary)


def test_words_of_the_same_texts_are_alike():
    found = skip_gram(*themes(24, 1000), Settings(16, epochs=8))
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    cosines = (found @ found.T).reshape(3, 8, 3, 8).mean(axis=(1, 3))
    assert (cosines.diagonal() > cosines[~np.eye(3, dtype=bool)].max() + 0.3).all()


def test_one_core_gives_what_two_give_and_another_seed_gives_others(monkeypatch):
    text = themes(90, 500)
    found = skip_gram(*text, Settings(16))
    assert not np.array_equal(found, skip_gram(*text, Settings(16, seed=1)))
    monkeypatch.setattr(blocks, "WORKERS", 1)
    assert np.array_equal(found, skip_gram(*text, Settings(16)))


def test_one_word_over_and_over_stays_finite():
    words = np.zeros(1000, np.int32)
    words[::7] = 1
    found = skip_gram(words, np.array([0, len(words)]), np.bincount(words), Settings(epochs=3, subsampling=0))
    assert np.isfinite(found).all()
