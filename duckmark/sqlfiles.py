"""Reads the pipeline's .sql files: what each one makes, what it says of itself and what it reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType

from duckmark.errors import PipelineError
from duckmark.steps import SqlStep
from duckmark.touched import TABLES

COMMENTS = re.compile(r"(?:\s|--[^\n]*|/\*.*?\*/)*", re.DOTALL)
HEAD = re.compile(
    r"CREATE\s+(?:OR\s+REPLACE\s+)?(?P<kind>TABLE|VIEW|MACRO)\s+(?P<name>[\w.]+)\s*(?P<parameters>\([^)]*\))?\s*AS\s+(?P<table>TABLE\s+)?",
    re.IGNORECASE,
)
ANNOTATION = re.compile(
    r"--\s*(?:(?P<update>append|keep)|(?P<compression>uncompressed|dictionary)|(?P<parts>parts)|(?P<feedback>feedback)"
    r"|(?P<settled>settled)|primary key:[ \t]*(?P<primary_key>.*?)"
    r"|key:\s*(?P<key>[\w, ]+)|model:\s*(?P<model>\w+)|length:\s*(?P<length>[\w.]+))\s*$",
    re.MULTILINE,
)
# What a step of the analyst's takes over from the one of its kind that it replaces, where its own comment does not say:
# these, `keep` and `append`, and `parts` where it names the same `key`. It takes over no `key` and no `feedback`, as
# only who wrote it knows whether its rows come of those of their own key alone. Without one a refresh makes the whole
# table anew, which is right whatever it is made of.
INHERITED = ("settled", "length", "model", "compression", "primary_key")
NOTHING: Mapping[str, SqlStep] = MappingProxyType({})


def read_pipeline(folder: Path | None = None) -> dict[str, SqlStep]:
    """The package's SQL steps by name; those in the analyst's ``folder`` replace or join them.

    Raises PipelineError, beginning with file and line, where a file cannot be understood.
    """
    packaged = _packaged()
    return {**packaged, **(_by_name(_overrides(folder, packaged)) if folder else {})}


@cache
def _packaged() -> dict[str, SqlStep]:
    return _by_name(
        _step(file.read_text(encoding="utf-8"), path, stage)
        for stage, path, file in _stage_files(files("duckmark.sql"))
    )


def _by_name(steps: Iterable[SqlStep]) -> dict[str, SqlStep]:
    named: dict[str, SqlStep] = {}
    for step in steps:
        if step.name in named:
            raise PipelineError(f"{step.where}: {step.name} is already made by {named[step.name].where}")
        named[step.name] = step
    return named


def _stage_files(root: Traversable) -> Iterator[tuple[str, str, Traversable]]:
    for directory in sorted(root.iterdir(), key=lambda entry: entry.name):
        if not directory.is_dir():
            continue
        stage = directory.name.split("_", 1)[-1]
        for file in sorted(directory.iterdir(), key=lambda entry: entry.name):
            if file.name.endswith(".sql"):
                yield stage, f"sql/{directory.name}/{file.name}", file


def _overrides(folder: Path, packaged: Mapping[str, SqlStep]) -> Iterator[SqlStep]:
    if not folder.is_dir():
        raise PipelineError(f"{folder}: not a folder; --sql takes a folder of .sql files")
    paths = sorted(folder.rglob("*.sql"))
    if not paths:
        raise PipelineError(f"{folder}: no .sql file in this folder")
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8-sig")  # some editors of Windows begin a file with a mark
        except UnicodeDecodeError:
            raise PipelineError(f"{path}:1: not UTF-8; save it as UTF-8") from None
        yield _with_known_key(parse_step(text, str(path), "report", packaged))


def _with_known_key(step: SqlStep) -> SqlStep:
    """The step. Raises PipelineError where its rows are to go by what a refresh does not know the touched ones of."""
    if step.key and step.key not in TABLES:
        known = "; ".join(", ".join(key) for key in TABLES)
        raise PipelineError(f"{step.where}: key: {', '.join(step.key)}: a refresh goes by one of {known}")
    return step


def parse_step(text: str, path: str, stage: str, packaged: Mapping[str, SqlStep] = NOTHING) -> SqlStep:
    """One .sql file as a step: comment first, then exactly one CREATE TABLE, VIEW or MACRO ... AS.

    If it replaces one of the ``packaged`` steps, it stands in that one's stage and has what is `INHERITED`. Raises
    PipelineError, beginning with file and line, where it is not one statement.
    """
    step = _step(text, path, stage, packaged)
    len(step.reads)  # what it reads is parsed when it is first asked for
    return step


def _step(text: str, path: str, stage: str, packaged: Mapping[str, SqlStep] = NOTHING) -> SqlStep:
    """The same, with the query itself not yet parsed."""
    start = COMMENTS.match(text).end()
    line = text.count("\n", 0, start) + 1
    head = HEAD.match(text, start)
    if head is None:
        raise PipelineError(f"{path}:{line}: expected CREATE TABLE, VIEW or MACRO name AS ...")
    body = text[head.end() :].strip().rstrip(";")
    kind = ("table " if head["table"] else "") + head["kind"].lower()
    body_line = text.count("\n", 0, head.end()) + 1
    name = head["name"].lower()
    replaced = packaged.get(name)
    notes = _notes(text, start, path, kind)
    if replaced and replaced.kind == kind:
        notes = _inherited(replaced, notes) | notes
    key = _key(notes)
    return SqlStep(
        name=name,
        kind=kind,
        stage=replaced.stage if replaced else stage,
        path=path,
        line=line,
        summary=_summary(text[:start]),
        statement=text[start:].strip().rstrip(";"),
        body=body,
        reads=_Reads(body, path, body_line, kind == "macro", notes.get("length")),
        key=key,
        update="rows" if key else notes.get("update", "whole"),
        model=notes.get("model"),
        compression=notes.get("compression"),
        primary_key=notes.get("primary_key"),
        parts="parts" in notes,
        feedback="feedback" in notes,
        settled="settled" in notes,
        length=notes.get("length"),
    )


class _Reads(Mapping[str, int]):
    """What a body names, found when first asked for: to parse all files takes half a second."""

    def __init__(self, body: str, path: str, line: int, is_scalar: bool, length: str | None) -> None:
        self._where = body, path, line, is_scalar
        self._noted = {length.rpartition(".")[0]: line} if length else {}

    @cached_property
    def _found(self) -> dict[str, int]:
        from duckmark.sqlreads import reads  # and with it sqlglot: a refresh goes by what the build found

        return {**reads(*self._where), **self._noted}

    def __getitem__(self, name: str) -> int:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def _notes(text: str, end: int, path: str, kind: str) -> dict[str, str]:
    """What the comment before ``end`` says of how the step is made."""
    notes: dict[str, str] = {}
    for match in ANNOTATION.finditer(text, 0, end):
        said = {name: value for name, value in match.groupdict().items() if value is not None}
        if problem := _problem(said, kind):
            line = text.count("\n", 0, match.start()) + 1
            raise PipelineError(f"{path}:{line}: {problem}")
        notes |= said
    return notes


def _key(notes: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(re.split(r"\s*,\s*", notes["key"].strip())) if "key" in notes else ()


def _inherited(replaced: SqlStep, notes: Mapping[str, str]) -> dict[str, str]:
    """What a step with these ``notes`` of its own has of the one it replaces."""
    inherited = {name: value for name in INHERITED if (value := getattr(replaced, name))}
    if replaced.update in ("append", "keep"):
        inherited["update"] = replaced.update
    if replaced.parts and _key(notes) == replaced.key:
        inherited["parts"] = "parts"
    return inherited


def _problem(said: Mapping[str, str], kind: str) -> str | None:
    """What is wrong with what a line says of a step of this ``kind``."""
    of_tables = {"update": said.get("update"), "key": "key", "primary_key": "primary key"}
    named = [what for name, what in of_tables.items() if name in said]
    if named and kind != "table":
        return f"{named[0]}: a line for tables alone, not for a {kind}; leave it out"
    if not re.fullmatch(r"\w+", said.get("primary_key", "one")):
        return f"primary key: expected the name of one column, found {said['primary_key']!r}"
    return None


def _summary(comment: str) -> str:
    lines = [line.removeprefix("--").strip() for line in ANNOTATION.sub("", comment).splitlines()]
    return " ".join(line for line in lines if line)
