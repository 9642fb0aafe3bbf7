"""Whether numpy makes use of the machine: OpenBLAS of the processor, the allocator of memory that it has already.

Imports nothing heavy: it is asked before numpy is loaded.
"""

from __future__ import annotations

import os
import sys
import warnings
from functools import cache
from pathlib import Path

from duckmark.errors import SlowBlasWarning

VARIABLE = "OPENBLAS_CORETYPE"
WIDE = "SkylakeX"  # OpenBLAS's kernels for AVX-512
NEEDED = {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}  # by those kernels
# The core types of OpenBLAS's driver/others/dynamic.c whose kernels stop at AVX2 or before.
NARROW = {
    *("Katmai", "Coppermine", "Northwood", "Prescott", "Banias", "Atom", "Core2", "Penryn", "Dunnington", "Nehalem"),
    *("Sandybridge", "Haswell", "Athlon", "Opteron", "Opteron_SSE3", "Barcelona", "Bobcat", "Bulldozer", "Piledriver"),
    *("Steamroller", "Excavator", "Zen", "Nano"),
}
LARGE = 31 << 20  # bytes: just under what glibc's threshold may grow to, 4 MiB x the size of a long


def has_wide_vectors(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the processor has the AVX-512 that OpenBLAS can use; False where the system does not say."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.startswith("flags")), "")
    return NEEDED.issubset(flags.partition(":")[2].split())


def is_program() -> bool:
    """Whether this process is the command line, ``duckmark`` or ``python -m duckmark``, and is just being started."""
    return sys.orig_argv[1:3] == ["-m", "duckmark"] or Path(sys.argv[0]).name == "duckmark"


def set_core_type() -> None:
    """Tell OpenBLAS to use AVX-512 where there is any, unless the user has told it something. No use after numpy."""
    if has_wide_vectors():
        os.environ.setdefault(VARIABLE, WIDE)


def slow_core_type(libraries: list[dict]) -> str | None:
    """What OpenBLAS takes this processor for, where that is wrong; ``libraries`` as threadpoolctl describes them."""
    taken = [library.get("architecture") for library in libraries if library.get("internal_api") == "openblas"]
    wrong = [architecture for architecture in taken if architecture in NARROW]
    return wrong[0] if wrong and VARIABLE not in os.environ and has_wide_vectors() else None


@cache
def check_blas() -> None:
    """Warn, once a process, where numpy's OpenBLAS leaves half of the processor idle."""
    from duckmark.kernels.blas import numpy_blas

    taken = slow_core_type(numpy_blas().info())
    if taken:
        warnings.warn(SlowBlasWarning.taken_for(taken, f"{VARIABLE}={WIDE}"), stacklevel=3)


@cache
def keep_pages() -> None:
    """Have glibc keep what is freed for what is asked for next, once a process.

    Until it has seen a large array come and go (mallopt(3), M_MMAP_THRESHOLD), it gives back to the system the pages
    of every array of a few hundred kilobytes, and to be given new ones takes longer than to fill them. Any large build
    brings it about sooner or later. None of the array is touched, so that it takes no memory. Other allocators do not
    care.
    """
    import numpy as np

    np.empty(LARGE, np.uint8)
