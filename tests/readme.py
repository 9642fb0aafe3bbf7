"""Makes the generated part of the README: ``python tests/readme.py`` writes it, test_readme.py checks it."""

from pathlib import Path

from duckmark import functions

README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- functions: made by `make docs` -->\n", "<!-- end -->"


def function_table() -> str:
    """The declared functions as a Markdown table."""
    rows = [
        f"| {'<br>'.join(f'`{call}`' for call in function.signatures)} | `{function.returns}` | {function.summary} |"
        for function in functions().values()
    ]
    return "\n".join(["| function | returns | meaning |", "|---|---|---|", *rows, ""])


def generated(text: str) -> str:
    """The README with its table of functions made anew."""
    before, rest = text.split(BEGIN)
    return before + BEGIN + function_table() + END + rest.split(END, 1)[1]


if __name__ == "__main__":
    README.write_text(generated(README.read_text(encoding="utf-8")), encoding="utf-8")
