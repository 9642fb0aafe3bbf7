"""The options of a build, declared once: what each may be, and what it does."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from duckmark.errors import ConfigError
from duckmark.lexicons import languages
from duckmark.memory import read_memory


@dataclass(frozen=True)
class Option:
    """One option: its ``kind``, a type or the texts it may be; its ``meaning`` and its ``default`` in words.

    A number is at least ``least``, an integer by default at least 1, and less than ``below``.
    """

    kind: type | tuple[str, ...]
    meaning: str
    default: str
    least: float | None = None
    below: float = math.inf

    def problem(self, value: Any) -> str | None:
        """What was expected, where ``value`` is not it."""
        if isinstance(self.kind, tuple):
            return None if value in self.kind else "one of " + ", ".join(self.kind)
        if self.kind is str:
            return None if isinstance(value, str) and value else "a text"
        if isinstance(value, bool) != (self.kind is bool) or not isinstance(value, (self.kind, int)):
            return self.kind.__name__
        return self._out_of_range(value)

    def _out_of_range(self, value: float) -> str | None:
        if self.kind is float and not math.isfinite(value):
            return "a finite number"
        least = 1 if self.kind is int and self.least is None else self.least
        if least is not None and value < least:
            return f"at least {least}"
        return f"less than {self.below}" if value >= self.below else None


class MemoryOption(Option):
    """A size of memory."""

    def problem(self, value: Any) -> str | None:
        try:
            read_memory(value)
        except ConfigError:
            return "a size of at least 1GB, such as 8GB"
        return None


def weight(of: str, default: str) -> Option:
    """The weight of one kind of evidence in a fixed fusion, which stands as soon as one is set."""
    return Option(float, f"weight of {of} in a fixed fusion, which the ranker then is", default)


WEIGHTINGS = ("none", "tf_idf", "bm25")
OPTIONS: Mapping[str, Option] = {
    "seed": Option(int, "of everything that is drawn", "42", least=0, below=2**32),
    "memory": MemoryOption(str, "what this build stays within, such as 8GB; the file does not keep it",
                           "three quarters of the machine's"),
    "evaluate": Option(bool, "whether a build measures its recommendations on held-out events", "true"),
    "language": Option(("auto", *languages()), "ISO code of the one language of all texts; `auto`: each in its own",
                       "auto"),
    "stem": Option(bool, "whether word forms count as one word throughout", "false"),
    "emoji": Option(bool, "whether `sentiment` reads emoji", "false"),
    "embedder": Option(("word2vec", "fasttext", "file", "transformer"), "where word vectors come from", "word2vec"),
    "vectors": Option(str, "path of the embedder `file` or `transformer`", "none"),
    "word_model": Option(("skip_gram", "cbow"), "how word vectors are trained: `cbow` is several times as fast, and "
                         "finds less", "skip_gram"),
    "dimensions": Option(int, "length of trained word vectors", "64"),
    "window": Option(int, "words on either side that a word is trained with", "5"),
    "subsampling": Option(float, "threshold from which frequent words are left out at random", "0.001", least=0),
    "epochs": Option(int, "passes over the text", "2 to 30, the more the less text there is"),
    "neighbours": Option(int, "similar users kept of each user", "100"),
    "user_weighting": Option(WEIGHTINGS, "of preferences, before users are compared", "none"),
    "user_shrinkage": Option(float, "added to the product of two users' norms: little in common counts for less", "0",
                             least=0),
    "half_life": Option(float, "days in which a choice comes to weigh half; 0: never", "180", least=0),
    "items_model": Option(("slim", "ease", "edlae", "item_knn", "graph_filter"), "which products go together",
                          "slim; item_knn in catalogues of more than 20,000"),
    "item_weighting": Option(WEIGHTINGS, "of choices, before products are compared", "none; bm25 with item_knn"),
    "item_neighbours": Option(int, "weights kept of each product", "100 with slim, else 200"),
    "item_lists": Option(("target", "source"), "of item_knn: the nearest of each product that may be recommended, or "
                         "of each in a history", "target"),
    "item_shrinkage": Option(float, "of item_knn: added to the product of two products' norms", "0", least=0),
    "slim_l1": Option(float, "penalty of absolute weights, in mean squares of what choices weigh", "1", least=0),
    "slim_l2": Option(float, "penalty of squared weights, likewise", "100; without times also 10, by what does better",
                      least=0),
    "slim_dropout": Option(float, "share of choices that slim is trained to do without", "0.5", least=0, below=1),
    "ease_regularisation": Option(float, "penalty of squared weights, in mean squares of what choices weigh", "300",
                                  least=0),
    "ease_dropout": Option(float, "share of choices that edlae is trained to do without", "0.5", least=0, below=1),
    "activity_discount": Option(float, "power of the number of choices of a user by which each weighs less",
                                "0; 0.5 without times"),
    "popularity_discount": Option(float, "power of the popularity of a product by which its weights are divided",
                                  "0; without times also 0.1, by what does better"),
    "graph_rank": Option(int, "of graph_filter: singular vectors of its ideal low-pass filter", "256"),
    "graph_ideal": Option(float, "weight of the ideal low-pass filter beside the linear one", "0.3", least=0),
    "factors": Option(int, "length of the factors of implicit feedback", "64"),
    "ials_regularisation": Option(float, "ridge of a user with the mean number of choices", "3", least=0),
    "ials_unobserved": Option(float, "weight of what was not chosen, beside 1 of what was", "0.2", least=0),
    "ials_activity_discount": Option(float, "power of the number of choices of a user by which each weighs less",
                                     "0.25"),
    "rating_factors": Option(int, "length of the factors of ratings", "16; 8 of more than 20,000 products"),
    "ranker": Option(("auto", "fusion", "linear", "coordinate_ascent", "neural", "wide_and_deep"),
                     "how evidence is weighed; `auto`: the simplest that none clearly surpasses", "auto"),
    "content_weight": weight("likeness of profiles", "0.05"),
    "collaborative_weight": weight("similar users", "0.05"),
    "items_weight": weight("products that go together", "0.35"),
    "factors_weight": weight("factors", "0.35"),
    "popularity_weight": weight("popularity", "0.4"),
    "recent_weight": weight("popularity of late", "0.5"),
    "list_length": Option(int, "products in each user's stored list, at least 10", "50", least=10),
    "topics": Option(int, "number of topics of reviews", "the most coherent"),
    "topic_model": Option(("nmf", "lda"), "how topics are found", "nmf"),
}  # fmt: skip
