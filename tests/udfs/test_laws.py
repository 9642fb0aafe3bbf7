"""The laws that every SQL function keeps, as Arrow function and as SQL macro in the file."""

import math
from collections.abc import Callable
from functools import cache
from importlib.resources import as_file, files

import duckdb
import pyarrow as pa
import pytest

import duckmark
from duckmark.connection import arrow_name
from duckmark.functions import Function

ROWS = 5_000  # more than two chunks of DuckDB's 2,048
FORMS = [(f, tuple(form)) for f in duckmark.functions().values() for form in f.forms]
OPTIONAL = [(f, form) for f, form in FORMS if len(form) > len(f.forms[0])]
NAMES = [f"{f.name}({', '.join(form)})" for f, form in FORMS]
every_form = pytest.mark.parametrize(("function", "form"), FORMS, ids=NAMES)
every_function = pytest.mark.parametrize("function", duckmark.functions().values(), ids=lambda f: f.name)

# A value for each argument of row `i`, whose text is `t`. Paired lists have one length.
ARGUMENTS = {
    "text": "t",
    "language": "CASE WHEN i % 3 = 0 THEN 'english' WHEN i % 3 = 1 THEN 'FR' ELSE 'klingon' END",
    "terms": "string_split(lower(t), ' ')",
    "weights": "list_transform(string_split(t, ' '), lambda word: (len(word) - 4) / 3)",
    "vector": "embed(t)",
    "vectors": "CASE WHEN i % 7 > 0 THEN [embed(t), NULL] ELSE CAST([] AS FLOAT[][]) END",
    "space": "CASE WHEN i % 2 = 0 THEN 'products' ELSE 'words' END",
    "k": "1 + i % 50",
    "a": "list_transform(range(8), lambda n: sin(i * n))",
    "b": "list_transform(range(8), lambda n: cos(i + n))",
    "similarities": "list_transform(range(i % 5), lambda n: sin(i + n))",
    "ratings": "list_transform(range(i % 5), lambda n: 1.0 + n)",
}
ODD_TEXTS = [
    "",
    " ",
    "\t\n\r",
    "'",
    "''''",
    "🎸🎻 great 👍🏽!!",
    "这把吉他很好，我很喜欢",
    "e\u0301te\u0301 cafe\u0301 naïve",
    "नमस्ते दुनिया",
    "it's John\u2019s rock'n'roll o''clock 'quoted'",
    "GREAT Guitar GUITAR guitar",
    "\u200bzero\u200bwidth\ufeff",
    "0012 3.5 4,000 ½ ²",
    "a" * 3_000,
    "line\nbreak\ttab\u00a0space",
]


@pytest.fixture(scope="module")
def rows(shop_file) -> pa.Table:
    """A table with a column for every argument: the odd texts first, then real reviews."""
    source = files("duckmark") / "data/clothing_reviews.parquet"
    with duckdb.connect(str(shop_file), read_only=True) as con, as_file(source) as path:
        con.register("odd", pa.table({"i": range(len(ODD_TEXTS)), "t": ODD_TEXTS}))
        columns = ", ".join(f"{sql} AS {name}" for name, sql in ARGUMENTS.items())
        return con.sql(
            f"""
            SELECT i, {columns} FROM (
                FROM odd
                UNION ALL
                SELECT {len(ODD_TEXTS)} + row_number() OVER () - 1, "Review Text" || ' guitar'
                FROM (FROM '{path}' WHERE "Review Text" IS NOT NULL LIMIT {ROWS - len(ODD_TEXTS)})
            ) ORDER BY i
            """
        ).to_arrow_table()


def answers(con: duckdb.DuckDBPyConnection, name: str, form: tuple[str, ...], rows: pa.Table) -> list:
    con.register("law_rows", rows)
    try:
        return [a for (a,) in con.sql(f"SELECT {name}({', '.join(form)}) FROM law_rows ORDER BY i").fetchall()]
    finally:
        con.unregister("law_rows")


def same(one: object, other: object) -> bool:
    """Equal, floats within 1e-6."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-6)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return one == other


def differing(rows: pa.Table, form: tuple[str, ...], one: list, other: list) -> list:
    places = [i for i in range(len(one)) if not same(one[i], other[i])]
    return [(rows.select(form).slice(i, 1).to_pylist()[0], one[i], other[i]) for i in places[:3]]


@pytest.fixture(scope="module")
def both_forms(shop_file, rows) -> Callable[[Function, tuple[str, ...]], tuple[list, list]]:
    """The answers to all rows: by the Arrow form, and by the SQL twin without duckmark."""

    @cache
    def of(function: str, form: tuple[str, ...]) -> tuple[list, list]:
        with duckmark.connect(shop_file, read_only=True) as con:
            by_arrow = answers(con, arrow_name(con, duckmark.functions()[function], form), form, rows)
        with duckdb.connect(str(shop_file), read_only=True) as plain:
            return by_arrow, answers(plain, function, form, rows)

    return lambda function, form: of(function.name, form)


@every_form
def test_the_arrow_form_equals_the_sql_twin(both_forms, rows, function, form):
    by_arrow, by_sql = both_forms(function, form)
    assert len(by_arrow) == ROWS
    assert differing(rows, form, by_arrow, by_sql) == []
    assert sum(answer is not None and answer != [] for answer in by_arrow) > ROWS / 2  # else it says little


@every_form
def test_the_public_name_in_python_gives_the_same(con, rows, function, form):
    part = rows.slice(0, 300)
    public = answers(con, function.name, form, part)
    assert differing(part, form, public, answers(con, arrow_name(con, function, form), form, part)) == []


@pytest.mark.parametrize(("function", "form"), OPTIONAL, ids=[f.name for f, _ in OPTIONAL])
def test_an_optional_argument_may_be_named(con, plain, rows, function, form):
    """Clients before DuckDB 1.4 must name it, and their SQL is to run in Python too."""
    *first, last = form
    named = (*first, f"{last} := {last}")
    part = rows.slice(0, 20)
    expected = answers(plain, function.name, form, part)
    for connection in (con, plain):
        assert differing(part, form, answers(connection, function.name, named, part), expected) == []


@every_form
def test_many_rows_equal_the_same_rows_one_by_one(con, plain, both_forms, rows, function, form):
    sample = [*range(0, len(ODD_TEXTS), 3), 2_047, 2_048, 4_096, ROWS - 1]  # and the ends of DuckDB's chunks
    names = arrow_name(con, function, form), function.name
    for connection, name, together in zip((con, plain), names, both_forms(function, form), strict=True):
        alone = [answers(connection, name, form, rows.slice(i, 1))[0] for i in sample]
        assert differing(rows.take(sample), form, [together[i] for i in sample], alone) == []


@every_form
def test_null_in_null_out(con, plain, rows, function, form):
    for argument in form:
        place = rows.column_names.index(argument)
        kind = rows.schema.field(argument).type
        holes = rows.slice(100, 10)
        values = [None if i % 2 else value for i, value in enumerate(holes[argument].to_pylist())]
        holes = holes.set_column(place, argument, pa.array(values, kind))
        for connection, name in ((con, arrow_name(con, function, form)), (plain, function.name)):
            given = [answer is None for answer in answers(connection, name, form, holes)]
            expected = [
                i % 2 == 1 or any(not holes[other][i].as_py() for other in form if other in ("ratings", "similarities"))
                for i in range(10)
            ]
            assert given == expected, (argument, name)


@every_form
def test_all_null_and_no_rows(con, rows, function, form):
    nothing = pa.table({"i": [0], **{name: pa.nulls(1, rows.schema.field(name).type) for name in form}})
    assert answers(con, arrow_name(con, function, form), form, nothing) == [None]
    assert answers(con, arrow_name(con, function, form), form, nothing.slice(0, 0)) == []


@every_form
def test_the_registered_signature_is_the_declared_one(con, function, form):
    declared = next(f for f in function.forms if tuple(f) == form)
    query = "SELECT parameter_types, return_type FROM duckdb_functions() WHERE function_name = ?"
    found = con.execute(query, [arrow_name(con, function, form)]).fetchall()
    assert {(tuple(types), returned) for types, returned in found} == {(tuple(declared.values()), function.returns)}


@every_function
def test_the_twin_has_the_declared_return_type(con, plain, function):
    for connection in (con, plain):
        assert connection.sql(f"SELECT typeof({function.example})").fetchall() == [(function.returns,)]


@every_function
def test_the_example_runs_in_both_forms(con, plain, function):
    one, other = (c.sql(f"SELECT {function.example}").fetchall()[0][0] for c in (con, plain))
    assert one is not None
    assert same(one, other)


@every_function
def test_the_declaration_is_complete(function):
    assert function.summary.endswith(".")
    assert function.example.startswith(f"{function.name}(")
    assert function.call.__doc__
    assert [f"{function.name}({', '.join(form)})" for form in function.forms] == function.signatures
    assert set(ARGUMENTS) >= {name for form in function.forms for name in form}, "give ARGUMENTS a value for it"
