"""The frame of the benchmarks: what is stored, what the report makes of it, and that README and modules agree."""

import ast
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from benchmarks import __main__, context, plots, processes, report, results
from benchmarks.results import Row

FOLDER = Path(__file__).parents[2] / "benchmarks"
SECONDS = {"duckmark": (0.2, 0.1, 0.3), "peer": (0.5, 0.4, 1.2)}


def rows(sizes=(1_000,)):
    for size in sizes:
        for run in range(3):
            for contender, seconds in SECONDS.items():
                yield Row("nearest", size, contender, "seconds", seconds[run], run)
        yield Row("nearest", size, "duckmark", "MiB", 120.0)
    yield Row("`recommend`", None, "duckmark", "p50 ms", 3.125)
    yield Row("`recommend`", None, "duckmark", "p95 ms", 1234.5)


@pytest.fixture
def stored(tmp_path):
    path = tmp_path / "work" / "results.duckdb"
    assert results.record(path, "made_up", "python -m benchmarks made_up", ["click", "no-such-package"], rows()) == 9
    return path


TABLES = """\
| case | size | contender | seconds | least to most | by duckmark's | MiB |
|---|---|---|---:|---:|---:|---:|
| nearest | 1,000 | duckmark | 0.200 | 0.100 to 0.300 |  | 120 |
| nearest | 1,000 | peer | 0.500 | 0.400 to 1.20 | 2.50 |  |

| case | p50 ms | p95 ms |
|---|---:|---:|
| `recommend` | 3.12 | 1,234 |
"""


def test_tables_of_medians(stored):
    with results.opened(stored) as con:
        assert "\n".join(report.tables(con, "made_up")) == TABLES


def test_the_last_run_of_a_case_counts_with_all_its_contenders(stored):
    later = [Row("nearest", 1_000, "duckmark", "seconds", 0.1), Row("nearest", 2_000, "duckmark", "seconds", 0.7)]
    results.record(stored, "made_up", "python -m benchmarks made_up --up-to 2000", [], later)
    results.record(
        stored, "another", "python -m benchmarks another", [], [Row("nearest", 1_000, "peer", "seconds", 9.0)]
    )
    with results.opened(stored) as con:
        found = con.sql(
            "SELECT \"case\", size, contender, median FROM medians WHERE benchmark = 'made_up' ORDER BY place"
        ).fetchall()
        told = list(report.told(con, "made_up"))
    assert found == [
        ("nearest", 1_000, "duckmark", 0.1),
        ("nearest", 2_000, "duckmark", 0.7),
        ("`recommend`", None, "duckmark", 3.125),
        ("`recommend`", None, "duckmark", 1234.5),
    ]
    assert [line.split("`")[1] for line in told] == [
        "python -m benchmarks made_up",
        "python -m benchmarks made_up --up-to 2000",
    ]


def test_where_it_ran_is_told_without_the_host(stored):
    with results.opened(stored) as con:
        (told,) = report.told(con, "made_up")
        versions = con.sql("SELECT versions FROM runs").fetchall()[0][0]
    assert {"duckdb", "numpy", "pyarrow", "click"} == set(versions)
    assert re.search(r"at commit \w+\+?: \d+ cores of .*, \d+ GiB, ", told)
    assert os.uname().nodename not in told


def test_what_was_stored_before_a_failure_is_kept(tmp_path):
    def breaking():
        yield Row("nearest", 1, "duckmark", "seconds", 0.5)
        raise AssertionError

    path = tmp_path / "results.duckdb"
    with pytest.raises(AssertionError):
        results.record(path, "made_up", "", [], breaking())
    with results.opened(path) as con:
        assert con.sql("SELECT value FROM results").fetchall() == [(0.5,)]
    results.forget(path, "made_up")
    with results.opened(path) as con:
        assert con.sql("SELECT (SELECT count(*) FROM results), (SELECT count(*) FROM runs)").fetchall() == [(0, 0)]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (0.00123456, "0.00123"), (0.1, "0.100"), (9.99, "9.99"), (12345.6, "12,346"), (-2, "-2.00")],
)
def test_numbers(value, shown):
    assert report.number(value) == shown


def test_a_part_of_the_readme_is_replaced_alone():
    text = "# A\n<!-- results: one -->\nold\n<!-- end -->\nkept\n<!-- results: two -->\nold\n<!-- end -->\n"
    assert report.placed(text, "two", "new \\1\n") == text.replace("two -->\nold", "two -->\nnew \\1")
    with pytest.raises(click.ClickException, match="no section of three"):
        report.placed(text, "three", "")


def test_plots_are_the_same_each_time(stored, tmp_path):
    pytest.importorskip("matplotlib")
    results.record(stored, "made_up", "", [], rows(sizes=(1_000, 10_000, 100_000)))
    drawn = []
    for folder in (tmp_path / "one", tmp_path / "other"):
        with results.opened(stored) as con:
            drawn.append({path.name: path.read_bytes() for _, path in plots.drawn(con, "made_up", folder)})
    assert drawn[0] == drawn[1]
    assert drawn[0].keys() == {"made_up-growth.svg", "made_up-ratios.svg"}


def test_a_function_in_a_process_of_its_own():
    pid, level = processes.call(here, "MADE_UP_LEVEL", environment={"MADE_UP_LEVEL": "7"})
    assert (pid != os.getpid(), level) == (True, "7")
    with pytest.raises(subprocess.CalledProcessError):
        processes.call(here, 1)


def here(name: str) -> tuple[int, str]:
    print("what a library says")
    return os.getpid(), os.environ[name]


def test_turns():
    calls = {name: partial(str, name) for name in "ab"}
    assert list(processes.turns(calls, 2)) == [(0, "a", "a"), (0, "b", "b"), (1, "a", "a"), (1, "b", "b")]


def test_what_is_missing_is_named(tmp_path, capsys):
    how = context.Context(smoke=False, data=tmp_path, work=tmp_path, runs=1, up_to=5_000)
    with pytest.raises(context.Skipped, match=r"reviews\.csv is not in the folder of --data"):
        how.source("reviews.csv")
    assert how.installed({"duckmark": "duckmark", "peer": "no_such_module.part"}) == ["duckmark"]
    assert "without peer: no_such_module.part is not installed" in capsys.readouterr().err
    assert how.sizes([10_000, 5_000, 100]) == [100, 5_000]


def test_one_benchmark_that_fails_does_not_keep_the_others_from_running(monkeypatch, tmp_path):
    class Module:
        def __init__(self, rows):
            self.rows = rows

    def fails(how):
        yield from rows()
        raise AssertionError("answers differ")

    modules = {"text_functions": Module(fails), "whole_job": Module(lambda how: rows())}
    monkeypatch.setattr(__main__, "import_module", lambda name: modules[name.rpartition(".")[2]])
    found = CliRunner().invoke(__main__.main, [*modules, "--smoke", "--work", str(tmp_path)])
    assert found.exit_code == 1
    assert "Error: failed: text_functions\n" in found.output
    assert "whole_job" in found.output
    assert not (tmp_path / "results.duckdb").exists()


def test_every_benchmark_says_what_it_is_and_has_a_smoke_run_and_a_section():
    known = context.benchmarks()
    assert {"build_retail", "fit_speed", "text_functions", "whole_job"} <= known.keys()
    sections = re.findall(r"<!-- results: (\w+) -->\n.*?<!-- end -->", report.README.read_text("utf-8"), re.DOTALL)
    assert sorted(sections) == sorted([*known, "recommenders"])  # the contest has a command of its own
    for name, about in known.items():
        assert about.splitlines()[0].endswith("."), name
        assert "context.smoke" in (FOLDER / f"{name}.py").read_text("utf-8"), name


def test_every_file_of_the_folder_says_what_it_is():
    for path in FOLDER.rglob("*.py"):
        assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), path


def test_every_plot_of_the_readme_is_there_and_no_other():
    shown = re.findall(r"!\[[^]]+\]\(plots/([^)]+)\)", report.README.read_text("utf-8"))
    assert sorted(shown) == sorted(path.name for path in (FOLDER / "plots").glob("*"))


def test_the_peak_of_memory_counts_what_started_processes_hold():
    code = "held = bytearray(200 << 20); print('ready', flush=True); input()"
    with processes.TreePeak() as memory:
        before = memory.taken()
        with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
            child.stdout.readline()
            assert memory.taken() > before + 200
            child.stdin.close()
        memory.taken()
        assert memory.taken() < before + 100
