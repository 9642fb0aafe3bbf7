from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np

from duckmark.kernels.scratch import KEPT, scratch


def address(_: object = None) -> int:
    return scratch(3, 5).ctypes.data


def in_a_thread_of_its_own() -> int:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(address).result()


def test_threads_at_work_have_memory_of_their_own():
    meeting = Barrier(3)
    with ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(lambda _: (address(), meeting.wait())[0], range(3)))) == 3


def test_a_thread_keeps_its_memory_and_leaves_it_to_the_next():
    assert address() == address()
    first = in_a_thread_of_its_own()
    assert in_a_thread_of_its_own() == first != address()


def test_more_than_is_kept_is_given_too():
    assert scratch(2, KEPT).shape == (2, KEPT)
    assert scratch(2, 7).dtype == np.float32
