import numpy as np
import pytest

from duckmark.kernels import tables as module
from duckmark.kernels.tables import best_first, nth_highest, nth_of_lists, pieces, tables

RANDOM = np.random.default_rng(3)


@pytest.mark.parametrize("cells", [1, 7, 1 << 16])
def test_tables_hold_every_list_whole_and_in_order(monkeypatch, cells):
    monkeypatch.setattr(module, "CELLS", cells)
    lengths = RANDOM.integers(0, 6, 40)
    values, found = np.arange(lengths.sum()), []
    for rows, stored, part in tables(lengths, 3):
        table = np.full(stored.shape, -1)
        table[stored] = values[part]
        assert table.shape[1] >= 3
        assert len(table) == len(lengths[rows])
        found += [row[row >= 0].tolist() for row in table]
    assert found == [part.tolist() for part in np.split(values, np.cumsum(lengths)[:-1])]


@pytest.mark.parametrize(("rows", "cells"), [(0, 5), (9, 0), (9, 1 << 20), (9, 1 << 15)])
def test_pieces_cover_all_rows(rows, cells):
    assert [row for part in pieces(rows, cells) for row in range(part.start, part.stop)] == list(range(rows))


def test_nth_highest_equals_a_full_sort():
    scores = RANDOM.integers(0, 9, (20, 13)).astype(np.float32)
    assert all((nth_highest(scores, rank) == np.sort(scores, axis=1)[:, -rank]).all() for rank in (1, 5, 13))


@pytest.mark.parametrize("cells", [1, 40, 1 << 16])
@pytest.mark.parametrize("rank", [1, 4, 9])
def test_nth_of_lists_equals_a_full_sort_and_is_least_where_there_are_less(monkeypatch, cells, rank):
    monkeypatch.setattr(module, "CELLS", cells)
    offsets = np.concatenate(([0], np.cumsum([0, 200, *RANDOM.integers(0, 12, 40), 0])))
    scores = RANDOM.integers(0, 99, offsets[-1]).astype(np.float32)
    lists = [np.sort(one)[::-1] for one in np.split(scores, offsets[1:-1])]
    expected = [one[rank - 1] if len(one) >= rank else -np.inf for one in lists]
    assert nth_of_lists(scores, offsets, rank).tolist() == expected


def test_best_first_breaks_ties_by_rank():
    scores, ranks = RANDOM.integers(0, 3, (20, 13)).astype(float), RANDOM.permuted(np.arange(260)).reshape(20, 13)
    order, best = best_first(scores, ranks)
    assert (order == np.lexsort((ranks, -scores), axis=1)).all()
    assert (best == np.take_along_axis(scores, order, axis=1)).all()
