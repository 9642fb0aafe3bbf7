"""OpenBLAS and the processor: what is told to whom, on machines of every kind."""

import mmap
import os
import platform
import subprocess
import sys
import warnings
from functools import partial
from types import SimpleNamespace

import pytest

from duckmark import machine
from duckmark.errors import SlowBlasWarning
from duckmark.kernels import blas

OLD = "flags\t\t: fpu sse2 avx avx2 fma\n"
WIDE = "processor\t: 0\nflags\t\t: fpu avx2 avx512f avx512dq avx512cd avx512bw avx512vl\n"
HALF = "flags\t\t: fpu avx2 avx512f avx512cd\n"


@pytest.mark.parametrize(("text", "wide"), [(OLD, False), (WIDE, True), (HALF, False), ("Features : neon\n", False)])
def test_wide_vectors_are_read_from_the_flags(tmp_path, text, wide):
    (tmp_path / "cpuinfo").write_text(text)
    assert machine.has_wide_vectors(tmp_path / "cpuinfo") is wide
    assert machine.has_wide_vectors(tmp_path / "no such file") is False


@pytest.mark.parametrize(
    ("api", "architecture", "wide", "told", "found"),
    [
        ("openblas", "Haswell", True, None, "Haswell"),
        ("openblas", "Zen", True, None, "Zen"),
        ("openblas", "Haswell", True, "Haswell", None),  # the user's own choice
        ("openblas", "Haswell", False, None, None),
        ("openblas", "SkylakeX", True, None, None),
        ("openblas", "one of the future", True, None, None),
        ("mkl", "Haswell", True, None, None),
    ],
)
def test_a_wrong_core_type_is_told_from_a_right_one(monkeypatch, api, architecture, wide, told, found):
    monkeypatch.setattr(machine, "has_wide_vectors", lambda: wide)
    monkeypatch.delenv(machine.VARIABLE, raising=False)
    if told:
        monkeypatch.setenv(machine.VARIABLE, told)
    assert machine.slow_core_type([{"internal_api": api, "architecture": architecture}, {"internal_api": "?"}]) == found


def test_the_user_is_told_once_how_to_set_it(monkeypatch):
    library = {"internal_api": "openblas", "architecture": "Haswell"}
    monkeypatch.setattr(blas, "numpy_blas", lambda: SimpleNamespace(info=lambda: [library]))
    monkeypatch.setattr(machine, "has_wide_vectors", lambda: True)
    monkeypatch.delenv(machine.VARIABLE, raising=False)
    machine.check_blas.cache_clear()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        machine.check_blas()
        machine.check_blas()
    assert [warning.category for warning in said] == [SlowBlasWarning]
    assert "for Haswell" in str(said[0].message)
    assert "OPENBLAS_CORETYPE=SkylakeX" in str(said[0].message)


@pytest.mark.parametrize(("given", "expected"), [(None, "SkylakeX"), ("Haswell", "Haswell")])
def test_the_core_type_is_set_unless_the_user_has(monkeypatch, given, expected):
    monkeypatch.setattr(machine, "has_wide_vectors", lambda: True)
    monkeypatch.setattr(os, "environ", {machine.VARIABLE: given} if given else {})
    machine.set_core_type()
    assert os.environ[machine.VARIABLE] == expected


SAY = f"import sys; sys.argv[0] = sys.argv[1]; import duckmark, os; print(os.environ.get('{machine.VARIABLE}'))"


@pytest.mark.parametrize("program", ["/usr/bin/duckmark", "analysis.py"])
def test_only_the_command_line_sets_it_on_import(program):
    environment = {name: value for name, value in os.environ.items() if name != machine.VARIABLE}
    command = [sys.executable, "-c", SAY, program]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()
    wide = program.endswith("duckmark") and machine.has_wide_vectors()
    assert said == (machine.WIDE if wide else "None")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other allocators have rules of their own")
def test_pages_are_kept():
    """Arrays that come and go: after `keep_pages` a process is given few new pages, before it all of each."""
    program = """
import ctypes, resource, sys
ctypes.CDLL(None).prctl(41, 1, 0, 0, 0)  # PR_SET_THP_DISABLE: a huge page would count as one for hundreds
import numpy as np
from duckmark.machine import keep_pages
if sys.argv[1] == "kept":
    keep_pages()
faults = []
for _ in range(20):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    arrays = [np.ones(500_000, np.uint8) for _ in range(8)]
    del arrays
    faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
print(min(faults[1:]))
"""
    told = ("GLIBC_TUNABLES", "MALLOC_", "LD_PRELOAD")  # by which an allocator has other rules, or is another
    environment = {name: value for name, value in os.environ.items() if not name.startswith(told)}
    run = partial(subprocess.run, env=environment, capture_output=True, text=True, check=True)
    kept, lost = (int(run([sys.executable, "-c", program, how]).stdout) for how in ("kept", "lost"))
    filled = 8 * 500_000 // mmap.PAGESIZE
    if lost < filled / 2:
        pytest.skip(f"this system gives {lost} pages for the {filled} that the arrays fill, whatever is kept")
    assert kept < lost / 10
