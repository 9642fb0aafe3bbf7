"""Ways to learn a ranker from what users took after a split, and how well each ranks for users it did not see."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from duckmark.evaluation.measure import hits, ranked
from duckmark.evaluation.trial import Trial
from duckmark.kernels.coordinate_ascent import Candidates, coordinate_ascent, padded_candidates
from duckmark.kernels.features import FEATURES, TASTE, USER, features, rows, with_taste
from duckmark.kernels.metrics import AIMED_AT, aim
from duckmark.kernels.network import Network, linear, mean, score_blocks
from duckmark.kernels.ranking import best_columns

MOST_USERS, FEW_USERS = 600, 200
# Products a user to learn from: so many of the best by the fusion and by each of ALONE, and of all others.
BEST, OTHERS = 40, 150
ALONE = (*TASTE, "popularity", "recent")
NETWORKS, UNITS = 2, 16


@dataclass(frozen=True)
class Pairs:
    """What to learn from: scaled features ``x`` (m, f), whether the product was ``taken`` (m,), ``weight`` (m,), the
    ``user`` (m,), counted from 0 in ascending order, and whether one would come upon the product without knowing that
    it was taken, ``found`` (m,)."""

    x: np.ndarray
    taken: np.ndarray
    weight: np.ndarray
    user: np.ndarray
    found: np.ndarray

    def without(self, part: int, parts: int) -> Pairs:
        """Those of all but every ``parts``-th user, from ``part`` on."""
        kept = self.user % parts != part
        user = np.unique(self.user[kept], return_inverse=True)[1]
        return Pairs(self.x[kept], self.taken[kept], self.weight[kept], user, self.found[kept])


def sampled(trial: Trial, seed: int) -> np.ndarray:
    """At most 600 users who took something new after the split, in random order, (n,)."""
    tested = np.flatnonzero(np.diff(trial.truth.indptr))
    return np.random.default_rng(seed).permutation(tested)[:MOST_USERS]


def pairs_of(trial: Trial, users: np.ndarray, fusion: Network, scale: np.ndarray) -> Pairs:
    """What each of ``users`` took, the best products for them by the fusion and by each of ALONE, and a sample of all
    others, weighted to stand for them: the catalogue is represented whole, and the places that matter in full."""
    random = np.random.default_rng(len(users))
    ways = [fusion.rescaled(scale), *(linear({name: 1.0}, FEATURES) for name in ALONE)]
    parts = [_pairs(trial, users[start : start + 64], start, ways, random) for start in range(0, len(users), 64)]
    x, *others = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Pairs(x / scale, *others)


def _pairs(
    trial: Trial, users: np.ndarray, first: int, ways: Sequence[Network], random: np.random.Generator
) -> tuple[np.ndarray, ...]:
    blocks = features(trial.evidence, users)
    shape = len(users), trial.truth.shape[1]
    truth = trial.truth[users].toarray() > 0
    new = trial.evidence.preferences[users].toarray() == 0
    weights = np.zeros(shape)
    weights[(random.random(shape) < OTHERS / shape[1]) & new] = max(1.0, shape[1] / OTHERS)
    for way in ways:
        weights[best_columns(np.where(new, score_blocks(way, blocks, shape), -np.inf), BEST, above=-np.inf)] = 1
    found = weights > 0
    weights[truth] = 1
    row, column = np.nonzero(weights)
    return rows(blocks, row, column), truth[row, column], weights[row, column], row + first, found[row, column]


def _logistic(pairs: Pairs, fusion: Network) -> Network:
    """Logistic regression: a fusion whose weights are learned."""
    weights, base = _regression(pairs.x, pairs.taken, pairs.weight)
    return replace(linear(dict(zip(FEATURES, weights.tolist(), strict=True)), FEATURES), base=base)


def _coordinate_ascent(pairs: Pairs, fusion: Network) -> Network:
    """A fusion whose weights rank best, from the best start of the fusion, the logistic regression and ALONE."""
    candidates = candidates_of(pairs)
    singles = (linear({name: 1.0}, FEATURES) for name in ALONE)
    starts = [network.weights for network in (fusion, _logistic(pairs, fusion), *singles)]
    best = max(starts, key=lambda weights: candidates.quality(candidates.scores(weights)))
    weights = coordinate_ascent(candidates, best)
    return linear(dict(zip(FEATURES, weights.tolist(), strict=True)), FEATURES)


def candidates_of(pairs: Pairs) -> Candidates:
    """What there is to rank. Products that only being taken brings up are left out: they would teach that what nothing
    speaks for is the best."""
    relevant = np.bincount(pairs.user[pairs.taken], minlength=pairs.user[-1] + 1)
    return padded_candidates(pairs.x[pairs.found], pairs.taken[pairs.found], pairs.user[pairs.found], relevant)


def _neural(pairs: Pairs, fusion: Network, networks: int = NETWORKS) -> Network:
    """The mean of multi-layer perceptrons of one hidden layer each, from different seeds."""
    middle, spread = _moments(pairs.x)
    return mean([_perceptron(pairs, middle, spread, seed) for seed in range(networks)])


def _perceptron(pairs: Pairs, middle: np.ndarray, spread: np.ndarray, seed: int) -> Network:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # ten epochs are meant: more of them overfit
        fitted = MLPClassifier(
            (UNITS,),
            alpha=1.0,
            max_iter=10,
            batch_size=min(512, len(pairs.x)),
            learning_rate_init=2e-3,
            n_iter_no_change=10,
            random_state=seed,
        ).fit((pairs.x - middle) / spread, pairs.taken, pairs.weight)
    units = fitted.coefs_[0].T / spread
    return Network(
        weights=np.zeros(pairs.x.shape[1]),
        base=float(fitted.intercepts_[1][0]),
        bias=fitted.intercepts_[0] - units @ middle,
        output=fitted.coefs_[1][:, 0],
        units=units,
    )


def _wide_and_deep(pairs: Pairs, fusion: Network) -> Network:
    return mean([_logistic(pairs, fusion), _neural(pairs, fusion)])


# From the simplest to the most complex.
METHODS: dict[str, Callable[[Pairs, Network], Network]] = {
    "fusion": lambda pairs, fusion: fusion,
    "linear": _logistic,
    "coordinate_ascent": _coordinate_ascent,
    "neural": _neural,
    "wide_and_deep": _wide_and_deep,
}

# What comes up beside what is taken changes with time, and a ranking learned from that alone does not carry over.
OF_LATER = tuple(name for name in METHODS if name != "coordinate_ascent")


def stayed_away(trial: Trial) -> np.ndarray:
    """The users of whose taste something is known who took nothing new after the split, (n,)."""
    return np.flatnonzero(with_taste(trial.evidence) & (np.diff(trial.truth.indptr) == 0))


def calibrated(
    network: Network,
    trial: Trial,
    users: np.ndarray,
    away: np.ndarray,
    fusion: Network,
    scale: np.ndarray,
    pairs: Pairs,
) -> Network:
    """``network`` on the scale of log odds that a user takes a product in a slice of time, whether they come or not.

    It was learned from ``users`` who came. A logistic regression of its score and of what is known of the user alone,
    over some of those ``away`` too, sets the scale (Platt 1999) and the weights of the latter: no user's ranking
    changes, and a score says who will come as well as what they will take.
    """
    some = np.random.default_rng(len(users)).permutation(away)[: len(users)]
    x, taken, weight = pairs.x, pairs.taken, pairs.weight
    if len(some):
        others = pairs_of(trial, some, fusion, scale)
        share = len(away) / len(some) * len(users) / np.count_nonzero(np.diff(trial.truth.indptr))
        x, taken = np.concatenate([x, others.x]), np.concatenate([taken, others.taken])
        weight = np.concatenate([weight, others.weight * share])
    of_user = [FEATURES.index(name) for name in USER]
    known = np.column_stack([network.scores(x), x[:, of_user]])
    (slope, *of_them), shift = _regression(known, taken, weight)
    if slope <= 0:
        return network
    added = np.zeros(len(FEATURES))
    added[of_user] = of_them
    base = network.base * slope + shift
    return Network(network.weights * slope + added, base, network.bias, network.output * slope, network.units)


def compared(
    trial: Trial,
    users: np.ndarray,
    fusion: Network,
    scale: np.ndarray,
    pairs: Pairs,
    methods: Collection[str] = METHODS,
) -> dict[str, np.ndarray]:
    """What tuning aims at of each of ``methods`` and of single features, for each of ``users`` (n,), in one order for
    all: learned from the ``pairs`` of one half of them and measured on the other, both ways round; where they are few,
    from nine tenths and on the tenth, as half of them would teach clearly less than all.

    What is taken is then learned anew from all: the mean of what the halves taught ranks clearly worse.
    """
    found: dict[str, list[np.ndarray]] = {}
    parts = 10 if len(users) < FEW_USERS else 2
    for part in range(parts):
        learnt, measured_on = pairs.without(part, parts), users[part::parts]
        networks = {name: METHODS[name](learnt, fusion) for name in methods if name not in ("neural", "wide_and_deep")}
        networks["neural"] = _neural(learnt, fusion, 1)
        networks["wide_and_deep"] = mean([networks["linear"], networks["neural"]])
        networks |= {name: linear({name: 1.0}, FEATURES) for name in ALONE}
        scaled = {name: network.rescaled(scale) for name, network in networks.items()}
        for name, values in aims(trial, measured_on, scaled).items():
            found.setdefault(name, []).append(values)
    return {name: np.concatenate(parts) for name, parts in found.items()}


def aims(trial: Trial, users: np.ndarray, networks: Mapping[str, Network]) -> dict[str, np.ndarray]:
    """What tuning aims at, for each network: the mean of NDCG@10 and recall@20 of each of ``users``, (n,)."""
    users = np.sort(users)
    relevant = np.diff(trial.truth.indptr)[users]
    lists = ranked(trial.evidence, users, networks, AIMED_AT)
    return {name: aim(hits(trial, users, rows, AIMED_AT), relevant) for name, rows in lists.items()}


def _regression(x: np.ndarray, taken: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights (f,) and constant of a logistic regression of ``taken`` (n,) on the features (n, f)."""
    from sklearn.linear_model import LogisticRegression  # half a second to import, and only training needs it

    middle, spread = _moments(x)
    fitted = LogisticRegression(C=0.1, max_iter=500).fit((x - middle) / spread, taken, weight)
    weights = fitted.coef_[0] / spread
    return weights, float(fitted.intercept_[0] - weights @ middle)


def _moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    spread = x.std(axis=0)
    return x.mean(axis=0), np.where(spread > 0, spread, 1)
