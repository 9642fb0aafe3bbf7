"""Expressions that reckon with columns of text."""

from __future__ import annotations

import duckdb
import sqlglot
from sqlglot import exp

from duckmark.collect.decimals import with_points
from duckmark.collect.reading import Table

ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg)


def as_numbers(con: duckdb.DuckDBPyConnection, table: Table, expression: str) -> str:
    """Columns that are reckoned with, read as numbers, whichever mark their decimals have: a CSV file holds nothing but
    text."""
    try:
        tree = sqlglot.parse_one(expression, dialect="duckdb")
    except sqlglot.errors.SqlglotError:
        return expression
    for column in list(tree.find_all(exp.Column)):
        if isinstance(_outside_parentheses(column), ARITHMETIC):
            digits = sqlglot.parse_one(with_points(con, table.name, column.sql(dialect="duckdb")), dialect="duckdb")
            column.replace(exp.TryCast(this=digits, to=exp.DataType.build("double")))
    return tree.sql(dialect="duckdb")


def _outside_parentheses(node: exp.Expression) -> exp.Expression | None:
    parent = node.parent
    while isinstance(parent, exp.Paren):
        parent = parent.parent
    return parent
