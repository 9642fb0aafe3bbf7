import numpy as np
import pyarrow as pa

from duckmark.functions import VectorSpace
from duckmark.kernels.catalogue import catalogue
from duckmark.kernels.profiles import unit_rows
from duckmark.udfs.top_k import top_k
from duckmark.udfs.top_k_each import top_k_each

RANDOM = np.random.default_rng(4)
SPACES = {
    name: VectorSpace(
        pa.array([f"{name}{i:03}" for i in range(200)]), catalogue(unit_rows(RANDOM.normal(size=(200, 5))))
    )
    for name in ("a", "b")
}.get


def test_it_is_top_k_of_each_vector_whatever_the_lengths_of_the_lists():
    vectors = RANDOM.normal(size=(3_000, 5)).tolist()
    lists = [vectors[:2_500], [], None, [None, vectors[2_500], None], vectors[2_501:], vectors[:2], vectors[:2]]
    asked = ["a", "a", "a", "b", "b", None, "no such space"], [3, 2, 3, 1, 40, 5, 5]
    columns = pa.array(lists, pa.list_(pa.list_(pa.float32()))), pa.array(asked[0]), pa.array(asked[1])
    expected = [
        top_k(
            pa.array(one, pa.list_(pa.float32())),
            pa.array([space] * len(one)),
            pa.array([k] * len(one), pa.int64()),
            spaces=SPACES,
        ).to_pylist()
        if one is not None and space is not None
        else None
        for one, space, k in zip(lists, *asked, strict=True)
    ]
    assert top_k_each(*columns, spaces=SPACES).to_pylist() == expected
    assert top_k_each(*(column[3:] for column in columns), spaces=SPACES).to_pylist() == expected[3:]
    assert [one and len(one) for one in expected] == [2_500, [], None, 3, 499, None, 2]
