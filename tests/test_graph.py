"""The order of the steps is read from their SQL."""

import pytest

from duckmark.errors import PipelineError
from duckmark.graph import ancestors, dependencies, ordered
from duckmark.sqlfiles import parse_step
from duckmark.steps import Model, SqlStep


def view(name: str, body: str) -> SqlStep:
    return parse_step(f"-- A row.\nCREATE VIEW {name} AS\n{body};", f"{name}.sql", "profile")


def macro(name: str, body: str) -> SqlStep:
    return parse_step(f"-- A macro.\nCREATE MACRO {name}(x) AS {body};", f"{name}.sql", "functions")


def model(name: str, reads: tuple[str, ...], *writes: str) -> Model:
    return Model(name, "test", "profile", reads, dict.fromkeys(writes, "x BIGINT"), train=lambda *_: None)


def order(*steps: SqlStep | Model, given: tuple[str, ...] = ()) -> list[str]:
    return [step.name for step in ordered(steps, given)]


def test_inputs_come_first_and_ties_go_by_name():
    steps = (
        view("a", "FROM c JOIN b USING (x)"),
        view("z", "SELECT 1 AS x"),
        view("c", "FROM z"),
        view("b", "FROM z"),
    )
    assert order(*steps) == order(*reversed(steps)) == ["z", "b", "c", "a"]


def test_functions_and_models_are_inputs_too():
    steps = (
        view("a", "SELECT twice(x) AS x FROM duckmark.learned"),
        model("m", ("b",), "duckmark.learned", "duckmark.other"),
        view("b", "SELECT 1 AS x"),
        macro("twice", "x + x"),
    )
    assert order(*steps) == ["b", "twice", "m", "a"]
    needs = dependencies(steps, ())
    assert needs["a"] == {"twice", "duckmark.learned"}
    assert needs["duckmark.other"] == {"b"}
    assert ancestors("a", needs) == {"twice", "duckmark.learned", "b"}


def test_a_cte_hides_a_relation_of_its_name():
    assert dependencies([view("a", "WITH b AS (SELECT 1 AS x) FROM b"), view("b", "SELECT 2 AS x")], ())["a"] == set()


def test_builtin_functions_need_nothing():
    assert dependencies([view("a", "SELECT list_sort([1]) AS x, range(3)")], ())["a"] == set()


def test_a_missing_input_names_file_and_line():
    with pytest.raises(PipelineError, match=r"^a\.sql:4: a reads nowhere, which nothing makes"):
        order(view("a", "SELECT *\nFROM nowhere"))


def test_what_is_given_is_not_missing():
    assert order(view("a", "FROM nowhere"), given=("nowhere",)) == ["a"]


def test_a_cycle_names_all_in_it_with_file_and_line():
    with pytest.raises(PipelineError) as caught:
        order(view("a", "FROM c"), view("b", "FROM a"), view("c", "FROM b"), view("d", "FROM a"))
    message = str(caught.value)
    assert message.split(":")[0] in {"a.sql", "b.sql", "c.sql"}
    assert all(f"{name} ({name}.sql:2)" in message for name in "abc")
    assert "d.sql" not in message


def test_a_cycle_through_a_model():
    with pytest.raises(PipelineError, match=r"a cycle: .*model m"):
        order(view("a", "FROM duckmark.learned"), model("m", ("a",), "duckmark.learned"))


def test_a_view_of_itself_is_a_cycle():
    with pytest.raises(PipelineError, match=r"^a\.sql:"):
        order(view("a", "FROM a"))


def test_a_recursive_cte_is_no_cycle():
    body = "WITH RECURSIVE r AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM r WHERE x < 3) FROM r"
    assert order(view("a", body)) == ["a"]
