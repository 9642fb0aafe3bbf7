"""gensim's online LDA on our own E-step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from gensim.models import LdaModel

from duckmark.kernels.lda import Bags, expected_counts, topic_weights

REVIEWS_AT_ONCE = 2_000  # gensim's default chunk
LEAST_PASSES = 5
LEAST_UPDATES = 30  # small shops take more passes, so that the online updates converge


class OnlineLda(LdaModel):
    """gensim's online LDA with automatic priors, whose E-step is ``kernels.lda`` over many reviews at once.

    A review is passed through gensim as its number in ``bags``.
    """

    def __init__(self, bags: Bags, terms: Sequence[str], topics: int, seed: int) -> None:
        self.bags = bags
        chunks = -(-len(bags) // REVIEWS_AT_ONCE)
        super().__init__(
            num_topics=topics,
            id2word=dict(enumerate(terms)),
            chunksize=REVIEWS_AT_ONCE,
            passes=max(LEAST_PASSES, -(-LEAST_UPDATES // chunks)),
            alpha="auto",
            eta="auto",
            eval_every=None,
            random_state=seed,
        )
        self.update(range(len(bags)))

    def inference(self, chunk: Sequence[int], collect_sstats: bool = False) -> tuple:
        bags = self.bags.part(chunk[0], chunk[-1] + 1)
        beta = np.ascontiguousarray(self.expElogbeta.T, np.float64)
        gamma = topic_weights(bags, self.alpha.astype(np.float64), beta)
        counts = expected_counts(bags, gamma, beta).T.astype(self.dtype) if collect_sstats else None
        return gamma.astype(self.dtype), counts
