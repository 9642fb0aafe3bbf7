import pytest

from duckmark.sqltext import identifier, typed


@pytest.mark.parametrize(
    ("sql", "as_typed"),
    [
        ('-"price"', "-price"),
        (identifier("Größe"), "Größe"),
        (identifier("Line total"), r"\"Line total\""),
        (identifier("2nd"), r"\"2nd\""),
        (identifier('x"y'), r"\"x\"\"y\""),
    ],
)
def test_what_one_types_within_double_quotes(sql, as_typed):
    assert typed(sql) == as_typed
