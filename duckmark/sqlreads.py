"""What the body of a .sql file reads."""

from __future__ import annotations

import re

import sqlglot
from sqlglot import exp

from duckmark.errors import PipelineError

OVERLOAD = re.compile(r",\s*\([\w\s,]*\)\s+AS\s", re.IGNORECASE)  # of a macro: other parameters, another body


def reads(body: str, path: str, first_line: int, is_scalar: bool) -> dict[str, int]:
    """Relations (CTEs left out) and functions that a body names, each with its line.

    Raises PipelineError, beginning with file and line, where it is not one statement.
    """
    tree = _parse(body, path, first_line, is_scalar)
    ctes = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
    found: dict[str, int] = {}

    def note(name: str, line: int) -> None:
        found[name] = min(line, found.get(name, line))

    for table in tree.find_all(exp.Table):
        name = (f"{table.db}.{table.name}" if table.db else table.name).lower()
        if isinstance(table.this, exp.Identifier) and name not in ctes:
            note(name, _line(table.this, first_line))
    for call in tree.find_all(exp.Anonymous):
        found.setdefault(f"{_schema(call)}{call.name}()".lower(), _line(call, first_line))
    return found


def _parse(body: str, path: str, line: int, scalar: bool) -> exp.Expression:
    if scalar:
        body = f"SELECT {OVERLOAD.sub(lambda match: ',' + match[0].count(chr(10)) * chr(10), body)}"
    try:
        trees = sqlglot.parse(body, dialect="duckdb")
    except sqlglot.errors.SqlglotError as error:
        first = getattr(error, "errors", None) or [{}]
        at = line + (first[0].get("line") or 1) - 1
        raise PipelineError(f"{path}:{at}: {first[0].get('description') or error}") from None
    if len(trees) != 1 or trees[0] is None:
        raise PipelineError(f"{path}:{line}: expected one statement in a file, found {len(trees)}")
    return trees[0]


def _schema(call: exp.Anonymous) -> str:
    """``schema.`` of a call that names one; `call().field` names none."""
    if isinstance(call.parent, exp.Table) and call.parent.db:
        return f"{call.parent.db}."
    if isinstance(call.parent, exp.Dot) and call.parent.expression is call:
        return f"{call.parent.this.name}."
    return ""


def _line(node: exp.Expression, first_line: int) -> int:
    return first_line + (node.meta.get("line") or 1) - 1
