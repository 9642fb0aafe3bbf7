"""duckmark: train in Python, serve in plain SQL.

``build`` makes a DuckDB file into a personalised-marketing engine, ``refresh`` takes new events into it,
``evaluate`` measures its recommendations on events held out, and ``connect`` opens it with the functions as
vectorised kernels. The finished file needs none of them.
"""

from pathlib import Path

# A wheel carries udfs/ and sql/ inside the package; in a checkout they stand beside it.
if not (Path(__file__).parent / "udfs").is_dir():
    __path__.append(str(Path(__file__).parent.parent))

__version__ = "0.9.0"

from duckmark import machine

if machine.is_program():  # before numpy is imported below; in a library the environment is the user's own
    machine.set_core_type()

from duckmark.arrow import spare_pandas
from duckmark.build import build
from duckmark.connection import connect, install
from duckmark.errors import DuckmarkError
from duckmark.evaluate import evaluate
from duckmark.functions import functions
from duckmark.refresh import refresh

if machine.is_program():  # in a library pyarrow is the user's own too
    spare_pandas()

__all__ = ["DuckmarkError", "__version__", "build", "connect", "evaluate", "functions", "install", "refresh"]
