"""Of those who would make one file anew, one at a time does."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from duckmark.alone import alone
from duckmark.errors import DatabaseError
from tests.processes import process

HELD = """
import sys
from pathlib import Path
from duckmark.alone import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_another_waits_for_no_one(tmp_path):
    path = tmp_path / "shop.duckdb"
    with process(HELD, path) as other:
        with (
            pytest.raises(DatabaseError, match=r"shop\.duckdb: another build of it is running; wait for it to end"),
            alone(path),
        ):
            pass
        with alone(tmp_path / "other.duckdb"):
            pass
        other.kill()
        other.wait()
        with alone(path):  # what was left does not count
            pass
    assert list(tmp_path.iterdir()) == []


def test_an_error_within_lets_go(tmp_path):
    path = tmp_path / "shop.duckdb"
    for _ in range(2):
        with pytest.raises(RuntimeError, match="within"), alone(path):
            raise RuntimeError("within")
    assert list(tmp_path.iterdir()) == []


def test_never_two_at_once(tmp_path):
    """Each that is let in makes a file that nobody else may find, and takes it away again."""
    path, mark, workers = tmp_path / "shop.duckdb", tmp_path / "mark", 8
    begin = Barrier(workers)

    def attempt(_: int) -> int:
        begin.wait()
        entered = 0
        for _ in range(300):
            try:
                with alone(path):
                    mark.touch(exist_ok=False)
                    mark.unlink()
                    entered += 1
            except DatabaseError:
                pass
        return entered

    with ThreadPoolExecutor(workers) as pool:
        assert sum(pool.map(attempt, range(workers))) > 0
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written(tmp_path):
    refused = "cannot write beside it: No such file or directory"
    with pytest.raises(DatabaseError, match=refused), alone(tmp_path / "nowhere" / "shop.duckdb"):
        pass
