"""What holds of every recommender: a new one is a line in RECOMMENDERS.

Each fits a users x items matrix of preferences and gives a function of rows of it to their scores of all items.
"""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import sparse

from duckmark.kernels.ease import ease, largest
from duckmark.kernels.graph_filter import graph_filter
from duckmark.kernels.ials import Loss, fold_in, ials
from duckmark.kernels.item_neighbours import item_neighbours
from duckmark.kernels.neighbours import cosine_neighbours, on_grid
from duckmark.kernels.slim import slim
from duckmark.kernels.weighting import WEIGHTINGS

Scores = Callable[[np.ndarray], np.ndarray]
Fit = Callable[[sparse.csr_array], Scores]


def by_items(weigh: Callable[[sparse.csr_array], sparse.csr_array]) -> Fit:
    def fit(taken: sparse.csr_array) -> Scores:
        weights = weigh(taken)
        return lambda rows: (taken[rows] @ weights).toarray()

    return fit


def by_users(weighting: str = "none", **given: float) -> Fit:
    def fit(taken: sparse.csr_array) -> Scores:
        compared = on_grid(sparse.csr_array(WEIGHTINGS[weighting](sparse.csr_array(taken.T)).T))

        def scores(rows: np.ndarray) -> np.ndarray:
            row, neighbour, similarity = cosine_neighbours(compared, rows, 50, **given)
            near = sparse.csr_array((similarity, (row, neighbour)), shape=(taken.shape[0],) * 2)
            return (near[rows] @ taken).toarray()

        return scores

    return fit


def by_factors(taken: sparse.csr_array) -> Scores:
    items = ials(taken, Loss(4, 0.001, 0.1), sweeps=40)
    return lambda rows: fold_in(taken[rows], items)[0] @ items.T


RECOMMENDERS: dict[str, Fit] = {
    "item_knn": by_items(item_neighbours),
    "item_knn, shrunk": by_items(lambda taken: item_neighbours(taken, shrinkage=2.0)),
    "item_knn, asymmetric": by_items(lambda taken: item_neighbours(taken, asymmetry=0.2)),
    "item_knn, tf_idf": by_items(lambda taken: item_neighbours(WEIGHTINGS["tf_idf"](taken))),
    "item_knn, bm25": by_items(lambda taken: item_neighbours(WEIGHTINGS["bm25"](taken), unit=False)),
    "slim": by_items(lambda taken: slim(taken, l1=0.1, l2=1.0)),
    "ease": by_items(lambda taken: largest(ease(taken, 1.0), 100)),
    "edlae": by_items(lambda taken: largest(ease(taken, 1.0, 0.3), 100)),
    "graph_filter": by_items(graph_filter),
    "ials": by_factors,
    "user_knn": by_users(),
    "user_knn, shrunk": by_users(shrinkage=2.0),
    "user_knn, tf_idf": by_users("tf_idf"),
    "user_knn, bm25": by_users("bm25"),
}
REFUSE_DISLIKES = {"graph_filter"}


@pytest.fixture(params=RECOMMENDERS)
def fit(request) -> Fit:
    return RECOMMENDERS[request.param]


def board(users: int = 10, items: int = 10, missing: tuple[tuple[int, int], ...] = ()) -> sparse.csr_array:
    """Users of even parity like even items, the others odd ones, but for the ``missing``."""
    liked = 1.0 - np.add.outer(np.arange(users), np.arange(items)) % 2
    for user, item in missing:
        liked[user, item] = 0
    return sparse.csr_array(liked)


def messy() -> sparse.csr_array:
    """User 0 has no event, user 1 one, user 2 all items but 7, which nobody has."""
    random = np.random.default_rng(4)
    taken = random.integers(1, 6, (30, 12)) * (random.random((30, 12)) < 0.3) * 1.0
    taken[0] = taken[1] = 0
    taken[1, 5] = 3
    taken[2] = 1
    taken[:, 7] = 0
    return sparse.csr_array(taken)


@pytest.mark.parametrize(("user", "item"), [(0, 4), (1, 7), (9, 1), (4, 0)])
def test_the_missing_item_of_ones_parity_comes_first(fit, user, item):
    taken = board(missing=((user, item),))
    scores = fit(taken)(np.array([user]))[0]
    scores[taken[[user]].toarray()[0] > 0] = -np.inf
    assert scores.argmax() == item
    assert np.sum(scores == scores[item]) == 1


def test_several_users_at_once_as_each_alone(fit):
    score = fit(messy())
    together = score(np.arange(30))
    for user in (29, 0, 2, 11):
        assert score(np.array([user]))[0] == pytest.approx(together[user], rel=1e-6, abs=1e-6)


def test_the_same_twice(fit):
    one, same = (fit(messy())(np.arange(30)) for _ in range(2))
    assert np.array_equal(one, same)


def test_scores_are_numbers_whatever_the_user_has(fit):
    """No events, one event, all items, and an item nobody has."""
    assert np.isfinite(fit(messy())(np.arange(30))).all()


def test_a_user_of_no_events_has_no_taste(fit):
    assert not fit(messy())(np.array([0])).any()


def test_a_user_of_one_event_gets_what_its_takers_took(fit):
    """Who has only item 4 is shown even items."""
    taken = sparse.csr_array(sparse.vstack([board(), np.eye(10)[[4]]]))
    scores = fit(taken)(np.array([10]))[0]
    scores[4] = -np.inf
    assert set(np.argsort(-scores)[:4]) == {0, 2, 6, 8}


def test_an_item_nobody_has_is_never_first(fit):
    taken = messy()
    scores = fit(taken)(np.arange(30))
    scores[taken.toarray() > 0] = -np.inf
    assert (scores[3:, 7] <= scores[3:].max(axis=1)).all()
    assert np.abs(fit(taken)(np.arange(30))[:, 7]).max() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_refused(fit, value):
    taken = messy()
    taken.data[3] = value
    with pytest.raises(ValueError, match="1 preferences are NaN or infinite: leave them out"):
        fit(taken)


@pytest.mark.parametrize("name", RECOMMENDERS)
def test_dislikes_are_used_or_refused(name):
    taken = messy()
    taken.data[3] = -2
    if name in REFUSE_DISLIKES:
        with pytest.raises(ValueError, match="1 preferences are negative: leave dislikes out"):
            RECOMMENDERS[name](taken)
    else:
        assert np.isfinite(RECOMMENDERS[name](taken)(np.arange(30))).all()
