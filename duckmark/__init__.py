"""duckmark: train in Python, serve in plain SQL."""

from pathlib import Path

# A wheel carries udfs/ and sql/ inside the package; in a checkout they stand beside it.
if not (Path(__file__).parent / "udfs").is_dir():
    __path__.append(str(Path(__file__).parent.parent))

__version__ = "0.1.0"
