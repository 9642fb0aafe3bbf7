"""What is said of the options is true of the models, and values that cannot be are told apart."""

import re

import pytest

from duckmark.kernels.biased_mf import FACTORS
from duckmark.kernels.ials import Loss
from duckmark.models import factors, fusion, item_weights, matrices, neighbours, recommendations
from duckmark.options import OPTIONS

DEFAULTS = {
    "neighbours": neighbours.MOST_NEIGHBOURS,
    "half_life": matrices.HALF_LIFE,
    "item_neighbours": item_weights.NEAREST,
    "slim_l1": item_weights.L1,
    "slim_l2": item_weights.L2,
    "slim_dropout": item_weights.DROPOUT,
    "ease_dropout": item_weights.DROPOUT,
    "ease_regularisation": item_weights.REGULARISATION,
    "graph_rank": item_weights.RANK,
    "graph_ideal": item_weights.IDEAL,
    "factors": Loss.factors,
    "ials_regularisation": factors.REGULARISATION,
    "ials_unobserved": factors.UNOBSERVED,
    "ials_activity_discount": factors.ACTIVITY,
    "rating_factors": FACTORS,
    "list_length": recommendations.LIST_LENGTH,
    **{f"{name}_weight": weight for name, weight in fusion.WEIGHTS.items()},
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_the_default_that_is_told_is_the_models(name):
    assert float(re.match(r"[\d.]+", OPTIONS[name].default)[0]) == DEFAULTS[name]


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("seed", (0, 2**32 - 1), None),
        ("seed", (-1, -3), "at least 0"),
        ("seed", (2**32, 99999999999999), "less than 4294967296"),
        ("factors", (0, -1), "at least 1"),
        ("list_length", (0, 9), "at least 10"),
        ("factors", (2.0, True, "2"), "int"),
        ("half_life", (0, 0.0, 90), None),
        ("half_life", (-1, -0.5), "at least 0"),
        ("slim_dropout", (1, 1.0), "less than 1"),
        ("popularity_discount", (-0.1, 2), None),
        ("popularity_discount", (float("nan"), float("inf")), "a finite number"),
        ("stem", (1, "true"), "bool"),
        ("vectors", ("", 3), "a text"),
        ("topic_model", ("NMF", 1), "one of nmf, lda"),
        ("memory", ("8", "much", 3), "a size of at least 1GB, such as 8GB"),
    ],
)
def test_a_value_that_cannot_be_is_told_apart(name, values, expected):
    assert {OPTIONS[name].problem(value) for value in values} == {expected}
