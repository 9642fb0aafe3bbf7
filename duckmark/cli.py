"""The command line: thin, as all it can do is in the package."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from duckmark import __version__
from duckmark.errors import DuckmarkError


def command(call: Callable[..., None]) -> Callable[..., None]:
    """Show a DuckmarkError as one message, without a traceback."""

    @functools.wraps(call)
    def guarded(*arguments: Any, **options: Any) -> None:
        try:
            call(*arguments, **options)
        except DuckmarkError as error:
            raise click.ClickException(str(error)) from None
        except RuntimeError as error:
            if "interrupted" in str(error):  # how DuckDB passes Ctrl-C on
                raise click.Abort from None
            raise

    return guarded


def once(context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> str | None:
    """The value of an option of which click would take the last one without a word."""
    if len(given) > 1:
        raise click.ClickException(f"{option.opts[0]}: given twice; give one path or glob, or a query")
    return given[0] if given else None


# ``multiple`` shows ``once`` all that was given.
source = functools.partial(click.option, multiple=True, callback=once)
sql_folder = click.option(
    "--sql", type=click.Path(path_type=Path), help="Folder of .sql files that replace or join duckmark's own."
)
same_sql = click.option(
    "--sql", type=click.Path(path_type=Path), help="The folder of .sql files that FILE was built with, if it was."
)
mapping = click.option(
    "--map", "mapping", multiple=True, metavar="TARGET=SQL", help="Which column is what: --map rating=stars"
)
memory = click.option(
    "--memory", metavar="SIZE", help="Memory to stay within: --memory 8GB [default: three quarters of the machine's]."
)
quiet = click.option("--quiet", is_flag=True, help="No progress bars.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="duckmark")
def main() -> None:
    """Turn a DuckDB file into a personalised-marketing engine that answers in plain SQL."""


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@source("--events", help="What users did: a path or glob (CSV, JSON, Parquet), a table of FILE, or a SELECT.")
@source("--products", help="The catalogue, likewise.")
@source("--users", help="What is known of the users, likewise.")
@mapping
@click.option("--weight", "weights", multiple=True, metavar="KIND=STARS", help="What an event of a kind is worth.")
@click.option("--config", type=click.Path(path_type=Path), help="Settings file [default: duckmark.toml, if there].")
@sql_folder
@click.option("--keep-models", is_flag=True, help="Take the trained models from FILE instead of training anew.")
@click.option("--tune", type=click.FloatRange(0, min_open=True), metavar="SECONDS", help="Search for better options.")
@click.option("--no-evaluate", is_flag=True, help="Skip the hold-out check, which trains everything twice.")
@memory
@quiet
@command
def build(file: Path, config: Path | None, quiet: bool, **given: Any) -> None:
    """Build FILE from a shop's events, and its products and users where it has them."""
    from duckmark import report
    from duckmark.build import build as run
    from duckmark.config import build_arguments

    console = Console()
    arguments = build_arguments(config, given)
    with report.Bars(console, quiet) as reporter:
        built = run(file, **arguments, reporter=reporter)
    report.show_build(console, built)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@source("--events", required=True, help="The new events: a path or glob, a table of FILE, or a SELECT.")
@mapping
@same_sql
@memory
@quiet
@command
def refresh(
    file: Path, events: str, mapping: tuple[str, ...], sql: Path | None, memory: str | None, quiet: bool
) -> None:
    """Take new events into FILE; only what they touch is computed again."""
    from duckmark import report
    from duckmark.config import mapped
    from duckmark.refresh import refresh as run

    console = Console()
    with report.Bars(console, quiet) as reporter:
        done = run(file, events=events, mapping=mapped(mapping), sql=sql, memory=memory, reporter=reporter)
    report.show_refresh(console, done)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--protocol",
    type=click.Choice(["time", "last", "folds"]),
    default="time",
    show_default=True,
    help="What to hold out: time, last or folds.",
)
@click.option("--k", default=10, show_default=True, type=click.IntRange(1), help="Length of the lists.")
@click.option("--folds", type=int, help="How many folds, with --protocol folds [default: 5].")
@same_sql
@memory
@command
def evaluate(file: Path, protocol: str, folds: int | None, **given: Any) -> None:
    """Measure the recommendations of FILE on events held out; the results land in its view `evaluation`."""
    from duckmark import report
    from duckmark.connection import silent
    from duckmark.evaluate import evaluate as run

    if folds is not None:
        if protocol != "folds":
            raise click.ClickException("--folds: how many, where --protocol is folds; name it, or leave this out")
        given["folds"] = folds
    run(file, protocol=protocol, **given)
    with silent(file, read_only=True) as con:
        report.show_evaluation(Console(), con)


@main.command()
@click.argument("shop", type=click.Choice(["retail", "clothing"]), default="retail")
@quiet
@command
def demo(shop: str, quiet: bool) -> None:
    """Build a shop from real data that comes with duckmark, here, and show what it can do."""
    from duckmark import demos

    demos.run(shop, Console(), quiet)


@main.command()
@command
def functions() -> None:
    """List the SQL functions."""
    from duckmark import report

    report.show_functions(Console())


@main.command()
@click.argument("name")
@sql_folder
@command
def lineage(name: str, sql: Path | None) -> None:
    """Show what the view, macro or table NAME is made of."""
    from duckmark import report
    from duckmark.plan import plan

    report.show_lineage(Console(), plan(sql), name)
