"""How near the expected stars come to the stars given, beside LensKit's BiasedMF and scikit-surprise's SVD and SVD++.

Usage: python -m benchmarks.explicit_ratings u.data   (needs `pip install --group bench`)

The folds are those of MovieLens-100K's own mku.sh: u.data, in the order of the file, cut into five consecutive fifths,
u1 to u5. Every library tries eight sets of options on one inner slice, a random fifth of u1's training part, and keeps
its best for all five folds. Predictions are held to one to five stars for all. One thread.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from itertools import product

from benchmarks.processes import ONE_THREAD

os.environ.update(ONE_THREAD)  # before numpy is imported, which counts its threads then

import numpy as np
from scipy import sparse

from duckmark.kernels.biased_mf import biased_factors

FOLDS = 5
Ratings = tuple[np.ndarray, np.ndarray, np.ndarray]  # users, items, stars: (n,) each
Library = Callable[..., np.ndarray]


def duckmark(train: Ratings, users: np.ndarray, items: np.ndarray, **options: float) -> np.ndarray:
    shape = tuple(int(max(a.max(), b.max())) + 1 for a, b in zip(train, (users, items), strict=False))
    model = biased_factors(sparse.csr_array((train[2], train[:2]), shape=shape), **options)
    taste = np.einsum("ij,ij->i", model.users.factors[users], model.items.factors[items])
    return model.mean + model.users.bias[users] + model.items.bias[items] + taste


def lenskit(train: Ratings, users: np.ndarray, items: np.ndarray, **options: float) -> np.ndarray:
    import pandas
    from lenskit.als import BiasedMFScorer
    from lenskit.data import ItemList, RecQuery, from_interactions_df
    from lenskit.training import TrainingOptions

    frame = pandas.DataFrame(dict(zip(("user_id", "item_id", "rating"), train, strict=True)))
    scorer = BiasedMFScorer(epochs=20, user_embeddings="prefer", **options)
    scorer.train(from_interactions_df(frame), TrainingOptions(rng=0))
    stars = np.empty(len(users))
    for user in np.unique(users):
        rows = np.flatnonzero(users == user)
        scores = scorer(RecQuery(user_id=int(user)), ItemList(item_ids=items[rows])).scores()
        unknown = scorer.bias.compute_for_items(ItemList(item_ids=items[rows]), int(user))[0]
        stars[rows] = np.where(np.isfinite(scores), scores, unknown)
    return stars


def surprise(kind: str) -> Library:
    def predict(train: Ratings, users: np.ndarray, items: np.ndarray, **options: float) -> np.ndarray:
        import pandas
        from surprise import SVD, Dataset, Reader, SVDpp

        frame = pandas.DataFrame(dict(zip("uir", train, strict=True)))
        data = Dataset.load_from_df(frame, Reader(rating_scale=(1, 5))).build_full_trainset()
        model = {"SVD": SVD, "SVD++": SVDpp}[kind](random_state=0, **options).fit(data)
        return np.array([model.predict(user, item).est for user, item in zip(users, items, strict=True)])

    return predict


def biases(train: Ratings, users: np.ndarray, items: np.ndarray) -> np.ndarray:
    return duckmark(train, users, items, factors=0)


def grid(**values: tuple) -> list[dict]:
    return [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]


CONTENDERS: dict[str, tuple[Library, list[dict]]] = {
    "duckmark": (duckmark, grid(factors=(8, 12, 16, 24), sweeps=(8, 10))),
    "LensKit BiasedMF": (lenskit, grid(embedding_size=(50, 100), regularization=(0.1, 0.12, 0.15, 0.18))),
    "Surprise SVD": (surprise("SVD"), grid(n_factors=(100, 200), reg_all=(0.1, 0.12), n_epochs=(60, 100))),
    "Surprise SVD++": (surprise("SVD++"), grid(n_factors=(20, 50), reg_all=(0.05, 0.1), n_epochs=(20, 40))),
    "biases alone": (biases, [{}]),
}


def errors(library: Library, train: Ratings, test: Ratings, options: dict) -> tuple[float, float, float]:
    """RMSE, MAE and processor seconds to train and predict."""
    started = time.process_time()
    off = np.clip(library(train, *test[:2], **options), 1, 5) - test[2]
    return float(np.sqrt(np.mean(off**2))), float(np.abs(off).mean()), time.process_time() - started


def parts(ratings: Ratings, held_out: np.ndarray) -> tuple[Ratings, Ratings]:
    return tuple(column[~held_out] for column in ratings), tuple(column[held_out] for column in ratings)


def main(path: str) -> None:
    ratings = tuple(np.loadtxt(path, dtype=np.int64, usecols=(0, 1, 2)).T)
    ratings = (*ratings[:2], ratings[2].astype(float))
    fold = np.arange(len(ratings[0])) * FOLDS // len(ratings[0])
    first, _ = parts(ratings, fold == 0)
    inner = parts(first, np.random.default_rng(0).random(len(first[0])) < 1 / FOLDS)
    columns = [f"u{number + 1}" for number in range(FOLDS)]
    print(f"| | {' | '.join(columns)} | RMSE | MAE | CPU s a fold | options |\n|---|{'---:|' * (FOLDS + 3)}---|")
    for name, (library, choices) in CONTENDERS.items():
        best = min(choices, key=lambda options: errors(library, *inner, options)[0])
        found = np.array([errors(library, *parts(ratings, fold == number), best) for number in range(FOLDS)])
        means = "{:.4f} | {:.4f} | {:.1f}".format(*found.mean(axis=0))
        told = ", ".join(f"{option} {value}" for option, value in best.items())
        print(f"| {name} | {' | '.join(f'{rmse:.4f}' for rmse in found[:, 0])} | {means} | {told} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
