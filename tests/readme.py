"""Makes the generated parts of the README: ``python tests/readme.py`` writes them, test_readme.py checks them."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path

import click

from duckmark import functions
from duckmark.cli import main
from duckmark.options import OPTIONS

README = Path(__file__).parent.parent / "README.md"
MOST_SHOWN = 8  # of the texts that an option may be


def function_table() -> str:
    """The declared functions as a Markdown table."""
    return _table(
        ("function", "returns", "meaning"),
        (
            ("<br>".join(f"`{call}`" for call in function.signatures), f"`{function.returns}`", function.summary)
            for function in functions().values()
        ),
    )


def option_table() -> str:
    """The options of a build as a Markdown table."""
    return _table(
        ("option", "values", "meaning", "default"),
        ((f"`{name}`", _values(option.kind), option.meaning, option.default) for name, option in OPTIONS.items()),
    )


def command_table() -> str:
    """The commands and their options as a Markdown table."""
    rows = []
    for name, command in main.commands.items():
        arguments = [p.name.upper() for p in command.params if isinstance(p, click.Argument)]
        rows.append((_code("duckmark", name, *arguments), "", command.help))
        for option in command.params:
            if isinstance(option, click.Option):
                rows.append(("", _code(option.opts[0], option.metavar or ""), option.help))
    return _table(("command", "option", "meaning"), rows)


def _code(*words: str) -> str:
    return f"`{' '.join(filter(None, words))}`"


def kind_table() -> str:
    """The kinds of events that are known as a Markdown table."""
    kinds = tomllib.loads(files("duckmark.collect").joinpath("kinds.toml").read_text(encoding="utf-8"))
    rows = ((f"`{kind}`", f"{entry['weight']:g}", entry["meaning"]) for kind, entry in kinds.items())
    return _table(("kind", "stars", "meaning"), rows)


def _values(kind: type | tuple[str, ...]) -> str:
    if isinstance(kind, type):
        return {int: "integer", float: "number", str: "text", bool: "`true`, `false`"}[kind]
    shown = [f"`{value}`" for value in kind[:MOST_SHOWN]]
    return ", ".join(shown if len(kind) <= MOST_SHOWN else [*shown[:4], "..."])


def _table(names: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    head = [f"| {' | '.join(names)} |", "|" + "---|" * len(names)]
    return "".join(f"{line}\n" for line in [*head, *(f"| {' | '.join(cells)} |" for cells in rows)])


TABLES = {"commands": command_table, "functions": function_table, "kinds": kind_table, "options": option_table}


def generated(text: str) -> str:
    """The README with its tables made anew."""
    for name, table in TABLES.items():
        begin = f"<!-- {name}: made by `make docs` -->\n"
        text = re.sub(rf"({re.escape(begin)}).*?(<!-- end -->)", lambda m, t=table: m[1] + t() + m[2], text, flags=re.S)
    return text


if __name__ == "__main__":
    README.write_text(generated(README.read_text(encoding="utf-8")), encoding="utf-8")
