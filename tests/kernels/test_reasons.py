"""What speaks for a recommendation, against one pair after the other."""

import numpy as np
import pytest
from scipy import sparse

from duckmark.kernels import reasons as kernel
from duckmark.kernels.reasons import WORDS, Said, reasons

USERS, PRODUCTS, NEIGHBOURS, TERMS = 7, 9, 5, 12


def random_matrix(random: np.random.Generator, rows: int, columns: int, values: tuple[float, ...]) -> sparse.csr_array:
    """Few values, so that there are ties; the first row is empty."""
    matrix = random.choice(values, (rows, columns)) * (random.random((rows, columns)) < 0.5)
    matrix[0] = 0
    return sparse.csr_array(matrix)


def random_said(terms: int = TERMS) -> Said:
    random = np.random.default_rng(3)
    ones = (random_matrix(random, *shape, (1,)).astype(np.int16)
            for shape in ((USERS, NEIGHBOURS), (NEIGHBOURS, PRODUCTS)))  # fmt: skip
    return Said(
        random_matrix(random, USERS, PRODUCTS, (-0.25, 0.5, 1.0)),
        random_matrix(random, PRODUCTS, PRODUCTS, (-1.0, 1.0, 2.0)),
        *ones,
        random_matrix(random, USERS, terms, (-1.0, 1.0, 2.0)),
        random_matrix(random, PRODUCTS, terms, (1.0, 1.5)),
        random.choice((1.0, 2.0), terms),
    )


def naive(said: Said, user: int, product: int) -> tuple[int, int, list[int]]:
    history, says = said.histories.toarray()[user], said.says.toarray()[product]
    positive = [(-history[had] * says[had], had) for had in range(PRODUCTS) if history[had] * says[had] > 0]
    liked = said.chosen.toarray()[:, product]
    takers = sum(int(liked[other]) for other in range(NEIGHBOURS) if said.neighbours.toarray()[user, other])
    weights = said.user_terms.toarray()[user] * said.product_terms.toarray()[product] * said.idf
    words = [term for _, term in sorted((-weight, term) for term, weight in enumerate(weights) if weight > 0)]
    return min(positive, default=(0, -1))[1], takers, (words + [-1] * WORDS)[:WORDS]


@pytest.mark.parametrize("together", [1, 3, 64])
@pytest.mark.parametrize("terms", [TERMS, 0])
def test_reasons_are_those_of_one_pair_after_the_other(monkeypatch, together, terms):
    monkeypatch.setattr(kernel, "TOGETHER", together)
    said = random_said(terms)
    user, product = np.divmod(np.random.default_rng(1).permutation(USERS * PRODUCTS)[:40], PRODUCTS)
    order = np.argsort(user, kind="stable")
    user, product = user[order], product[order]
    found = reasons(said, user, product)
    expected = [naive(said, *pair) for pair in zip(user.tolist(), product.tolist(), strict=True)]
    assert list(zip(found.because.tolist(), found.takers.tolist(), found.words.tolist(), strict=True)) == expected
    assert {because >= 0 for because, _, _ in expected} == {True, False}


def test_no_pairs():
    found = reasons(random_said(), np.empty(0, int), np.empty(0, int))
    assert [len(of) for of in found] == [0, 0, 0]
