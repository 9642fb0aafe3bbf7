"""The README is true: its examples run, its generated parts are fresh, and it names all there is."""

import re
import subprocess
import sys
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from duckmark import build
from duckmark.cli import main
from duckmark.evaluation.trial import MOST_EVENTS
from duckmark.kernels import screen
from duckmark.models import matrices, neighbours, ratings, recommendations, sentiment, topics
from duckmark.plan import plan
from tests.readme import README, generated
from tests.shop import DISLIKED

TEXT = README.read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sql\n(.*?)```", TEXT, re.DOTALL)
OWN = {block: name for block in BLOCKS for name in re.findall(r"^CREATE \w+ ([\w.]+)", block, re.MULTILINE)}
STATEMENTS = [
    s.strip() for block in BLOCKS if block not in OWN for s in re.sub(r"--.*", "", block).split(";\n") if s.strip()
]

# What has no answer in the shop of the examples: it has no reviews and no ratings, and is built without evaluation.
SAID = re.compile(r"evaluation|hot_issues|product_satisfaction|complaints|praises|_rating|shop_sentiment")


@pytest.fixture(scope="module")
def retail(tmp_path_factory):
    """The shop of the examples, built with the SQL that is shown as an analyst's own."""
    folder = tmp_path_factory.mktemp("readme")
    for block, name in OWN.items():
        (folder / f"{name}.sql").write_text(block)
    path = folder / "retail.duckdb"
    with as_file(files("duckmark") / "data" / "online_retail.parquet") as source:
        build(path, events=str(source), sql=folder, options={"evaluate": False, "dimensions": 16})
    return path


def shortened(statement):
    return " ".join(statement.split())[:50]


def answer(path, statement):
    """What the DuckDB CLI of another version says, without duckmark."""
    cli = Path(sys.executable).parent / "duckdb"
    return subprocess.run(
        [cli, "-readonly", "-csv", path, "-c", statement], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("statement", STATEMENTS, ids=shortened)
def test_each_example_answers_in_another_client(retail, statement):
    result = answer(retail, statement)
    assert (result.returncode, result.stderr) == (0, "")
    if not SAID.search(statement):
        assert len(result.stdout.splitlines()) > 1


@pytest.mark.parametrize("statement", [s for s in STATEMENTS if SAID.search(s)], ids=shortened)
def test_each_example_of_what_people_say_answers_where_they_say_it(shop_file, statement):
    product = "00100" if "praises" in statement else DISLIKED
    asked = statement.replace("'15311'", "'0001'").replace("'22423'", f"'{product}'")
    result = answer(shop_file, asked)
    assert (result.returncode, result.stderr) == (0, "")
    assert len([line for line in result.stdout.splitlines() if line.strip('"')]) > 1


@pytest.mark.parametrize(("block", "name"), OWN.items(), ids=OWN.values())
def test_own_sql_is_built_and_described(retail, block, name):
    described = "SELECT comment FROM (FROM duckdb_tables() UNION ALL BY NAME FROM duckdb_views()) WHERE "
    asked = f"{described} concat_ws('.', nullif(schema_name, 'main'), coalesce(table_name, view_name)) = '{name}'"
    assert len(answer(retail, f"FROM {name}").stdout.splitlines()) > 1
    assert block.startswith(f"-- {answer(retail, asked).stdout.splitlines()[1].strip(chr(34))}\n")


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


def sentences_drawn():
    """Of how many reviews and baskets each the words are learned."""
    statement = next(step.statement for step in plan().steps if step.name == "duckmark.sentences")
    (most,) = set(re.findall(r"is_drawn\(.*, (\d+)\)", statement))
    return int(most)


@pytest.mark.parametrize(
    ("what", "most"),
    [
        ("models of products", matrices.MOST_CHOICES),
        ("expected ratings", ratings.MOST_RATINGS),
        ("topics", topics.MOST_REVIEWS),
        ("topics", sentiment.MOST_TEXTS),
        ("word vectors", sentences_drawn()),
        ("ranker", MOST_EVENTS),
        ("neighbours", neighbours.MOST_USERS),
        ("stored lists", recommendations.MOST_PAIRS),
        ("", screen.COMPARED),
        ("`recommend_for`", "SELECT duckmark.most_leaders()"),
        ("`audience`", "SELECT duckmark.most_leaders()"),
        ("`search_products`", "SELECT duckmark.most_leaders()"),
    ],
)
def test_what_bounds_a_large_shop_is_what_the_readme_says(retail, what, most):
    if isinstance(most, str):
        most = int(answer(retail, most).stdout.splitlines()[-1])
    rows = re.findall(r"^\| (.*?) ?\| (.*?) \|", TEXT.partition("### Large shops")[2], re.MULTILINE)
    assert any(row.startswith(what) and f"{most:,} " in bound for row, bound in rows if bool(row) == bool(what))
