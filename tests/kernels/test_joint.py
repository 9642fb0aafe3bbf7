from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, get_ident

import pytest

from duckmark.kernels.joint import Joint


def test_those_who_join_take_their_share_and_each_part_is_done_once():
    joint, done, meeting = Joint(), [], Barrier(3)

    def work(part: int) -> None:
        if part < 3:
            meeting.wait(60)  # so that each of the three has one
        done.append((part, get_ident()))

    with ThreadPoolExecutor(2) as pool, joint:
        joining = [pool.submit(joint.join) for _ in range(2)]
        joint.share(work, range(200))
        assert sorted(part for part, _ in done) == list(range(200))
        assert len({thread for _, thread in done}) == 3
        assert [one.result() for one in joining] == [None, None]


def test_who_joins_late_finds_nothing_to_do():
    joint, done = Joint(), []
    with joint:
        joint.share(done.append, range(3))
    joint.join()
    assert done == [0, 1, 2]


def test_nobody_waits_for_what_fails_before_it_is_shared():
    joint = Joint()
    with ThreadPoolExecutor(1) as pool:
        joining = pool.submit(joint.join)
        with pytest.raises(ZeroDivisionError), joint:
            joint.share(print, [1 // 0])
        assert joining.result(60) is None


def test_all_are_done_when_it_returns():
    joint, done, meeting = Joint(), [], Barrier(2)

    def work(part: int) -> None:
        meeting.wait(60)
        for _ in range(1_000 * part):  # the one is still at work when the other is done
            pass
        done.append(part)

    with ThreadPoolExecutor(1) as pool, joint:
        pool.submit(joint.join)
        joint.share(work, [0, 100])
        assert sorted(done) == [0, 100]
