"""What the check of a finished file finds."""

import duckdb
import pytest

from duckmark.check_file import checks, faults, stored
from duckmark.functions import functions

EXAMPLES = {name: function.example for name, function in functions().items()}


@pytest.fixture
def path(tmp_path, small_bytes) -> str:
    path = tmp_path / "a shop's.duckdb"
    path.write_bytes(small_bytes)
    return str(path)


def found(path, **asked) -> list[str]:
    with duckdb.connect() as con:
        return faults(con, path, EXAMPLES, **asked)


def test_it_finds_private_functions_and_broken_macros(path):
    with duckdb.connect(path) as con:
        con.execute("CREATE MACRO _dm_private(x) AS x")
        con.execute("CREATE VIEW leak AS SELECT _dm_private(1) AS x")
        con.execute("CREATE TABLE gone AS SELECT 1 AS x")
        con.execute("CREATE OR REPLACE MACRO recommend(for_user, k := 1) AS TABLE FROM gone")
        con.execute("DROP TABLE gone")
    broken, *private = found(path)
    assert broken.startswith('SELECT count(COLUMNS(*)) FROM "recommend"(')
    assert private == ["leak: stored with a private function in it"]
    assert found(path, names=["similar_users"]) == private


def test_every_public_view_and_table_macro_is_asked(path):
    with duckdb.connect(path, read_only=True) as con:
        public = [one for one in stored(con) if one.schema == "main" and one.kind in ("view", "table_macro")]
        assert len(checks(public, {})) == len(public) > 20


def test_a_good_file_has_no_faults(path, small_bytes):
    assert found(path) == []
    with open(path, "rb") as file:
        assert file.read() == small_bytes
