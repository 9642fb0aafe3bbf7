"""The command line: what it says, what it does, and that a mistake is one clear message."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import duckmark
from duckmark.cli import main
from duckmark.evaluation.splits import PROTOCOLS
from tests.database import ask
from tests.processes import HOLDER, process
from tests.shop import event_rows, events

QUICK = ("--no-evaluate", "--quiet")
HEADER = "user_id,product_id,kind,rating\n"
GOOD = HEADER + "".join(f"{i % 9:02},p{i % 7},purchase,{1 + i % 5}\n" for i in range(40))


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch, small_bytes) -> Path:
    """The current directory: a published file and a good source."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "shop.duckdb").write_bytes(small_bytes)
    (tmp_path / "good.csv").write_text(GOOD)
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def test_a_build_prints_the_mapping_the_data_quality_and_the_models(here):
    done = run("build", "new.duckdb", "--events", "good.csv", "--no-evaluate")
    assert done.exit_code == 0, done.output
    for words in (
        "events: good.csv, 40 rows",
        "rating",
        "Data quality",
        "usable",
        "Models",
        "word_vectors",
        "is ready",
    ):
        assert words in done.output
    assert "too little text" in done.output
    assert ask("new.duckdb", "SELECT count(*) FROM user_profiles") == [(9,)]
    assert sorted(p.name for p in here.iterdir()) == ["good.csv", "new.duckdb", "shop.duckdb"]


def test_that_hardly_a_purchase_has_a_price_is_told(here):
    rows = "".join(f"u{i},p{i % 3},purchase,{5 * (i == 0)}\n" for i in range(20))
    (here / "free.csv").write_text("user_id,product_id,kind,price\n" + rows)
    assert "--map price=NULL" in run("build", "new.duckdb", "--events", "free.csv", *QUICK).output
    kept = run("build", "new.duckdb", "--events", "free.csv", *QUICK, "--map", "price=nullif(price, 0)")
    assert "--map price=NULL" not in kept.output
    assert ask("new.duckdb", "SELECT count(*), count(price) FROM duckmark.events") == [(20, 1)]


def test_map_and_weight(here):
    (here / "odd.csv").write_text("who,what,did,mark\n01,a,demo_booked,8\n02,b,demo_booked,4\n01,b,buy,6\n")
    done = run(
        "build", "new.duckdb", "--events", "odd.csv", *QUICK,
        "--map", "user_id=who", "--map", "events.product_id = what", "--map", "kind=did",
        "--map", "rating=mark / 2", "--weight", "demo_booked=4.5", "--weight", "buy=3",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    query = "SELECT user_id, product_id, kind, rating FROM duckmark.events ORDER BY ALL"
    assert ask("new.duckdb", query) == [
        ("01", "a", "demo_booked", 4.0),
        ("01", "b", "purchase", 3.0),
        ("02", "b", "demo_booked", 2.0),
    ]
    weights = "SELECT kind, weight FROM duckmark.event_kinds WHERE kind IN ('demo_booked', 'purchase') ORDER BY ALL"
    assert ask("new.duckdb", weights) == [("demo_booked", 4.5), ("purchase", 3.0)]


def test_settings_from_duckmark_toml(here):
    (here / "odd.csv").write_text("who,what,did\n01,a,test_drive\n02,b,test_drive\n")
    (here / "duckmark.toml").write_text(
        '[events]\nsource = "odd.csv"\nmap = { user_id = "who", product_id = "what", kind = "did" }\n'
        "[weights]\ntest_drive = 4\n[options]\nevaluate = false\ndimensions = 8\ncontent_weight = 1\n"
    )
    done = run("build", "new.duckdb", "--quiet", "--weight", "test_drive=2.5")
    assert done.exit_code == 0, done.output
    assert ask("new.duckdb", "SELECT user_id FROM duckmark.events ORDER BY ALL") == [("01",), ("02",)]
    assert ask("new.duckdb", "SELECT method, weights[1] > 0 FROM duckmark.ranker") == [("fusion", True)]
    assert ask("new.duckdb", "SELECT weight FROM duckmark.event_kinds WHERE kind = 'test_drive'") == [(2.5,)]


def test_the_command_line_goes_before_duckmark_toml(here):
    (here / "other.csv").write_text("user_id,product_id,kind,stars,mark\n01,a,buy,1,5\n02,b,buy,2,4\n")
    (here / "goods.csv").write_text("product_id,title,name\na,Lamp,Old lamp\n")
    (here / "people.csv").write_text("user_id,country\n01,FR\n")
    (here / "duckmark.toml").write_text(
        '[events]\nsource = "no.csv"\nmap = { rating = "stars" }\n'
        '[products]\nsource = "no.csv"\nmap = { title = "name" }\n'
        '[users]\nsource = "no.csv"\nmap = { user_id = "who" }\n'
    )
    done = run(
        "build", "new.duckdb", "--events", "other.csv", "--products", "goods.csv", "--users", "people.csv", *QUICK,
        "--map", "rating=mark", "--map", "products.title=title", "--map", "users.user_id=user_id",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert ask("new.duckdb", "SELECT rating FROM duckmark.events ORDER BY ALL") == [(4.0,), (5.0,)]
    assert ask("new.duckdb", "SELECT title FROM duckmark.products WHERE product_id = 'a'") == [("Lamp",)]
    assert ask("new.duckdb", "SELECT attributes['country'] FROM duckmark.users WHERE user_id = '01'") == [("FR",)]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("[event]\nsource = 'x.csv'", "duckmark.toml: unknown section event; did you mean events?"),
        ("[events]\nsorce = 'x.csv'", "duckmark.toml: unknown setting in [events] sorce; did you mean source?"),
        ("[options]\ndimension = 3", "duckmark.toml: unknown option dimension; did you mean dimensions?"),
        ("[options]\ndimensions = 'many'", "option dimensions: expected int, found 'many'"),
        ("[options]\ndimensions = 2.5", "option dimensions: expected int, found 2.5"),
        ("[options]\nevaluate = 3", "option evaluate: expected bool, found 3"),
        ("[options]\nseed = true", "option seed: expected int, found True"),
        ("[options]\nseed = -1", "option seed: expected at least 0, found -1"),
        (
            "[options]\nitems_model = 'svd'",
            "option items_model: expected one of slim, ease, edlae, item_knn, graph_filter",
        ),
        ("[options]\nuser_weighting = 2", "option user_weighting: expected one of none, tf_idf, bm25, found 2"),
        ("[options]\nhalf_life = -1", "option half_life: expected at least 0, found -1"),
        ("[options]\nease_dropout = 1.0", "option ease_dropout: expected less than 1, found 1.0"),
        ("[options]\nitem_shrinkage = inf", "option item_shrinkage: expected a finite number, found inf"),
        ("[options]\nneighbours = 0", "option neighbours: expected at least 1, found 0"),
        ("[weights]\nview = 'much'", "is a number of stars, not"),
        ("events = 'x.csv'", "duckmark.toml: events is a section: write [events] on a line of its own"),
        ("[events]\nmap = 'x'", "duckmark.toml: map in [events]: expected a table"),
        ("[events]\nsource = 3", "duckmark.toml: source in [events]: expected a text, found 3"),
        ("[events", "duckmark.toml: "),
        ("", "no events: give --events SOURCE"),
    ],
)
def test_settings_that_are_wrong(here, fingerprint, settings, message):
    (here / "duckmark.toml").write_text(settings)
    refused(fingerprint, ["build", "shop.duckdb", "--quiet"], message)


def test_a_settings_file_that_is_not_there(fingerprint):
    refused(fingerprint, ["build", "shop.duckdb", "--events", "good.csv", "--config", "no.toml"], "no.toml")


def test_a_refresh_says_what_it_touched_and_then_that_nothing_is_new(here):
    (here / "new.csv").write_text("user_id,product_id,kind\n0001,00100,view\n0002,00101,view\n")
    done = run("refresh", "shop.duckdb", "--events", "new.csv", "--quiet")
    assert done.exit_code == 0, done.output
    assert "2 new events in 2 rows; 2 users and 2 products" in done.output
    before = (here / "shop.duckdb").read_bytes()
    again = run("refresh", "shop.duckdb", "--events", "new.csv", "--quiet")
    assert "nothing changed" in again.output
    assert (here / "shop.duckdb").read_bytes() == before


def test_a_refresh_says_what_of_the_new_rows_could_not_be_used(here):
    (here / "new.csv").write_text("user_id,product_id,kind,rating\n0001,00100,rating,good\n,00101,view,\n")
    done = run("refresh", "shop.duckdb", "--events", "new.csv", "--quiet")
    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.output.splitlines()]
    assert ["no", "customer", "dropped", "1", "0.5"] in lines
    assert ["rating", "unreadable", "filled", "1", "0.5"] in lines
    (here / "newer.csv").write_text("user_id,product_id,kind,rating\n0002,00100,view,\n")
    assert "Data quality" not in run("refresh", "shop.duckdb", "--events", "newer.csv", "--quiet").output


def test_a_day_without_events_is_an_error_to_build_from_and_nothing_to_refresh_with(here, fingerprint):
    (here / "header.csv").write_text(HEADER)
    refused(fingerprint, ["build", "shop.duckdb", "--events", "header.csv"], "header.csv has no rows")
    before = fingerprint(here)
    done = run("refresh", "shop.duckdb", "--events", "header.csv")
    assert (done.exit_code, fingerprint(here)) == (0, before)
    assert "nothing changed" in done.output


def test_quiet_leaves_out_the_bars_and_not_the_mapping(here):
    (here / "more.csv").write_text("user_id,product_id,kind\n0003,00102,view\n")
    done = run("refresh", "shop.duckdb", "--events", "more.csv", "--quiet")
    assert 'product_id         = "product_id"' in done.output
    assert "━" not in done.output


def test_duckdbs_own_bar_is_shown_nowhere(here):
    """SQL that fails where there is one, in a process that DuckDB takes for an interactive session."""
    (here / "sql").mkdir()
    for name in ("1_collect/data_quality", "2_profile/interactions", "5_report/evaluation"):
        path = Path(__file__).parents[1] / "sql" / f"{name}.sql"
        bar = "CASE WHEN current_setting('enable_progress_bar') THEN error('a bar') ELSE true END"
        wrapped = rf"\1SELECT * FROM (\n\2) WHERE {bar};\n"
        text = re.sub(r"^(CREATE \w+ \S+ AS\n)(.*);\n", wrapped, path.read_text(), flags=re.DOTALL | re.MULTILINE)
        (here / "sql" / path.name).write_text(text)
    (here / "duckmark.toml").write_text("[options]\ndimensions = 16\ntopics = 2\n")
    for name, rows in (("old", event_rows()[:-20]), ("new", event_rows()[-20:])):
        pq.write_table(events(rows), here / f"{name}.parquet")
    asked = """
from duckmark.cli import main
from duckmark.evaluation import beside
beside.is_worth_it = lambda con: True
for command in ("build --events old.parquet", "refresh --events new.parquet", "evaluate"):
    name, *options = command.split()
    main([name, "own.duckdb", "--sql", "sql", *options], standalone_mode=False)
"""
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Hold-out check") == 2
    assert "new events" in done.stdout


def test_what_is_not_recognised_is_told_in_a_line_each_with_how_to_name_it(here, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    (here / "odd.csv").write_text("product_id,who,moment\n" + "p1,u,2024-03-01\n" * 9)
    (here / "goods.csv").write_text("product_id,wording\np1,A lamp\n")
    done = run("build", "new.duckdb", "--events", "odd.csv", "--products", "goods.csv", *QUICK)
    assert done.exit_code == 0, done.output
    lines = [line.strip() for line in done.output.splitlines() if "--map" in line]
    assert len(lines) == 4
    for line, target, what in zip(
        lines, ("user_id", "kind", "at", "products.title"), ("user", "kind of event", "time", "title"), strict=True
    ):
        assert line.startswith(f"no column is plainly the {what}: ")
        names = "wording" if "." in target else "who, moment"
        assert line.endswith(f"Of {names}, name it by --map {target}=COLUMN.")
    named = ("--map", "user_id=who", "--map", "at=moment", "--map", "kind=NULL", "--map", "products.title=wording")
    done = run("build", "new.duckdb", "--events", "odd.csv", "--products", "goods.csv", *QUICK, *named)
    assert "--map" not in done.output


def test_a_weight_of_a_kind_that_no_event_has_is_told(here):
    done = run("build", "new.duckdb", "--events", "good.csv", "--weight", "purchse=5", *QUICK)
    assert done.exit_code == 0, done.output
    assert "no event is of the kind purchse, whose weight is given" in " ".join(done.output.split())


def test_times_to_choose_from_are_told(here):
    day = "DATE '2024-03-01'"
    query = f"SELECT 'u' AS user_id, 'p' AS product_id, 'buy' AS kind, {day} AS noted, {day} AS logged"
    done = run("build", "new.duckdb", "--events", query, *QUICK)
    output = " ".join(done.output.split())
    assert "more than one column may be the time: " in output
    assert "Of noted, logged, name it by --map at=COLUMN." in output


def test_a_time_that_cannot_be_read_and_days_that_fit_both_orders_are_told(here):
    (here / "odd.csv").write_text("user_id,product_id,Order Date,rating\nu,p,1. Mai 2023,4\n")
    output = " ".join(run("build", "new.duckdb", "--events", "odd.csv", *QUICK).output.split())
    assert "Order Date looks like the time, but '1. Mai 2023' cannot be read: " in output
    assert """--map at="strptime(\\"Order Date\\", '%d/%m/%Y')".""" in output
    (here / "days.csv").write_text("user_id,product_id,order_date,rating\nu,p,05/06/2023,4\n")
    output = " ".join(run("build", "new.duckdb", "--events", "days.csv", *QUICK).output.split())
    assert "every day fits both orders: '05/06/2023' is read as 2023-06-05, the day first." in output
    assert """--map at="try_strptime(order_date, '%m/%d/%Y')".""" in output


def test_titles_that_stand_in_the_events_are_not_missed(here):
    query = "SELECT 'u' AS user_id, 'p' AS product_id, 'buy' AS kind, 'Lamp' AS title, DATE '2024-03-01' AS at"
    done = run("build", "new.duckdb", "--events", query, "--products", "SELECT 'p' AS product_id", *QUICK)
    assert done.exit_code == 0, done.output
    assert "--map" not in done.output


def test_functions_lists_every_form():
    output = run("functions").output
    for function in duckmark.functions().values():
        assert all(signature in output for signature in function.signatures)
        assert function.returns in output


def test_lineage_shows_what_it_is_made_of_with_file_and_line(here):
    output = run("lineage", "recommendations").output
    assert "sql/3_recommend/recommendations.sql:" in output
    assert "duckmark.recommendation_lists model recommendation_lists" in output
    assert "source_events given" in output
    assert run("lineage", "events").output.startswith("duckmark.events")
    (here / "sql").mkdir()
    (here / "sql" / "vip.sql").write_text("-- VIPs.\nCREATE VIEW vip AS FROM segments;")
    assert "segments" in run("lineage", "vip", "--sql", "sql").output


def test_lineage_of_the_unknown(fingerprint):
    refused(fingerprint, ["lineage", "nowhere"], "nowhere: the pipeline makes no such view, macro or table")


def refused(fingerprint, arguments: list[str], *words: str) -> None:
    """One clear message, exit code 1, and every file as it was."""
    here = Path.cwd()
    before = fingerprint(here)
    done = run(*arguments)
    assert done.exit_code == 1, done.output
    assert isinstance(done.exception, SystemExit)
    assert done.output.lstrip().startswith("Error: ")
    assert "Traceback" not in done.output
    assert len(done.output.strip().splitlines()) <= 2
    for word in words:
        assert word in done.output
    assert fingerprint(here) == before


@pytest.mark.parametrize("command", ["build", "refresh"])
@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("missing.csv", None, ("missing.csv: no such file",)),
        ("goood.csv", None, ("no such file", "Did you mean good.csv?")),
        ("none.csv", "user_id,rating\n1,5\n", ("product_id", "--map events.product_id=COLUMN")),
        ("ragged.csv", GOOD + "01,p1,purchase,5,6,7\n", ("ragged.csv, line 42", "Mend")),
        ("latin.csv", (GOOD + "01,p1,purchasé,5\n").encode("latin-1"), ("latin.csv is not UTF-8", "encoding=")),
        ("empty.csv", "", ("empty.csv is empty",)),
        ("kind.csv", GOOD + "01,p1,teleport,5\n", ("'teleport' in 1 rows, first in row 41", "--weight teleport=")),
    ],
)
def test_sources_that_cannot_be_read(here, fingerprint, command, name, content, words):
    if content is not None:
        (here / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    refused(fingerprint, [command, "shop.duckdb", "--events", name, "--quiet"], *words)


def test_a_directory_for_a_source(here, fingerprint):
    (here / "days").mkdir()
    (here / "days" / "1.csv").write_text(GOOD)
    refused(fingerprint, ["build", "shop.duckdb", "--events", "days"], "days is a directory", "days/*.csv")


def test_a_directory_for_the_file(here, fingerprint):
    (here / "folder").mkdir()
    refused(fingerprint, ["build", "folder", "--events", "good.csv"], "folder: a directory")


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--map", "ratng=rating"), ("'ratng' is not something to map", "Did you mean events.rating?")),
        (("--map", "rating=ratng"), ("no column ratng", "Did you mean rating?")),
        (("--map", "rating"), ("--map rating: expected NAME=VALUE",)),
        (("--map", "rating=rating +"), ("events.rating = rating +",)),
        (("--map", "rating=rating", "--map", "rating = 2"), ("--map rating = 2: rating is given twice",)),
        (("--map", "events.rating=rating", "--map", "rating=2"), ("rating and events.rating are one",)),
        (("--weight", "view=2", "--weight", "view=3"), ("--weight view=3: view is given twice; give it once",)),
        (("--events", "good.csv"), ("--events: given twice; give one path or glob, or a query",)),
        (("--products", "good.csv", "--products", "good.csv"), ("--products: given twice",)),
        (("--users", "good.csv", "--users", "good.csv"), ("--users: given twice",)),
        (("--weight", "view=lots"), ("is a number of stars, not",)),
        (("--weight", "view=nan"), ("view",)),
        (("--weight", "view"), ("--weight view: expected NAME=VALUE",)),
        (("--sql", "nowhere"), ("nowhere: not a folder",)),
    ],
)
def test_options_with_a_typo(fingerprint, option, words):
    refused(fingerprint, ["build", "shop.duckdb", "--events", "good.csv", *option], *words)


def test_the_protocols_are_those_of_an_evaluation():
    (protocol,) = (option for option in main.commands["evaluate"].params if option.name == "protocol")
    assert list(protocol.type.choices) == list(PROTOCOLS)
    assert "'lats' is not one of" in run("evaluate", "shop.duckdb", "--protocol", "lats").output


def test_folds_of_another_protocol_and_models_of_no_file(fingerprint):
    refused(fingerprint, ["evaluate", "shop.duckdb", "--folds", 3], "--folds: how many, where --protocol is folds")
    keep = ["build", "new.duckdb", "--events", "good.csv", "--keep-models"]
    refused(fingerprint, keep, "new.duckdb: no such file; make it with")


def test_a_refresh_of_two_sources_or_of_one_column_twice(fingerprint):
    refresh = ["refresh", "shop.duckdb", "--events", "good.csv"]
    refused(fingerprint, [*refresh, "--events", "more.csv"], "--events: given twice; give one path or glob, or a query")
    refused(fingerprint, [*refresh, "--map", "rating=1", "--map", "rating=2"], "--map rating=2: rating is given twice")


@pytest.mark.parametrize("command", ["build", "refresh"])
def test_a_file_that_is_no_database(here, fingerprint, command):
    (here / "bad.duckdb").write_bytes(b"not a database, but long enough " * 500)
    refused(fingerprint, [command, "bad.duckdb", "--events", "good.csv"], "bad.duckdb: not a DuckDB file")


@pytest.mark.parametrize("command", ["build", "refresh"])
def test_a_file_that_another_process_holds(fingerprint, command):
    with process(HOLDER, "shop.duckdb", "write") as writer:
        words = f"process {writer.pid} has it open; close it there and try again"
        refused(fingerprint, [command, "shop.duckdb", "--events", "good.csv"], words)


def test_a_refresh_from_a_catalogue(here, fingerprint):
    (here / "movies.csv").write_text("movie_id,title,released,genre\n1,Toy Story,1-Jan-95,Animation\n")
    words = ("movies.csv has no column that is plainly the user or the time", "looks like a catalogue", "--map at=")
    refused(fingerprint, ["refresh", "shop.duckdb", "--events", "movies.csv", "--quiet"], *words)


def test_a_refresh_of_what_is_not_there(fingerprint):
    refused(fingerprint, ["refresh", "new.duckdb", "--events", "good.csv"], "no such file; make it with")


def test_as_a_process_the_message_goes_to_stderr_without_a_traceback():
    command = [sys.executable, "-m", "duckmark", "build", "shop.duckdb", "--events", "missing.csv"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"})
    assert (done.returncode, done.stdout.strip()) == (1, "")
    assert done.stderr.startswith("Error: missing.csv: no such file")
    assert "Traceback" not in done.stderr


def test_help_names_every_command():
    output = run("--help").output
    assert all(command in output for command in ("build", "refresh", "demo", "functions", "lineage"))
    assert duckmark.__version__ in run("--version").output
