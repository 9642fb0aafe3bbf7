import numpy as np
import pytest
from scipy import sparse

from duckmark.kernels import least_squares as module
from duckmark.kernels.least_squares import Scratch, approach, padded, solve

RANDOM = np.random.default_rng(7)
WEIGHTS = RANDOM.integers(1, 4, (11, 8)) * (RANDOM.random((11, 8)) < 0.5)
WEIGHTS[2] = 0  # a row of nothing
WEIGHTS[5] = 2  # a row of everything
MATRIX = sparse.csr_array(WEIGHTS.astype(float))
TARGETS = RANDOM.normal(size=MATRIX.nnz)
FACTORS = RANDOM.normal(size=(8, 3)).astype(np.float32)
FACTORS = FACTORS @ np.linalg.eigh(FACTORS.T @ FACTORS)[1].astype(np.float32)  # on its axes the gram is diagonal
GRAM = np.diag(np.diag(FACTORS.T @ FACTORS))
RIDGE = RANDOM.random((11, 3)).astype(np.float32) + 0.5


def naive() -> np.ndarray:
    rows = []
    for row in range(11):
        stored = slice(*MATRIX.indptr[row : row + 2])
        f = FACTORS[MATRIX.indices[stored]].astype(float)
        w, t = MATRIX.data[stored], TARGETS[stored]
        system = GRAM + f.T @ np.diag(w) @ f + np.diag(RIDGE[row])
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
@pytest.mark.parametrize("guess", [1.0, 0.3])
def test_as_many_gradients_as_factors_reach_the_exact_solution_from_anywhere(monkeypatch, cells, guess):
    found, scratch = np.full((11, 3), np.nan), Scratch()
    monkeypatch.setattr(module, "CELLS", cells)
    for part in padded(MATRIX, TARGETS, 3):
        x = RANDOM.normal(size=(len(part.rows), 3)).astype(np.float32)
        diagonal = RIDGE[part.rows] + np.diag(GRAM)
        approach(part, FACTORS, diagonal, diagonal**guess, x, 6, scratch)
        found[part.rows] = x
    assert found == pytest.approx(naive(), abs=1e-4)


def test_every_row_is_in_one_part_and_parts_keep_to_the_limit(monkeypatch):
    monkeypatch.setattr(module, "CELLS", 60)
    parts = padded(MATRIX, TARGETS, 3)
    assert sorted(np.concatenate([part.rows for part in parts])) == list(range(11))
    assert all(part.columns.size * 3 <= 60 or len(part.rows) == 1 for part in parts)
    assert sum(part.weights.sum() for part in parts) == WEIGHTS.sum()


def test_no_rows():
    assert padded(MATRIX[:0], TARGETS[:0], 3) == []
