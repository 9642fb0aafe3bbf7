from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, get_ident

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from duckmark.kernels import blocks
from duckmark.kernels.blas import numpy_blas, one_blas_thread
from duckmark.kernels.blocks import cut, side_by_side


def blas_threads() -> list[int]:
    own = {library.filepath for library in numpy_blas().lib_controllers}
    return [library["num_threads"] for library in threadpool_info() if library["filepath"] in own]


@pytest.mark.parametrize(("rows", "pieces"), [(0, 3), (1, 3), (10, 3), (9, 3)])
def test_cut_covers_all_rows_in_nearly_equal_pieces(rows, pieces):
    slices = cut(rows, pieces)
    assert [row for part in slices for row in range(part.start, part.stop)] == list(range(rows))
    lengths = [part.stop - part.start for part in slices]
    assert len(slices) == min(rows, pieces)
    assert max(lengths, default=0) - min(lengths, default=0) <= 1


def test_parts_keep_their_order_and_run_on_no_more_threads_than_cores():
    ran = side_by_side(lambda part: (part, get_ident()), list(range(200)))
    assert [part for part, _ in ran] == list(range(200))
    assert len({thread for _, thread in ran}) <= blocks.WORKERS


def test_parts_may_have_parts_of_their_own():
    sums = side_by_side(lambda n: sum(side_by_side(lambda m: n * m, list(range(20)))), list(range(20)))
    assert sums == [190 * n for n in range(20)]


def test_an_error_of_a_part_reaches_the_caller():
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda part: 1 // (part - 30), list(range(60)))
    assert side_by_side(abs, [-1, -2]) == [1, 2]


def test_blas_has_one_thread_until_the_last_of_several_callers_leaves():
    before, inside, first_left = blas_threads(), Barrier(2), Barrier(2)

    def first() -> list[int]:
        with one_blas_thread():
            inside.wait(60)
            limited = blas_threads()
        first_left.wait(60)
        return limited

    def second() -> list[int]:
        with one_blas_thread():
            inside.wait(60)
            first_left.wait(60)
            return blas_threads()

    with ThreadPoolExecutor(2) as pool:
        found = [call.result() for call in [pool.submit(first), pool.submit(second)]]
    assert found == [[1] * len(before)] * 2
    assert blas_threads() == before


def test_many_callers_at_once_get_their_own_results():
    numbers = np.arange(50)
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda by: side_by_side(lambda n: n * by, numbers.tolist()), range(40)))
    assert all(row == (numbers * by).tolist() for by, row in enumerate(found))


def test_only_processors_that_the_process_may_use_count(monkeypatch):
    monkeypatch.setattr(blocks.os, "sched_getaffinity", lambda process: {3}, raising=False)
    assert blocks.cores() == 1
    monkeypatch.delattr(blocks.os, "sched_getaffinity")
    assert blocks.cores() == blocks.os.cpu_count()
