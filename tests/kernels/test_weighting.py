import numpy as np
import pytest
from scipy import sparse

from duckmark.kernels.weighting import WEIGHTINGS, bm25, by_activity, by_popularity, tf_idf
from duckmark.options import OPTIONS
from tests.kernels.matrices import DENSE, PREFERENCES

RARITY = np.maximum(np.log(9 / (1 + (DENSE > 0).sum(axis=1))), 0)[:, None]


def test_tf_idf_by_formula():
    assert tf_idf(PREFERENCES).toarray() == pytest.approx(np.sqrt(DENSE) * RARITY)


def test_bm25_by_formula():
    totals = DENSE.sum(axis=0)
    norm = 1 - 0.4 + 0.4 * totals / totals.mean()
    assert bm25(PREFERENCES, 2.0, 0.4).toarray() == pytest.approx(DENSE * 3 / (2 * norm + DENSE) * RARITY)


@pytest.mark.parametrize("weigh", WEIGHTINGS.values(), ids=WEIGHTINGS)
def test_dislikes_keep_their_sign(weigh):
    assert np.array_equal(weigh(-PREFERENCES).toarray(), -weigh(PREFERENCES).toarray())


@pytest.mark.parametrize("weigh", WEIGHTINGS.values(), ids=WEIGHTINGS)
@pytest.mark.parametrize("shape", [(0, 0), (3, 0), (0, 3), (2, 2)])
def test_of_nothing_comes_nothing(weigh, shape):
    assert weigh(sparse.csr_array(shape)).shape == shape


def test_a_user_of_many_items_weighs_less():
    number = (DENSE > 0).sum(axis=1)
    scaled = by_activity(PREFERENCES, 0.25).toarray()
    assert scaled**2 == pytest.approx(DENSE**2 * ((np.maximum(number, 1) / number.mean()) ** -0.5)[:, None])
    evenly = (by_activity(PREFERENCES.sign(), 0.5).toarray() ** 2).sum(axis=1)
    assert evenly[number > 0] == pytest.approx(np.full((number > 0).sum(), number.mean()))


def test_a_popular_item_is_recommended_less():
    totals = DENSE.sum(axis=0)
    weights = sparse.csr_array(np.random.default_rng(0).random((9, 9)))
    assert by_popularity(weights, PREFERENCES, 0.1).toarray() == pytest.approx(
        weights.toarray() * np.where(totals > 0, totals / totals.mean(), 1) ** -0.1
    )
    assert by_popularity(sparse.csr_array((2, 2)), sparse.csr_array((3, 2)), 0.1).nnz == 0


@pytest.mark.parametrize("option", ["item_weighting", "user_weighting"])
def test_the_options_name_them(option):
    assert OPTIONS[option].kind == tuple(WEIGHTINGS)
