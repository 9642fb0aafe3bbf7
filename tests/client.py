"""Another client: DuckDB's own command line, of an older engine, read-only and without Python."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

CLIENT = Path(sys.executable).with_name("duckdb")


def answers(path: Path, query: str) -> list[dict[str, Any]]:
    """The rows of a query of the file ``path``, a dict each."""
    command = [CLIENT, "-readonly", "-bail", "-json", path, "-c", query]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    return json.loads(result.stdout) if result.stdout.strip() else []


def each(macro: str, argument: str, values: list[str], more: str = "") -> str:
    """One query that asks a table macro for every value."""
    return " UNION ALL ".join(f"SELECT '{v}' AS {argument}, t.* FROM {macro}('{v}'{more}) AS t" for v in values)
