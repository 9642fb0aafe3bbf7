import numpy as np
import pytest
from scipy import sparse

from duckmark.kernels import least_squares as module
from duckmark.kernels.least_squares import Scratch, descend, padded, solve

RANDOM = np.random.default_rng(7)
WEIGHTS = RANDOM.integers(1, 4, (11, 8)) * (RANDOM.random((11, 8)) < 0.5)
WEIGHTS[2] = 0  # a row of nothing
WEIGHTS[5] = 2  # a row of everything
MATRIX = sparse.csr_array(WEIGHTS.astype(float))
TARGETS = RANDOM.normal(size=MATRIX.nnz)
FACTORS = RANDOM.normal(size=(8, 3)).astype(np.float32)
GRAM = FACTORS.T @ FACTORS
RIDGE = RANDOM.random((11, 1)).astype(np.float32) + 0.5


def naive() -> np.ndarray:
    rows = []
    for row in range(11):
        stored = slice(*MATRIX.indptr[row : row + 2])
        f = FACTORS[MATRIX.indices[stored]].astype(float)
        w, t = MATRIX.data[stored], TARGETS[stored]
        system = GRAM + f.T @ np.diag(w) @ f + RIDGE[row] * np.eye(3)
        rows.append(np.linalg.solve(system, f.T @ (w * t)))
    return np.array(rows)


@pytest.mark.parametrize("cells", [1, 40, 1 << 20])
def test_parts_of_any_size_equal_the_loop(monkeypatch, cells):
    monkeypatch.setattr(module, "CELLS", cells)
    found = np.full((11, 3), np.nan)
    for part in padded(MATRIX, TARGETS, 3, least=3):
        found[part.rows] = solve(part, FACTORS, GRAM, RIDGE[part.rows])
    assert found == pytest.approx(naive(), abs=1e-5)


@pytest.mark.parametrize("cells", [1, 40, 1 << 20])
@pytest.mark.parametrize("stretch", [1.0, 1.2])
def test_steps_reach_the_exact_solution_from_anywhere(monkeypatch, cells, stretch):
    found, scratch = np.full((11, 3), np.nan), Scratch()
    monkeypatch.setattr(module, "CELLS", cells)
    for part in padded(MATRIX, TARGETS, 3):
        x = RANDOM.normal(size=(len(part.rows), 3)).astype(np.float32)
        guess = RIDGE[part.rows] + GRAM.diagonal()
        for _ in range(60):
            descend(part, FACTORS, GRAM, RIDGE[part.rows], guess, x, scratch, stretch)
        found[part.rows] = x
    assert found == pytest.approx(naive(), abs=1e-4)


def test_a_step_ends_where_the_loss_is_least_along_it():
    (part,) = padded(MATRIX, TARGETS, 3)
    ends = {}
    for stretch in (0.99, 1.0, 1.01):
        x, ridge = np.ones((11, 3), np.float32), RIDGE[part.rows]
        descend(part, FACTORS, GRAM, ridge, np.ones((11, 3), np.float32), x, Scratch(), stretch)
        near = FACTORS[part.columns].astype(float)
        fits = (part.weights * (np.einsum("nld,nd->nl", near, x) - part.targets) ** 2).sum(axis=1)
        ends[stretch] = fits + ((x.astype(float) @ GRAM) * x).sum(axis=1) + (ridge * x.astype(float) ** 2).sum(axis=1)
    assert (ends[1.0] < np.minimum(ends[0.99], ends[1.01])).all()


def test_every_row_is_in_one_part_and_parts_keep_to_the_limit(monkeypatch):
    monkeypatch.setattr(module, "CELLS", 60)
    parts = padded(MATRIX, TARGETS, 3)
    assert sorted(np.concatenate([part.rows for part in parts])) == list(range(11))
    assert all(part.columns.size * 3 <= 60 or len(part.rows) == 1 for part in parts)
    assert sum(part.weights.sum() for part in parts) == WEIGHTS.sum()


def test_no_rows():
    assert padded(MATRIX[:0], TARGETS[:0], 3) == []
