"""A function in a process of its own: its answer, its errors, its end."""

import os
import select
import signal
import subprocess
import sys

import pytest

from duckmark.elsewhere import Call
from duckmark.errors import MappingError, PipelineError


def doubled(number: int) -> tuple[int, int]:
    return 2 * number, os.getpid()


def refused() -> None:
    raise MappingError("no such column")


def broken_off() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def endless() -> None:
    signal.pause()


def test_the_answer_comes_from_another_process(tmp_path):
    with Call(tmp_path, doubled, 21) as call:
        answer, process = call.answer()
    assert answer == 42
    assert process != os.getpid()


def test_an_error_is_the_callers(tmp_path):
    with Call(tmp_path, refused) as call, pytest.raises(MappingError, match="no such column"):
        call.answer()


def test_a_process_that_breaks_off_is_an_error(tmp_path):
    with Call(tmp_path, broken_off) as call, pytest.raises(PipelineError, match="ended with -9"):
        call.answer()


def test_nothing_goes_on_after_the_block(tmp_path):
    with Call(tmp_path, endless) as call:
        pass
    assert call.process.returncode == -signal.SIGKILL


def waits_with(folder) -> None:
    with Call(folder, endless) as call:
        print(call.process.pid, flush=True)
        call.answer()


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for a process that is no child, as Linux can")
def test_nothing_goes_on_after_a_killed_caller(tmp_path):
    code = f"from pathlib import Path; from tests.test_elsewhere import waits_with; waits_with(Path({str(tmp_path)!r}))"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as caller:
        process = os.pidfd_open(int(caller.stdout.readline()))
        caller.kill()
    assert select.select([process], [], [], 60) == ([process], [], [])
    os.close(process)
