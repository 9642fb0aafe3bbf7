"""Run benchmarks: ``python -m benchmarks [NAME ...]``.

A benchmark is a module of this folder with a function ``rows(context)`` that yields rows (see results.py) and asserts
that all contenders give the same answers. It may name the ``PACKAGES`` whose versions belong to its results.
"""

from __future__ import annotations

import shlex
import time
import traceback
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click

from benchmarks import context, report, results

WORK = Path(__file__).parent / "work"
UP_TO = 10**7


@click.command(help="Run the benchmarks NAME, or all of them, and store what they measure in WORK/results.duckdb.")
@click.argument("names", metavar="[NAME]...", nargs=-1, type=click.Choice(list(context.benchmarks())))
@click.option("--smoke", is_flag=True, help="Seconds on little data: checks that all answer alike, stores nothing.")
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of data sets.")
@click.option("--work", type=click.Path(file_okay=False, path_type=Path), default=WORK, help="Folder for built files.")
@click.option("--runs", type=click.IntRange(1), default=5, show_default=True, help="Repetitions of a measurement.")
@click.option("--up-to", type=click.IntRange(1), default=UP_TO, show_default=True, help="Largest size measured.")
@click.option("--through", default="", help="A command that starts each process that is measured: 'taskset -c 0,1'.")
@click.option("--anew", is_flag=True, help="Forget what was measured of these benchmarks before.")
@click.option("--list", "listed", is_flag=True, help="Say what there is, and do nothing.")
def main(names: tuple[str, ...], listed: bool, anew: bool, through: str, **given: object) -> None:
    known = context.benchmarks()
    if listed:
        return click.echo("\n".join(f"{name:<20} {about.splitlines()[0]}" for name, about in known.items()))
    how = context.Context(**given, through=tuple(shlex.split(through)))
    how.work.mkdir(parents=True, exist_ok=True)
    path = how.work / "results.duckdb"
    failed = [name for name in names or known if not _run(name, how, path, anew)]
    if failed:
        raise click.ClickException(f"failed: {', '.join(failed)}")
    if not how.smoke:
        click.echo(f"Stored in {path}; `python -m benchmarks.report` writes it into {report.README.name}.")


def _run(name: str, how: context.Context, path: Path, anew: bool) -> bool:
    """Whether it went well; one that fails does not keep the others from running."""
    click.echo(name, err=True)
    started = time.perf_counter()
    try:
        module = import_module(f"benchmarks.{name}")
        rows = _told(module.rows(how))
        if how.smoke:
            number = len(list(rows))
        else:
            if anew:
                results.forget(path, name)
            number = results.record(path, name, _command(name, how), getattr(module, "PACKAGES", ()), rows)
    except context.Skipped as reason:
        click.echo(f"  skipped: {reason}", err=True)
        return True
    except Exception:
        traceback.print_exc()
        return False
    click.echo(f"  {number} rows in {time.perf_counter() - started:.0f} s", err=True)
    return True


def _told(rows: Iterator[results.Row]) -> Iterator[results.Row]:
    for row in rows:
        row = results.Row(*row)
        size = "" if row.size is None else f", {row.size:,}"
        click.echo(f"  {row.case}{size}: {row.contender}: {report.number(row.value)} {row.measure}", err=True)
        yield row


def _command(name: str, how: context.Context) -> str:
    """To be typed by someone else, whose data lie elsewhere."""
    options = ["--data DATA"] if how.data else []
    options += [f"--runs {how.runs}"] if how.runs != 5 else []
    options += [f"--up-to {how.up_to}"] if how.up_to != UP_TO else []
    return " ".join(["python -m benchmarks", name, *options])


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
