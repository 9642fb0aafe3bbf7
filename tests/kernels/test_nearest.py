import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from duckmark.kernels import catalogue as catalogues
from duckmark.kernels import nearest as module
from duckmark.kernels import shortlist, tables, thresholds, truncation
from duckmark.kernels.catalogue import catalogue
from duckmark.kernels.nearest import top_k

RANDOM = np.random.default_rng(11)


def naive(queries: np.ndarray, items: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Everything scored in float64 and sorted in full."""
    scores = queries.astype(np.float64) @ items.astype(np.float64).T
    order = np.argsort(-scores, axis=1, kind="stable")[:, : max(0, k)]
    return order, np.take_along_axis(scores, order, axis=1)


def assert_naive(queries: np.ndarray, items: np.ndarray, k: int) -> None:
    for found, expected in zip(top_k(queries, items, k), naive(queries, items, k), strict=True):
        assert found.shape == expected.shape
        assert np.allclose(found, expected, rtol=1e-12, atol=1e-12)  # rows as well: they are whole numbers


def normal(rows: int, dimensions: int) -> np.ndarray:
    return RANDOM.normal(size=(rows, dimensions)).astype(np.float32)


def clustered(rows: int, dimensions: int) -> np.ndarray:
    """Around a dozen directions, most of what sets them apart in few dimensions."""
    centres = np.random.default_rng(3).normal(size=(12, dimensions)) + 2
    spread = 0.3 * 0.5 ** np.arange(dimensions)
    return (centres[RANDOM.integers(0, 12, rows)] + RANDOM.normal(size=(rows, dimensions)) * spread).astype(np.float32)


@pytest.fixture(params=["in fair order", "near ones together"])
def small_cuts(monkeypatch, request):
    """Every way of cutting the work, on few rows."""
    worth = 99 if request.param == "near ones together" else 0
    sizes = {module: {"QUERIES": 8, "FEW": 4, "CELL": 32, "MOST_CELLS": 2, "FEWEST_ITEMS": 100, "WORKERS": 2}}
    sizes |= {catalogues: {"CELL": 32}, truncation: {"LEAST": 72, "ITEMS": 64, "QUERIES": 8, "WORTH": worth}}
    sizes |= {shortlist: {"FEWEST": 2, "PROBED": 4}, tables: {"CELLS": 64}}
    sizes |= {thresholds: {"OPENING": 40, "NEAR": 16}}
    for where, constants in sizes.items():
        for name, value in constants.items():
            monkeypatch.setattr(where, name, value)


@pytest.mark.parametrize("queries", [1, 3, 7, 8, 30])
@pytest.mark.parametrize("k", [1, 5, 40, 299, 300, 999])
def test_cut_in_any_way_it_equals_a_full_sort(small_cuts, queries, k):
    assert_naive(normal(queries, 6), normal(300, 6), k)


@pytest.mark.parametrize(
    ("queries", "items", "dimensions", "k"),
    [(1, 20_011, 24, 10), (600, 5_003, 24, 3), (1_300, 9_000, 24, 120), (1_500, 2_100, 256, 9)],
)
def test_as_it_is_cut_it_equals_a_full_sort(queries, items, dimensions, k):
    assert_naive(normal(queries, dimensions), normal(items, dimensions), k)


@pytest.mark.usefixtures("small_cuts")
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_few_distinct_whole_numbers_tie_in_the_order_of_the_rows(data):
    """Whole numbers are summed without error, so that a tie is one in every order of summation."""
    dimensions, values = data.draw(st.integers(1, 5)), st.integers(-2, 2)
    vectors = arrays(np.float32, st.tuples(st.integers(0, 200), st.just(dimensions)), elements=values, fill=st.just(1))
    assert_naive(data.draw(vectors), data.draw(vectors), data.draw(st.integers(-1, 210)))


@pytest.mark.parametrize("queries", [1, 3, 9, 30])
@pytest.mark.parametrize("k", [1, 5, 40, 299, 500])
def test_of_clustered_vectors_what_bounds_rule_out_is_not_missed(small_cuts, queries, k):
    items = np.concatenate([clustered(480, 40), np.round(clustered(20, 40))])
    assert (catalogue(items).short is None) == (truncation.WORTH == 0)
    assert_naive(clustered(queries, 40), items, k)
    assert_naive(np.concatenate([items[:queries], -clustered(2, 40), normal(2, 40)]), items, k)


def test_bounds_rule_out_most(monkeypatch):
    scored, add = [], shortlist.Shortlist._add_passed
    monkeypatch.setattr(
        shortlist.Shortlist,
        "_add_passed",
        lambda self, query, item: scored.append(len(query)) or add(self, query, item),
    )
    assert_naive(clustered(600, 40), clustered(truncation.LEAST, 40), 3)
    assert 0 < sum(scored) < 600 * truncation.LEAST / 50


def test_rows_sorted_so_that_later_ones_are_always_better(small_cuts):
    items = np.linspace(0, 1, 400, dtype=np.float32)[:, None] * np.ones((1, 3), np.float32)
    assert_naive(np.abs(normal(9, 3)), items, 20)
    assert_naive(np.abs(normal(9, 3)), items[::-1], 20)


@pytest.mark.parametrize("copies", [7, 300])
def test_repeated_vectors_come_in_the_order_of_the_rows(small_cuts, copies):
    items = normal(40, 5)[RANDOM.integers(0, 40, 40 * copies)]
    rows, scores = top_k(normal(20, 5), items, 3 * copies)
    order = np.lexsort((rows, -scores), axis=1)
    assert (order == np.arange(3 * copies)).all()
    assert_naive(np.round(normal(20, 5)), np.round(items), 3 * copies)


def test_many_that_float32_cannot_tell_apart_are_ranked_by_float64(small_cuts):
    items = np.ones((400, 64), np.float32)
    items[np.arange(400), RANDOM.integers(0, 64, 400)] += RANDOM.integers(1, 40, 400).astype(np.float32) * 2.0**-23
    assert_naive(np.ones((9, 64), np.float32), items, 10)


def test_a_threshold_set_too_boldly_is_taken_back(monkeypatch):
    bold, complete = [], shortlist.Shortlist._complete
    monkeypatch.setattr(
        shortlist.Shortlist, "_complete", lambda self, *given: bold.append(self._wanted.bold) or complete(self, *given)
    )
    items = np.stack([RANDOM.permutation(40_000), np.zeros(40_000)], axis=1).astype(np.float32)
    items[catalogue(items).ranks[:50], 0] += 50_000  # the best are all among the first to be seen
    assert_naive(np.array([[1, 0], [2, 0]], np.float32), items, 60)
    assert False in bold


def test_zeros_score_zero_in_the_order_of_the_rows():
    items = normal(30, 4)
    items[5:25] = 0
    assert_naive(np.zeros((2, 4), np.float32), items, 7)
    assert_naive(normal(3, 4), items, 30)


def test_rows_of_any_layout_and_type_count_as_float32():
    queries, items = normal(6, 10), normal(200, 10)
    expected = top_k(queries[:, ::2], items[::3, ::2], 9)
    for q, x in (
        (queries[:, ::2].astype(float), np.asfortranarray(items[::3, ::2])),
        (queries[:, ::2], items[::3, ::2]),
    ):
        assert all(np.array_equal(a, b) for a, b in zip(top_k(q, x, 9), expected, strict=True))


def test_lengths_far_apart(small_cuts):
    assert_naive(normal(9, 6), normal(500, 6) * np.logspace(-8, 8, 500, dtype=np.float32)[:, None], 300)


@pytest.mark.parametrize("length", [1e-25, 1e-13, 1e13, 1e25])
def test_items_of_any_length_rank_as_unit_ones(small_cuts, length):
    items, queries = clustered(500, 40), clustered(30, 40)
    assert np.array_equal(top_k(queries, items * np.float32(length), 9)[0], naive(queries, items, 9)[0])


@pytest.mark.parametrize("longest", [1, 1e30])
def test_cosines_of_queries_of_any_length(small_cuts, longest):
    items = normal(300, 6).astype(float)
    items = (items / np.linalg.norm(items, axis=1, keepdims=True)).astype(np.float32)
    queries = normal(30, 6) * np.geomspace(1e-30, longest, 30, dtype=np.float32)[:, None]
    queries[7] = 0
    rows, scores = top_k(queries, items, 5, cosine=True)
    lengths = np.linalg.norm(queries.astype(float), axis=1)
    expected_rows, expected = naive((queries / np.where(lengths, lengths, 1)[:, None]).astype(float), items, 5)
    assert np.array_equal(rows, expected_rows)
    assert np.allclose(scores, expected, atol=1e-7)
    assert (scores[7] == 0).all()


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused(wrong):
    vectors = normal(9, 3)
    vectors[4, 1] = wrong
    with pytest.raises(ValueError, match="queries hold NaN"):
        top_k(vectors, normal(9, 3), 2)
    with pytest.raises(ValueError, match="items hold NaN"):
        top_k(normal(9, 3), vectors, 2)


def test_scores_beyond_float32_are_refused():
    with pytest.raises(ValueError, match="too long"):
        top_k(np.full((1, 3), 1e25, np.float32), np.full((4, 3), 1e25, np.float32), 2)


def test_what_a_threshold_that_was_too_bold_left_out_is_asked_for_again():
    """The first items that are looked at, half of the best, set a threshold at which float32 cannot tell the others
    apart: some of these pass it, others of a better score do not."""
    random, n, d, k = np.random.default_rng(13), 60_000, 64, 100
    query = random.standard_normal(d)
    query = (query / np.linalg.norm(query)).astype(np.float32)

    def with_cosines(cosines: np.ndarray) -> np.ndarray:
        others = random.standard_normal((len(cosines), d))
        others -= np.outer(others @ query.astype(float), query) / (query.astype(float) @ query)
        others /= np.linalg.norm(others, axis=1)[:, None]
        return cosines[:, None] * query + np.sqrt(1 - cosines**2)[:, None] * others

    places, items = catalogues._spread(n), np.empty((n, d), np.float32)
    slack = 2 * module.UNIT * (d + 8)
    items[places] = with_cosines(random.uniform(-0.3, 0.3, n))
    items[places[:50]] = with_cosines(np.full(50, 0.5))
    items[places[30_000:30_120]] = with_cosines(0.5 - slack + random.uniform(-2e-7, 2e-7, 120))
    assert_naive(query[None], items, k)


@pytest.mark.parametrize("cosine", [False, True])
@pytest.mark.parametrize("size", [1e-44, 1e-33, 1e-22, 1e-10, 1e15])
@pytest.mark.parametrize("length", [1e-43, 1e-22, 1e-12, 1.0, 1e13, 1e30])
def test_of_any_scale_the_same_are_found(small_cuts, length, size, cosine):
    queries, items = (clustered(rows, 40) * np.float32(scale) for rows, scale in ((12, length), (400, size)))
    expected = naive(queries, items, 9)
    if not cosine and length * size > 1e37:
        pytest.skip("beyond the range of float32")
    rows, scores = top_k(queries, items, 9, cosine)
    assert (rows == expected[0]).all()
    lengths = np.linalg.norm(queries.astype(np.float64), axis=1)[:, None] if cosine else 1
    assert np.allclose(scores, expected[1] / lengths, rtol=1e-12, atol=0)


def test_long_queries_tie_as_short_ones_do():
    query, items = np.array([[3, 1]], np.float32) * np.float32(2.0**43), np.array([[0, 3], [1, 0]], np.float32)
    for cosine in (False, True):
        rows, scores = top_k(query, items, 2, cosine)
        assert rows.tolist() == [[0, 1]]
        assert scores[0, 0] == scores[0, 1]


@pytest.mark.parametrize(("queries", "items", "k"), [(0, 40, 3), (9, 0, 3), (9, 40, 0), (0, 0, 3), (9, 40, -1)])
def test_nothing_asked_or_nothing_there(queries, items, k):
    rows, scores = top_k(normal(queries, 3), normal(items, 3), k)
    assert rows.shape == scores.shape == (queries, max(0, min(k, items)))


@pytest.mark.parametrize("queries", [512, 2_048, 2_560, 10_000])
def test_blocks_hold_every_query_once_and_none_is_of_a_length_to_avoid(monkeypatch, queries):
    monkeypatch.setattr(module, "WORKERS", 2)
    blocks, _ = module._cuts(queries, 9_000, 64)
    lengths = [block.stop - block.start for block in blocks]
    assert [row for block in blocks for row in range(block.start, block.stop)] == list(range(queries))
    assert max(lengths) <= module.QUERIES
    assert max(lengths) - min(lengths) <= 2 * module.SHIFT
    assert all(length % module.STEP for length in lengths)
