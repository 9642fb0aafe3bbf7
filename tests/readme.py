"""Makes the generated parts of the README: ``python tests/readme.py`` writes them, test_readme.py checks them."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from duckmark import functions
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


def _values(kind: type | tuple[str, ...]) -> str:
    if isinstance(kind, type):
        return {int: "integer", float: "number", str: "text", bool: "`true`, `false`"}[kind]
    shown = [f"`{value}`" for value in kind[:MOST_SHOWN]]
    return ", ".join(shown if len(kind) <= MOST_SHOWN else [*shown[:4], "..."])


def _table(names: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    head = [f"| {' | '.join(names)} |", "|" + "---|" * len(names)]
    return "".join(f"{line}\n" for line in [*head, *(f"| {' | '.join(cells)} |" for cells in rows)])


TABLES = {"functions": function_table, "options": option_table}


def generated(text: str) -> str:
    """The README with its tables made anew."""
    for name, table in TABLES.items():
        begin = f"<!-- {name}: made by `make docs` -->\n"
        text = re.sub(rf"({re.escape(begin)}).*?(<!-- end -->)", lambda m, t=table: m[1] + t() + m[2], text, flags=re.S)
    return text


if __name__ == "__main__":
    README.write_text(generated(README.read_text(encoding="utf-8")), encoding="utf-8")
