import itertools

import numpy as np

from duckmark.kernels.candidates import by_query

RANDOM = np.random.default_rng(4)


def test_candidates_of_a_query_stand_together_in_the_order_in_which_they_came():
    queries, parts = 7, []
    for size in (0, 9, 40):
        query = RANDOM.integers(0, queries - 1, size).astype(np.uint16)  # none is of the last
        parts.append((query, RANDOM.integers(0, 1000, size), RANDOM.normal(size=size).astype(np.float32)))
    (query, item, score), offsets = by_query(parts, queries)
    came = [pair for part in parts for pair in zip(*(side.tolist() for side in part), strict=True)]
    expected = sorted(came, key=lambda pair: pair[0])
    assert list(zip(query.tolist(), item.tolist(), score.tolist(), strict=True)) == expected
    assert [query[start:end].tolist() for start, end in itertools.pairwise(offsets)] == [
        [one for one, _, _ in expected if one == number] for number in range(queries)
    ]
