import numpy as np
import pytest
from scipy import sparse

from duckmark.kernels.ials import Loss, fold_in, ials

RANDOM = np.random.default_rng(5)
DENSE = RANDOM.integers(1, 4, (20, 9)) * (RANDOM.random((20, 9)) < 0.4) * 1.0
DENSE[3] = 0
DENSE[4] = 1
DENSE[6, :2] = -2  # dislikes
CONFIDENCE = sparse.csr_array(DENSE)
LOSS = Loss(factors=4, regularisation=0.05, unobserved=0.2)


def ridge(stored: float) -> float:
    return LOSS.regularisation * (stored + LOSS.unobserved * DENSE.shape[1]) ** LOSS.exponent


def solved(rows: np.ndarray, other: np.ndarray, penalty, scale=lambda c: 1) -> np.ndarray:
    def one(c: np.ndarray) -> np.ndarray:
        prior = LOSS.unobserved * other.T @ other + penalty(c) * np.eye(4)
        system = scale(c) * prior + other.T @ np.diag(np.abs(c)) @ other
        return np.linalg.solve(system, other.T @ (np.abs(c) * (c > 0)))

    return np.array([one(c) for c in rows])


def naive(sweeps: int) -> np.ndarray:
    """Scores of dense alternating least squares, every user at the end regularised as the mean one, by the square root
    of their number of items."""
    random = np.random.default_rng(0)
    users, items = (random.standard_normal((n, 4)) * 0.1 / 2 for n in DENSE.shape)

    def by_length(others: int):
        return lambda c: LOSS.regularisation * (np.count_nonzero(c) + LOSS.unobserved * others) ** LOSS.exponent

    for _ in range(sweeps):
        users = solved(DENSE, items, by_length(DENSE.shape[1]))
        items = solved(DENSE.T, users, by_length(DENSE.shape[0]))
    mean = CONFIDENCE.nnz / len(DENSE)
    return solved(DENSE, items, lambda _: ridge(mean), lambda c: np.sqrt(max(np.count_nonzero(c), 1) / mean)) @ items.T


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_ends_where_dense_alternating_least_squares_ends(seed):
    items = ials(CONFIDENCE, LOSS, sweeps=300, seed=seed)
    assert fold_in(CONFIDENCE, items)[0] @ items.T == pytest.approx(naive(300), abs=1e-3)


def test_the_checkerboard_is_completed():
    board = (np.add.outer(np.arange(10), np.arange(10)) % 2).astype(float)
    board[0, 5] = 0
    items = ials(sparse.csr_array(board), Loss(2, 0.001, 0.1), sweeps=30)
    score = (fold_in(sparse.csr_array(board), items)[0] @ items.T)[0]
    assert score[5] > 0.8
    assert np.abs(score[::2]).max() < 0.1


def test_users_fold_in_together_as_one_by_one():
    items = ials(CONFIDENCE, LOSS)
    users, weights = fold_in(CONFIDENCE, items)
    for user in range(len(DENSE)):
        alone, own = fold_in(CONFIDENCE[[user]], items)
        assert alone[0] == pytest.approx(users[user], abs=1e-9)
        assert own == pytest.approx(weights[slice(*CONFIDENCE.indptr[user : user + 2])], abs=1e-9)
    assert not users[3].any()


def test_a_user_is_the_weighted_sum_of_their_items():
    items = ials(CONFIDENCE, LOSS)
    users, weights = fold_in(CONFIDENCE, items)
    stored = sparse.csr_array((weights, CONFIDENCE.indices, CONFIDENCE.indptr), shape=CONFIDENCE.shape)
    assert stored @ items == pytest.approx(users, abs=1e-6)


def test_a_dislike_lowers_the_score():
    items = ials(CONFIDENCE, LOSS)
    liked = DENSE[[0]].copy()
    scores = items @ fold_in(sparse.csr_array(liked), items)[0][0]
    new = int(np.flatnonzero(liked[0] == 0)[np.argmax(scores[liked[0] == 0])])
    liked[0, new] = -3
    assert fold_in(sparse.csr_array(liked), items)[0][0] @ items[new] < scores[new]


def test_same_seed_same_factors_another_seed_others():
    one, same, other = (ials(CONFIDENCE, LOSS, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.allclose(one, other)
