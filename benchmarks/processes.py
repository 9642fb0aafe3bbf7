"""Functions called in fresh processes, which take turns, and what such a function measures of itself."""

from __future__ import annotations

import os
import pickle
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TypeVar

ROOT = Path(__file__).parents[1]
# Some libraries count cores by themselves, others run BLAS within threads of their own.
ONE_THREAD = dict.fromkeys(
    (
        *(f"{library}_NUM_THREADS" for library in ("OMP", "OPENBLAS", "MKL", "RAYON")),
        *(f"LK_NUM_{what}" for what in ("PROCS", "THREADS", "BACKEND_THREADS")),
    ),
    "1",
)
Answer = TypeVar("Answer")


def call(
    function: Callable[..., Answer],
    *arguments: object,
    environment: Mapping[str, str] | None = None,
    through: Sequence[str] = (),
) -> Answer:
    """What a function of a module returns in a Python process of its own, with variables of the ``environment`` more,
    started ``through`` a command, as ``taskset -c 0`` is one.

    Arguments and answer are pickled. Only what was imported for the function is in that process, so threads and kinds
    of BLAS can be set for it, and its peak memory is its own. Raises CalledProcessError where it fails; what it prints
    goes to standard error.
    """
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [*through, sys.executable, "-W", "ignore", "-m", "benchmarks.processes"],
        input=pickle.dumps((function, arguments)),
        stdout=subprocess.PIPE,
        env={**os.environ, **(environment or {}), "PYTHONPATH": path},
        check=True,
    )
    return pickle.loads(done.stdout)


def turns(calls: Mapping[str, Callable[[], Answer]], runs: int) -> Iterator[tuple[int, str, Answer]]:
    """(run, name, answer): everyone's first, then everyone's second, so that a slow minute meets all alike."""
    for run in range(runs):
        for name, one in calls.items():
            yield run, name, one()


def seconds(work: Callable[[], object], times: int = 1, warm: int = 1) -> list[float]:
    """By the clock on the wall, of each of ``times`` calls after ``warm`` that do not count."""
    for _ in range(warm):
        work()
    found = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return found


@contextmanager
def timed(found: dict[str, float], step: str) -> Iterator[None]:
    """Note the seconds of what is done within, by the clock on the wall."""
    started = time.perf_counter()
    yield
    found[step] = time.perf_counter() - started


def peak_mib() -> float:
    """Most memory that this process has held, in MiB.

    ``ru_maxrss`` begins at what the parent held when it started this process, so Linux is asked for the high-water
    mark of this program alone.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        unit = 2**20 if sys.platform == "darwin" else 2**10
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 2**10


class TreePeak:
    """The most memory in MiB that this process and those it started hold at once, looked at twenty times a second.

    Each has its own data; the code of the libraries, which stands in memory once however many run it, counts once, as
    much as the process with most of it holds.
    """

    def __init__(self) -> None:
        self._peak, self._stop = 0.0, Event()
        self._thread = Thread(target=self._look, daemon=True)

    def taken(self) -> float:
        """The peak since this was last asked."""
        peak, self._peak = max(self._peak, _tree_mib()), 0.0
        return peak

    def _look(self) -> None:
        while not self._stop.wait(0.05):
            self._peak = max(self._peak, _tree_mib())

    def __enter__(self) -> TreePeak:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()


def _tree_mib() -> float:
    """What this process and those it started hold now; this one's peak where the system does not say."""
    own = Path("/proc/self")
    if not (own / "status").exists():
        return peak_mib()
    try:
        started = " ".join((task / "children").read_text() for task in (own / "task").iterdir())
        held = [_held(own), *(_held(own.with_name(process)) for process in started.split() if _runs_own(process))]
    except OSError:  # one ended between two looks
        return 0.0
    data, code = zip(*held, strict=True)
    return (sum(data) + max(code)) / 2**10


def _runs_own(process: str) -> bool:
    """Whether a started process has begun its own program: until then it holds what this one holds, in the same place.

    gensim, for one, has Python ask ``uname`` for the processor when a training ends.
    """
    return (Path("/proc") / process / "cmdline").read_bytes() != Path("/proc/self/cmdline").read_bytes()


def _held(process: Path) -> tuple[int, int]:
    """KiB of data and of mapped files in memory; of a process that has just ended, nothing."""
    lines = (process / "status").read_text(encoding="utf-8").splitlines()
    sizes = {name: int(text.split()[0]) for name, _, text in (line.partition(":") for line in lines) if "Rss" in name}
    return sizes.get("RssAnon", 0) + sizes.get("RssShmem", 0), sizes.get("RssFile", 0)


def _answer() -> None:
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # progress bars and whatever else a library prints
    function, arguments = pickle.load(sys.stdin.buffer)
    with answers:
        pickle.dump(function(*arguments), answers)


if __name__ == "__main__":
    _answer()
