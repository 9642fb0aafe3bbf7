"""The kind of BLAS kernels that all contenders use: an environment for their processes."""

from __future__ import annotations

from duckmark import machine

WIDE = {machine.VARIABLE: machine.WIDE} if machine.has_wide_vectors() else {}
