import numpy as np
import pytest
from scipy import sparse

from duckmark.kernels.ials import ials
from duckmark.models.factors import SWEEPS, item_factors, loss_of

MANY, FEW = [1, 1, 1, 1, 0, 1], [0, 1, 1, 0, 1, 0]
TAKEN = sparse.csr_array(np.array([MANY, FEW, FEW[::-1], MANY[::-1]], float))


@pytest.mark.parametrize("discount", [0.0, 0.25, 1.0])
def test_choices_of_those_who_choose_much_weigh_less(discount):
    number = TAKEN.toarray().sum(axis=1)
    weighed = sparse.csr_array(TAKEN.toarray() * (number[:, None] / number.mean()) ** -discount)
    found, used = item_factors(TAKEN, {"ials_activity_discount": discount, "seed": 7})
    np.testing.assert_allclose(found, ials(weighed, loss_of(weighed, {}), SWEEPS, seed=7), rtol=1e-5)
    assert used["activity_discount"] == discount


def test_the_ridge_of_the_mean_user_grows_with_the_fourth_root_of_their_choices():
    once, sixteen_times = (loss_of(times * TAKEN, {}) for times in (1, 16))
    assert sixteen_times.regularisation == pytest.approx(2 * once.regularisation)
