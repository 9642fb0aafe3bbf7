"""A function called in a Python process of its own, while this one goes on."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from duckmark.errors import PipelineError


class Call:
    """``function(*arguments)``, begun in a process of its own; both, and what comes of it, are pickled in ``folder``.

    The process finds the modules that this one finds. It ends with the ``with`` block at the latest, or with this
    process, however that ends.
    """

    def __init__(self, folder: Path, function: Callable[..., Any], *arguments: Any) -> None:
        self._answer, asked, self._said = (folder / name for name in ("answer", "asked", "said"))
        asked.write_bytes(pickle.dumps((function, arguments)))
        command = [sys.executable, "-P", "-m", "duckmark.elsewhere", str(asked), str(self._answer)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said, env=environment
            )

    def answer(self) -> Any:
        """Wait for what the function returns. Raises what it raised, and PipelineError where its process broke off."""
        if self.process.wait():
            said = self._said.read_text(encoding="utf-8", errors="replace").strip()
            raise PipelineError(f"the process beside the build ended with {self.process.returncode}: {said[-2000:]}")
        returned, error = pickle.loads(self._answer.read_bytes())
        if error:
            raise error
        return returned

    def __enter__(self) -> Call:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.process.kill()
        self.process.communicate()


def _end_with_caller() -> None:
    """Standard input ends when the caller does, even one that is killed."""
    os.read(0, 1)  # not through sys.stdin, whose lock the end of the interpreter waits for
    os._exit(1)


def _main(asked: Path, answer: Path) -> None:
    threading.Thread(target=_end_with_caller, daemon=True).start()
    function, arguments = pickle.loads(asked.read_bytes())
    returned, error = None, None
    try:
        returned = function(*arguments)
    except Exception as raised:  # it is the caller's
        error = raised
    answer.write_bytes(pickle.dumps((returned, error)))


if __name__ == "__main__":
    _main(*map(Path, sys.argv[1:]))
