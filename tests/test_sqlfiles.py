"""What is read out of a .sql file, and errors that name file and line."""

from pathlib import Path

import duckdb
import pytest

from duckmark.errors import PipelineError
from duckmark.sqlfiles import parse_step, read_pipeline
from duckmark.steps import STAGES, SqlStep

PACKAGED = list(read_pipeline().values())
every_file = pytest.mark.parametrize("step", PACKAGED, ids=lambda step: step.name)


def parse(text: str) -> SqlStep:
    return parse_step(text, "x.sql", "profile")


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        ("CREATE TABLE duckmark.a AS SELECT 1 AS x", "duckmark.a", "table"),
        ("CREATE VIEW a AS SELECT 1 AS x", "a", "view"),
        ("create view a as select 1 as x", "a", "view"),
        ("CREATE MACRO a(x, y := 2) AS x + y", "a", "macro"),
        ("CREATE MACRO a(x) AS (SELECT x)", "a", "macro"),
        ("CREATE MACRO a(x) AS x,\n(x, y) AS (SELECT x + y)", "a", "macro"),
        ("CREATE MACRO a(x) AS TABLE SELECT x AS y", "a", "table macro"),
        ("CREATE MACRO a(x)\nAS TABLE\nFROM range(x)", "a", "table macro"),
    ],
)
def test_what_a_file_makes(head, name, kind):
    step = parse(f"-- One row is a row.\n{head};\n")
    assert (step.name, step.kind, step.line, step.where) == (name, kind, 2, "x.sql:2")
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA duckmark")
        con.execute(step.statement)


def test_the_comment_is_the_description():
    step = parse(
        "-- One row is a row,\n-- and why.\n--\n-- key: a, b\nCREATE TABLE duckmark.a AS SELECT 1 AS a, 2 AS b;"
    )
    assert step.summary == "One row is a row, and why."
    assert step.body == "SELECT 1 AS a, 2 AS b"


@pytest.mark.parametrize(
    ("comment", "update", "key"),
    [
        ("-- A row.", "whole", ()),
        ("-- A row.\n-- append", "append", ()),
        ("-- A row.\n-- keep", "keep", ()),
        ("-- A row.\n-- key: user_id", "rows", ("user_id",)),
        ("-- A row.\n-- key: user_id, product_id", "rows", ("user_id", "product_id")),
        ("-- A row.\n-- primary key: user_id", "whole", ()),
        ("-- A row.\n-- key: user_id\n-- primary key: n", "rows", ("user_id",)),
        ("-- We keep it.\n-- They append: a key.", "whole", ()),
    ],
)
def test_what_a_refresh_does_with_it(comment, update, key):
    step = parse(f"{comment}\nCREATE TABLE duckmark.a AS SELECT 1 AS x;")
    assert (step.update, step.key) == (update, key)


@pytest.mark.parametrize("marked", [True, False])
def test_whether_its_rows_are_of_feedback_alone(marked):
    note = "-- key: event_id\n-- feedback" if marked else "-- key: event_id\n-- Not feedback."
    assert parse(f"-- A row.\n{note}\nCREATE TABLE duckmark.a AS SELECT 1 AS x;").feedback is marked


def test_an_annotation_counts_only_before_the_statement():
    assert parse("-- A row.\nCREATE TABLE duckmark.a AS\n-- keep\nSELECT 1 AS x;").update == "whole"


def test_what_it_reads_with_the_line_of_each():
    step = parse(
        "-- A row.\nCREATE VIEW v AS\nWITH own AS (FROM duckmark.a)\nSELECT duckmark.f(x), G(x)\n"
        "FROM own\nJOIN b USING (x)\nJOIN duckmark.t(3) USING (x)\nJOIN duckmark.a USING (x);"
    )
    assert {name: line for name, line in step.reads.items() if not name.endswith("()")} == {
        "duckmark.a": 3,
        "b": 6,
    }
    assert step.reads["g()"] == 4
    assert {"duckmark.f()", "duckmark.t()"} <= set(step.reads)


def test_what_each_form_of_a_macro_reads():
    step = parse("-- A sum.\nCREATE MACRO a(x) AS b(x),\n(x,\ny) AS (SELECT x + y + max(u)\nFROM duckmark.t);\n")
    assert step.reads == {"b()": 2, "duckmark.t": 5}


@pytest.mark.parametrize("comment", ["-- Here I CREATE VIEW nothing AS a joke.", "/* CREATE VIEW b AS\n'it' */"])
def test_what_stands_in_a_comment_is_no_statement(comment):
    step = parse(f"{comment}\n-- keep\nCREATE TABLE a AS SELECT 1 AS x;")
    assert (step.name, step.line, step.update) == ("a", comment.count("\n") + 3, "keep")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-- Here I CREATE VIEW nothing AS a joke.\nSELECT 1;", "x.sql:2: expected CREATE"),
        ("SET threads = 1;\nCREATE VIEW v AS SELECT 1 AS x;", "x.sql:1: expected CREATE"),
        ("SELECT 1;", "x.sql:1: expected CREATE TABLE, VIEW or MACRO"),
        ("-- Only a comment.", "x.sql:1: expected CREATE"),
        ("", "x.sql:1: expected CREATE"),
        ("-- A row.\nCREATE VIEW v AS\nSELECT 1\nFROM (SELECT 2;", "x.sql:4: "),
        ("-- A row.\nCREATE VIEW v AS SELECT FROM WHERE x;", "x.sql:2: "),
        ("-- A row.\nCREATE VIEW v AS SELECT 'open;", "x.sql:2: "),
        ("-- A row.\nCREATE MACRO m(a) AS\na +;", "x.sql:3: "),
        (
            "-- A row.\n-- primary key: a, b\n-- keep\nCREATE TABLE t AS SELECT 1 AS a, 2 AS b;",
            "x.sql:2: primary key: expected the name of one column, found 'a, b'",
        ),
        ("-- A row.\n-- primary key:\nCREATE TABLE t AS SELECT 1 AS a;", "x.sql:2: primary key: expected the name"),
        (
            "-- A row.\n-- primary key: a\nCREATE VIEW v AS SELECT 1 AS a;",
            "x.sql:2: primary key: a line for tables alone",
        ),
        (
            "-- A row.\n-- key: a\nCREATE VIEW v AS SELECT 1 AS a;",
            "x.sql:2: key: a line for tables alone, not for a view",
        ),
        ("-- A.\n-- keep\nCREATE MACRO m() AS 1;", "x.sql:2: keep: a line for tables alone, not for a macro"),
    ],
)
def test_errors_name_file_and_line(text, message):
    with pytest.raises(PipelineError) as caught:
        parse(text)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value).strip()


def test_two_statements_in_one_file_are_refused():
    with pytest.raises(PipelineError, match=r"^x\.sql:\d"):
        parse("-- A row.\nCREATE VIEW v AS SELECT 1 AS x;\nCREATE VIEW w AS SELECT 2 AS x;")


@every_file
def test_every_file_begins_with_a_comment_and_bears_the_name_of_what_it_makes(step):
    text = (Path(__file__).parents[1] / step.path).read_text(encoding="utf-8")
    assert text.startswith("-- ")
    assert step.summary.rstrip().endswith((".", ")"))
    assert Path(step.path).stem == step.name.split(".")[-1]
    assert step.stage in STAGES


@every_file
def test_internals_stand_in_their_schema_and_what_is_public_is_no_table(step):
    assert step.kind != "table" or step.name.startswith("duckmark.")


def test_a_folder_replaces_and_adds(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "segments.sql").write_text("-- Mine.\nCREATE VIEW segments AS SELECT 1 AS x;")
    (tmp_path / "deep" / "new.sql").write_text("-- New.\nCREATE VIEW new AS FROM segments;")
    (tmp_path / "notes.txt").write_text("not SQL")
    steps = read_pipeline(tmp_path)
    assert steps["segments"].summary == "Mine."
    assert steps["new"].path == str(tmp_path / "deep" / "new.sql")
    assert set(steps) == {step.name for step in PACKAGED} | {"new"}


def test_an_override_is_found_whatever_its_case(tmp_path):
    (tmp_path / "s.sql").write_text("-- Mine.\nCREATE VIEW Segments AS SELECT 1 AS x;")
    steps = read_pipeline(tmp_path)
    assert [step.summary for name, step in steps.items() if name.lower() == "segments"] == ["Mine."]


OWN = {
    "every_product_leads": "CREATE MACRO duckmark.every_product_leads() AS true;",
    "as_factors": "CREATE MACRO duckmark.as_factors(listed) AS CAST(listed AS FLOAT[1]);",
    "phrases": "CREATE TABLE duckmark.phrases AS SELECT 'a b' AS phrase;",
    "raw_users": "CREATE TABLE duckmark.raw_users AS SELECT 'u' AS user_id;",
    "terms": "CREATE TABLE duckmark.terms AS SELECT 'a' AS term;",
    "interactions": "CREATE TABLE duckmark.interactions AS SELECT 'u' AS user_id, 'p' AS product_id;",
    "reviews": "CREATE TABLE duckmark.reviews AS SELECT 1 AS event_id;",
    "view": "CREATE VIEW duckmark.phrases AS SELECT 'a b' AS phrase;",
    "mine": "CREATE TABLE mine AS SELECT 1 AS user_id;",
}
PAIR = ("user_id", "product_id")
PLAIN = {"update": "whole", "key": (), "model": None, "compression": None, "primary_key": None, "parts": False,
         "feedback": False, "settled": False, "length": None}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "note", "expected"),
    [
        ("every_product_leads", "", {"settled": True}),
        ("as_factors", "", {"length": "duckmark.product_factors.factors"}),
        ("as_factors", "length: duckmark.terms.vector", {"length": "duckmark.terms.vector"}),
        ("phrases", "", {"update": "keep", "model": "phrases"}),
        ("phrases", "append", {"update": "append", "model": "phrases"}),
        ("phrases", "model: mine", {"update": "keep", "model": "mine"}),
        ("phrases", "key: user_id", {"update": "rows", "key": ("user_id",), "model": "phrases"}),
        ("raw_users", "", {"update": "append"}),
        (
            "terms",
            "primary key: idf",
            {"update": "keep", "model": "idf", "primary_key": "idf", "compression": "uncompressed"},
        ),
        (
            "terms",
            "dictionary",
            {"update": "keep", "model": "idf", "primary_key": "term", "compression": "dictionary"},
        ),
        ("interactions", "", {"compression": "dictionary"}),
        ("interactions", "key: user_id", {"update": "rows", "key": ("user_id",), "compression": "dictionary"}),
        (
            "interactions",
            "key: user_id, product_id",
            {"update": "rows", "key": PAIR, "compression": "dictionary", "parts": True},
        ),
        ("reviews", "", {}),
        ("reviews", "feedback", {"feedback": True}),
        ("view", "", {}),
        ("mine", "", {}),
    ],
)
def test_what_a_step_has_of_the_one_it_replaces(tmp_path, name, note, expected):
    (tmp_path / "mine.sql").write_text(f"-- Mine.\n-- {note}\n{OWN[name]}")
    (step,) = (step for step in read_pipeline(tmp_path).values() if step.path == str(tmp_path / "mine.sql"))
    assert {field: getattr(step, field) for field in PLAIN} == {**PLAIN, **expected}


def test_what_replaces_a_step_stands_in_its_stage_and_needs_what_its_length_is_of(tmp_path):
    for name in ("as_factors", "view", "mine"):
        (tmp_path / f"{name}.sql").write_text(f"-- Mine.\n{OWN[name]}")
    steps = read_pipeline(tmp_path)
    stages = [steps[name].stage for name in ("duckmark.as_factors", "duckmark.phrases", "mine")]
    assert stages == ["recommend", "profile", "report"]
    assert "duckmark.product_factors" in steps["duckmark.as_factors"].reads


def test_two_files_of_a_folder_that_make_the_same_are_refused(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.sql").write_text("-- Mine.\nCREATE VIEW mine AS SELECT 1 AS x;")
    with pytest.raises(PipelineError, match=r"b\.sql:2: mine is already made by .*a\.sql:2"):
        read_pipeline(tmp_path)


def test_a_file_may_begin_with_a_mark_of_its_encoding(tmp_path):
    (tmp_path / "mine.sql").write_text("-- Mine.\nCREATE VIEW mine AS SELECT 1 AS x;", encoding="utf-8-sig")
    assert read_pipeline(tmp_path)["mine"].summary == "Mine."


def test_a_key_that_no_refresh_knows(tmp_path):
    (tmp_path / "mine.sql").write_text("-- Mine.\n-- key: product_id, user_id\nCREATE TABLE mine AS SELECT 1 AS x;")
    with pytest.raises(PipelineError, match=r"mine\.sql:3: key: product_id, user_id: .* one of user_id; product_id; "):
        read_pipeline(tmp_path)


def test_a_folder_without_sql(tmp_path):
    (tmp_path / "notes.txt").write_text("not SQL")
    with pytest.raises(PipelineError, match=rf"^{tmp_path}: no \.sql file in this folder$"):
        read_pipeline(tmp_path)


def test_no_such_folder(tmp_path):
    with pytest.raises(PipelineError, match="not a folder"):
        read_pipeline(tmp_path / "nowhere")


def test_a_file_that_is_not_utf8_is_named(tmp_path):
    (tmp_path / "latin.sql").write_bytes("-- Café.\nCREATE VIEW v AS SELECT 1 AS x;".encode("latin-1"))
    with pytest.raises(PipelineError, match=r"latin\.sql"):
        read_pipeline(tmp_path)
