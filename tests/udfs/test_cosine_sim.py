import math
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duckmark.udfs.cosine_sim import cosine_sim

NUMBERS = st.floats(-100, 100).map(lambda x: round(x, 3))
LISTS = pa.list_(pa.float64())


def cosine(a: list[float] | None, b: list[float] | None) -> float | None:
    return cosine_sim(pa.array([a], LISTS), pa.array([b], LISTS)).to_pylist()[0]


def naive(a: list[float], b: list[float]) -> float | None:
    lengths = math.hypot(*a) * math.hypot(*b)
    return sum(x * y for x, y in zip(a, b, strict=True)) / lengths if lengths else None


def test_the_worked_example():
    a, b = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], [0.1, 0.4, 0.7, 0.2, 0.5, 0.8, 0.3, 0.6, 0.9]
    assert round(cosine(a, b), 4) == 0.9158


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([1, 0], [0, 2], 0),
        ([1, 2], [2, 4], 1),
        ([1, 2], [-1, -2], -1),
        ([3], [0.5], 1),
        ([0, 0], [1, 1], None),
        ([], [], None),
        (None, [1], None),
        ([1], None, None),
        ([1e70, 1], [1e70, 1], 1),
        ([1e200, 1], [1e200, 1], None),
        ([1e100], [1e100], None),
        ([1e-90], [1e-90], None),
        ([math.nan, 1], [1, 1], None),
        ([math.inf, 1], [1, 1], None),
    ],
)
def test_known_answers(a, b, expected):
    assert cosine(a, b) == (expected if expected is None else pytest.approx(expected))


def test_different_lengths_are_refused():
    with pytest.raises(ValueError, match="same length"):
        cosine([1, 2], [1])


@settings(max_examples=100)
@given(st.lists(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=6), max_size=6))
def test_equals_the_formula(pairs):
    a, b = ([[pair[side] for pair in row] for row in pairs] for side in (0, 1))
    found = cosine_sim(pa.array(a, LISTS), pa.array(b, LISTS)).to_pylist()
    for cosine_, expected in zip(found, map(naive, a, b), strict=True):
        assert cosine_ is None if expected is None else cosine_ == pytest.approx(expected, abs=1e-9)


UNKNOWN = ("[0, 0]", "[1e200, 1]", "['nan'::DOUBLE, 1]", "['inf'::DOUBLE, 1]", "[1e160, 0]", "[1e-160, 0]")


def test_what_has_no_cosine_has_none_in_another_client(shop_file):
    """DuckDB before 2.0 gives -1 for the cosine with zeros or NaN, and 0 or -1 where vectors are very long."""
    cli = Path(sys.executable).parent / "duckdb"
    query = f"SELECT bool_and(cosine_sim(v, v) IS NULL) FROM (SELECT unnest([{', '.join(UNKNOWN)}]) AS v)"
    done = subprocess.run(
        [cli, "-readonly", "-csv", "-noheader", shop_file, "-c", query], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "true"
