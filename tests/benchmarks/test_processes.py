import os
import sys

import pytest

from benchmarks.processes import TreePeak, call


def forked() -> tuple[float, float]:
    """MiB held before and while a child of this process shares its memory."""
    held = os.urandom(1 << 26)
    memory = TreePeak()
    alone = memory.taken()
    ends, told = os.pipe()
    child = os.fork()
    if not child:
        os.close(told)
        os.read(ends, 1)
        os._exit(0)
    beside = memory.taken()
    os.close(told)
    os.waitpid(child, 0)
    assert held
    return alone, beside


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux says what each process holds")
def test_memory_that_a_fork_shares_counts_once():
    alone, beside = call(forked)
    assert 64 < alone <= beside < alone + 32
