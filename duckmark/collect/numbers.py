"""Expressions that reckon with columns of text."""

from __future__ import annotations

import sqlglot
from sqlglot import exp

ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg)


def as_numbers(expression: str) -> str:
    """Columns that are reckoned with, read as numbers: a CSV file holds nothing but text."""
    try:
        tree = sqlglot.parse_one(expression, dialect="duckdb")
    except sqlglot.errors.SqlglotError:
        return expression
    for column in list(tree.find_all(exp.Column)):
        if isinstance(_outside_parentheses(column), ARITHMETIC):
            column.replace(exp.TryCast(this=column.copy(), to=exp.DataType.build("double")))
    return tree.sql(dialect="duckdb")


def _outside_parentheses(node: exp.Expression) -> exp.Expression | None:
    parent = node.parent
    while isinstance(parent, exp.Paren):
        parent = parent.parent
    return parent
