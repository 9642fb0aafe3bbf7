"""What a benchmark is given, and which benchmarks there are."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import click

from benchmarks.processes import Answer, call

FOLDER = Path(__file__).parent


class Skipped(Exception):
    """Something that the benchmark needs is not here: a data set, a package."""


@dataclass(frozen=True)
class Context:
    """How to measure.

    ``smoke``: seconds instead of minutes, on little or made-up data, for the sake of the checks that all contenders
    answer alike; nothing is stored. ``data``: folder of the public data sets, if there is one. ``work``: folder for
    built files, kept between runs. ``runs``: repetitions of each measurement. ``up_to``: the largest size to measure.
    ``through``: a command that starts each process.
    """

    smoke: bool
    data: Path | None
    work: Path
    runs: int
    up_to: int
    through: tuple[str, ...] = ()

    def source(self, name: str) -> Path:
        """A file or folder of the data sets; raises Skipped where it is not there."""
        if self.data is None or not (self.data / name).exists():
            raise Skipped(f"{name} is not in the folder of --data")
        return self.data / name

    def call(
        self, function: Callable[..., Answer], *arguments: object, environment: Mapping[str, str] | None = None
    ) -> Answer:
        """What a function of a module returns in a process of its own (see processes.call); a smoke run, which has
        nothing to measure, spares itself the process."""
        return (
            function(*arguments)
            if self.smoke
            else call(function, *arguments, environment=environment, through=self.through)
        )

    def sizes(self, wanted: Iterable[int]) -> list[int]:
        """Those of the sizes that are not too large; in a smoke run the smallest alone."""
        sizes = sorted(size for size in wanted if size <= self.up_to)
        return sizes[:1] if self.smoke else sizes

    def installed(self, modules: Mapping[str, str]) -> list[str]:
        """The contenders, given with the module that each needs, whose module is here; tells which are left out."""
        missing = [name for name, module in modules.items() if find_spec(module.partition(".")[0]) is None]
        for name in missing:
            click.echo(f"  without {name}: {modules[name]} is not installed", err=True)
        return [name for name in modules if name not in missing]


def benchmarks() -> dict[str, str]:
    """The modules that have a function ``rows``, by name, with their docstrings. Nothing is imported for it."""
    trees = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.py"))}
    return {
        name: ast.get_docstring(tree) or ""
        for name, tree in trees.items()
        if any(isinstance(node, ast.FunctionDef) and node.name == "rows" for node in tree.body)
    }
