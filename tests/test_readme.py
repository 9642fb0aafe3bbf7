"""The README is true: its examples run, its generated parts are fresh, and it names all there is."""

import re
import subprocess
import sys
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from duckmark import build
from duckmark.cli import main
from duckmark.plan import plan
from tests.readme import README, generated

TEXT = README.read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sql\n(.*?)```", TEXT, re.DOTALL)
STATEMENTS = [s.strip() for block in BLOCKS for s in re.sub(r"--.*", "", block).split(";\n") if s.strip()]


@pytest.fixture(scope="module")
def retail(tmp_path_factory):
    path = tmp_path_factory.mktemp("readme") / "retail.duckdb"
    with as_file(files("duckmark") / "data" / "online_retail.parquet") as source:
        build(path, events=str(source), options={"evaluate": False, "dimensions": 16})
    return path


def answer(path, statement):
    """What the DuckDB CLI of another version says, without duckmark."""
    cli = Path(sys.executable).parent / "duckdb"
    return subprocess.run(
        [cli, "-readonly", "-csv", path, "-c", statement], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda s: " ".join(s.split())[:50])
def test_each_example_answers_in_another_client(retail, statement):
    result = answer(retail, statement)
    assert (result.returncode, result.stderr) == (0, "")
    # This shop has no reviews and no ratings, and its test build leaves out the evaluation.
    if not re.search(r"evaluation|hot_issues|product_satisfaction|complaints|praises|_rating", statement):
        assert len(result.stdout.splitlines()) > 1


def test_contributions_add_up_as_the_readme_says(retail):
    query = (
        "SELECT abs((SELECT score FROM recommend('15311', 1)) - sum(contribution)) < 1e-6 "
        "FROM explain('15311', (SELECT product_id FROM recommend('15311', 1)))"
    )
    assert answer(retail, query).stdout.splitlines()[1] == "true"


def test_generated_parts_are_fresh():
    assert generated(TEXT) == TEXT, "run `make docs`"


@pytest.mark.parametrize("name", sorted(plan().published))
def test_every_public_name_is_documented(name):
    assert re.search(rf"\b{name}\b", TEXT)


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_is_documented(command):
    assert f"duckmark {command}" in TEXT
