import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duckmark.functions import VectorSpace
from duckmark.kernels.catalogue import catalogue
from duckmark.kernels.profiles import unit_rows
from duckmark.udfs.top_k import top_k

# c and d are the same vector, e is the opposite of a.
MEMBERS = {"a": (1, 0), "b": (3, 4), "c": (0, 2), "d": (0, 5), "e": (-1, 0)}
VECTORS = unit_rows(np.array(list(MEMBERS.values()), np.float32))
EMPTY = VectorSpace(pa.array([], pa.string()), catalogue(np.empty((0, 2), np.float32)))
SPACES = {"letters": VectorSpace(pa.array(MEMBERS), catalogue(VECTORS)), "none": EMPTY}.get
COORDINATES = st.tuples(st.integers(-3, 3), st.integers(-3, 3)).filter(any)


def nearest(vector: object, space: str | None = "letters", k: int | None = 2) -> list[tuple[str, float]] | None:
    columns = (
        pa.array([vector], pa.list_(pa.float32())),
        pa.array([space], pa.string()),
        pa.array([k], pa.int64()),
    )
    (found,) = top_k(*columns, spaces=SPACES).to_pylist()
    return found and [(one["id"], pytest.approx(one["score"], abs=1e-6)) for one in found]


def naive(vector: tuple[int, int], k: int) -> list[tuple[str, float]]:
    x, y = vector
    scores = {name: (x * v + y * w) / math.hypot(x, y) for name, (v, w) in zip(MEMBERS, VECTORS.tolist(), strict=True)}
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:k]


def test_best_first_and_equal_scores_by_id():
    assert nearest([0, 9], k=3) == [("c", 1), ("d", 1), ("b", 0.8)]


def test_a_tie_at_the_end_is_cut_by_id():
    assert nearest([0, 1], k=1) == [("c", 1)]


def test_k_larger_than_the_space_gives_all_of_it():
    assert nearest([1, 0], k=99) == [("a", 1), ("b", 0.6), ("c", 0), ("d", 0), ("e", -1)]


@pytest.mark.parametrize(
    ("vector", "space", "k"),
    [
        (None, "letters", 2),
        ([1, 0], None, 2),
        ([1, 0], "letters", None),
        ([1, 0], "no such space", 2),
        ([1, 0], "none", 2),
        ([1, 0], "letters", 0),
        ([1, 0], "letters", -1),
    ],
)
def test_nothing_to_search_gives_null(vector, space, k):
    assert nearest(vector, space, k) is None


def test_a_vector_of_another_length_is_refused():
    with pytest.raises(ValueError, match="2 numbers expected"):
        nearest([1, 2, 3])


def test_all_rows_with_one_k_and_some_of_them_null():
    vectors = pa.array([[0, 1], None, [1, 0]], pa.list_(pa.float32()))
    for rows in (vectors, vectors.drop_null()):
        found = top_k(rows, pa.array(["letters"] * len(rows)), pa.array([1] * len(rows)), spaces=SPACES).to_pylist()
        assert [one and one[0]["id"] for one in found] == [{1: "c", 0: "a"}.get(v and v[1]) for v in rows.to_pylist()]


@settings(max_examples=100)
@given(st.lists(st.tuples(COORDINATES, st.integers(1, 7)), max_size=12))
def test_many_rows_with_many_k_equal_a_full_sort(rows):
    vectors = pa.array([vector for vector, _ in rows], pa.list_(pa.float32()))
    spaces = pa.array(["letters"] * len(rows), pa.string())
    found = top_k(vectors, spaces, pa.array([k for _, k in rows], pa.int64()), spaces=SPACES).to_pylist()
    for neighbours, row in zip(found, rows, strict=True):
        assert [(one["id"], pytest.approx(one["score"], abs=1e-6)) for one in neighbours] == naive(*row)
