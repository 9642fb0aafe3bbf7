"""Other processes that hold a file while a test goes on."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# Opens a file to "read" or "write" and answers queries, a line each, until killed.
HOLDER = """
import sys
import duckdb
con = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "read")
print("open", flush=True)
for query in sys.stdin:
    print(con.execute(query).fetchall(), flush=True)
"""


@contextmanager
def process(script: str, *arguments: object) -> Iterator[subprocess.Popen]:
    """A Python process that has said its first line; killed at the end."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as running:
        try:
            assert running.stdout.readline()
            yield running
        finally:
            running.kill()


def answer(running: subprocess.Popen, query: str) -> str:
    """What a holder of a file says to a query."""
    running.stdin.write(f"{query}\n")
    running.stdin.flush()
    return running.stdout.readline().strip()
