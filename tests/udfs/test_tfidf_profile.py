import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duckmark.functions import Vocabulary
from duckmark.udfs.tfidf_profile import tfidf_profile

# Three words of two dimensions: idf 1, 2 and 3.
IDF = {"amp": 1.0, "bow": 2.0, "cello": 3.0}
VECTORS = {"amp": (1.0, 0.0), "bow": (0.0, 1.0), "cello": (0.6, 0.8)}
WORDS = Vocabulary(pa.array(IDF), np.array(list(IDF.values())), np.array(list(VECTORS.values()), np.float32))
NONE = Vocabulary(pa.array([], pa.string()), np.empty(0), np.empty((0, 0), np.float32))


def profile(terms: list[str] | None, *weights: list[float] | None, words: Vocabulary = WORDS) -> list[float] | None:
    lists = [pa.array([given], pa.list_(pa.float64())) for given in weights]
    return tfidf_profile(pa.array([terms], pa.list_(pa.string())), *lists, vocabulary=words).to_pylist()[0]


def by_hand(terms: list[str], weights: list[float]) -> np.ndarray | None:
    total = np.zeros(2)
    for term, weight in zip(terms, weights, strict=True):
        if term in IDF:
            total += weight * IDF[term] * np.array(VECTORS[term])
    return total / np.linalg.norm(total) if np.linalg.norm(total) > 1e-6 else None


@pytest.mark.parametrize(
    ("terms", "sum_by_hand"),
    [
        (["amp"], (1, 0)),
        (["amp", "bow"], (1, 2)),
        (["amp", "amp", "bow"], (2, 2)),  # tf counts
        (["cello", "amp", "unknown"], (3 * 0.6 + 1, 3 * 0.8)),
        (["amp", "bow", "cello"], (1 + 1.8, 2 + 2.4)),
    ],
)
def test_the_weighted_sum_in_unit_length(terms, sum_by_hand):
    assert profile(terms) == pytest.approx(np.array(sum_by_hand) / np.linalg.norm(sum_by_hand), abs=1e-6)


def test_a_weight_stands_for_a_count():
    assert profile(["amp", "bow"], [2.0, 1.0]) == profile(["amp", "amp", "bow"])
    assert profile(["amp", "bow"], [1.0, None]) == profile(["amp"])
    assert profile(["bow", "amp"], [-1.0, 0.0]) == [0.0, -1.0]


@pytest.mark.parametrize("terms", [None, [], ["unknown"], [None], [""]])
def test_no_known_term_gives_null(terms):
    assert profile(terms) is None
    assert profile(terms, [1.0] * len(terms or [])) is None


def test_terms_that_cancel_out_give_null():
    assert profile(["amp", "amp"], [1.0, -1.0]) is None


def test_an_empty_vocabulary_gives_null():
    assert profile(["amp"], words=NONE) is None


def test_a_null_list_gives_null():
    assert profile(None, [1.0]) is None
    assert profile(["amp"], None) is None


def test_lists_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="as long as"):
        profile(["amp", "bow"], [1.0])


@settings(max_examples=100)
@given(st.lists(st.lists(st.tuples(st.sampled_from([*IDF, "unknown"]), st.integers(0, 9)), max_size=9), max_size=9))
def test_equals_the_sum_by_hand(rows):
    terms = pa.array([[term for term, _ in row] for row in rows], pa.list_(pa.string()))
    weights = pa.array([[float(weight) for _, weight in row] for row in rows], pa.list_(pa.float64()))
    found = tfidf_profile(terms, weights, vocabulary=WORDS).to_pylist()
    for one, terms_, weights_ in zip(found, terms.to_pylist(), weights.to_pylist(), strict=True):
        expected = by_hand(terms_, weights_)
        assert one is None if expected is None else one == pytest.approx(expected, abs=1e-6)
