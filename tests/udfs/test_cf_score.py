import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duckmark.udfs.cf_score import cf_score

NUMBERS = st.floats(-5, 5).map(lambda x: round(x, 3))
LISTS = pa.list_(pa.float64())


def score(similarities: list[float] | None, ratings: list[float] | None) -> float | None:
    return cf_score(pa.array([similarities], LISTS), pa.array([ratings], LISTS)).to_pylist()[0]


@pytest.mark.parametrize(
    ("similarities", "ratings", "expected"),
    [
        ([0.8], [4.5], 3.6),
        ([0.5, 0.25], [4, 2], 2.5),
        ([1, -1], [3, 3], 0),
        ([], [], None),
        (None, [1], None),
        ([1], None, None),
    ],
)
def test_known_answers(similarities, ratings, expected):
    assert score(similarities, ratings) == (expected if expected is None else pytest.approx(expected))


def test_different_lengths_are_refused():
    with pytest.raises(ValueError, match="same length"):
        score([0.8, 0.1], [4.5])


@settings(max_examples=100)
@given(st.lists(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=6), max_size=6))
def test_equals_the_dot_product(pairs):
    similarities, ratings = ([[pair[side] for pair in row] for row in pairs] for side in (0, 1))
    found = cf_score(pa.array(similarities, LISTS), pa.array(ratings, LISTS)).to_pylist()
    expected = [sum(x * y for x, y in row) if row else None for row in pairs]
    assert found == [value if value is None else pytest.approx(value, abs=1e-9) for value in expected]


def test_a_null_inside_a_list_is_refused_in_both_forms(con, plain):
    for connection in (con, plain):
        with pytest.raises(duckdb.Error, match="NULL"):
            connection.execute("SELECT cf_score([0.8, NULL], [4.5, 1])").fetchall()
