"""What the command line shows: progress, and tables of what the file holds."""

from __future__ import annotations

import difflib
import re
from decimal import Decimal

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.syntax import Syntax
from rich.table import Table
from rich.tree import Tree

from duckmark.build import Built
from duckmark.collect import Missing, Source
from duckmark.collect.decimals import described
from duckmark.collect.prices import advice_on_prices
from duckmark.connection import silent
from duckmark.errors import PipelineError
from duckmark.functions import functions
from duckmark.pipeline import Reporter
from duckmark.plan import Plan
from duckmark.refresh import Refreshed
from duckmark.sources import next_source_id
from duckmark.sqltext import identifier, typed
from duckmark.steps import STAGES, Step

# What it is called that no column was recognised for, and what is done without it.
COSTS = {
    "user_id": ("user", "there are no profiles of people, and nothing is recommended to anybody"),
    "kind": ("kind of event", "every row counts as a view"),
    "at": ("time", "there is no recency, no trend and no hold-out by time, and rows that are alike count once"),
    "title": ("title", "products are shown by their ids"),
    "quantity": ("quantity", "every row counts as one piece"),
    "rating": ("rating", "how satisfied people are is told by their words alone"),
}
MOST_COLUMNS = 12  # that may be what is missing
MOST_LETTERS = 40  # of a value that cannot be read


class Bars(Reporter):
    """Shows how each source was read, then a progress bar for each stage of the pipeline, unless it is to be quiet."""

    def __init__(self, console: Console, quiet: bool = False) -> None:
        columns = TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn()
        self._console = console
        self._bars = Progress(*columns, console=console, disable=quiet)
        self._tasks: dict[str, TaskID] = {}

    def sources(self, sources: list[Source]) -> None:
        show_sources(self._console, sources)

    def begin(self, steps: list[Step]) -> None:
        self._bars.start()
        for stage in STAGES:
            total = sum(step.stage == stage for step in steps)
            if total:
                self._tasks[stage] = self._bars.add_task(stage, total=total, start=False)

    def done(self, step: Step) -> None:
        task = self._tasks[step.stage]
        self._bars.start_task(task)
        self._bars.advance(task)

    def __enter__(self) -> Bars:
        return self

    def __exit__(self, *error: object) -> None:
        if self._tasks:  # else it would leave an empty line
            self._bars.stop()


def show(console: Console, con: duckdb.DuckDBPyConnection, title: str, query: str, parameters: object = None) -> None:
    """Print what a query gives as a table."""
    cursor = con.execute(query, parameters)
    names = [column[0] for column in cursor.description]
    rows = cursor.fetchall()
    table = Table(box=None, pad_edge=False, header_style="dim")
    for place, name in enumerate(names):
        numeric = any(isinstance(row[place], (int, float, Decimal)) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    _print_titled(console, title, table)


def show_record(console: Console, con: duckdb.DuckDBPyConnection, title: str, query: str, parameters: object) -> None:
    """Print the one row a query gives, a column a line."""
    cursor = con.execute(query, parameters)
    names = [column[0] for column in cursor.description]
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, value in zip(names, cursor.fetchall()[0], strict=True):
        table.add_row(f"[dim]{name}[/]", _cell(value))
    _print_titled(console, title, table)


def _print_titled(console: Console, title: str, table: Table) -> None:
    """Print a table under its title, which may be the wider of the two."""
    console.print(f"[bold]{title}[/]", highlight=False)
    console.print(table)
    console.print()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, list):
        return escape(", ".join(map(str, value)))
    if isinstance(value, dict):
        return escape(", ".join(f"{name}: {part}" for name, part in value.items()))
    return escape(str(value))


def show_sources(console: Console, sources: list[Source]) -> None:
    """Print how each source was read: which column is what, and what was left out."""
    titled = any("events.title" in source.mapping for source in sources)
    for source in sources:
        as_known = f", recognised as {source.layout}" if source.layout else ""
        console.print(f"[bold]{source.role}[/]: {escape(source.description)}, {source.rows:,} rows{as_known}")
        for target, expression in source.mapping.items():
            console.print(f"  {target.split('.', 1)[1]:<18} = {escape(described(expression))}", highlight=False)
        if source.unused:
            console.print(f"  [dim]not used: {escape(', '.join(source.unused))}[/]")
        for missing in source.missing:
            if missing.target == "title" and titled:
                continue
            console.print(f"  [bold yellow]{escape(_missed(source.role, missing))}[/]", highlight=False)
        for kind in source.unseen:
            words = f"no event is of the kind {kind}, whose weight is given: write it as the events do."
            console.print(f"  [bold yellow]{escape(words)}[/]", highlight=False)
        if days := source.undecided:
            words = (
                f"every day fits both orders: '{days.written}' is read as {days.read}, the day first. If the month "
                f"comes first: {_option('at', days.otherwise)}."
            )
            console.print(f"  [bold yellow]{escape(words)}[/]", highlight=False)
        for advice in source.advice:
            console.print(f"  [bold yellow]{escape(advice)}[/]", highlight=False)
    console.print()


def _option(target: str, sql: str) -> str:
    """How an expression is given on the command line, as short as one would type it."""
    bare = re.sub(r'trim\(CAST\(("[^"]+") AS VARCHAR\)\)', r"\1", sql)
    return f'--map {target}="{typed(bare)}"'


def _missed(role: str, missing: Missing) -> str:
    """What was not recognised, what that costs, and how to name it."""
    what, cost = COSTS[missing.target]
    if missing.unread:
        columns = " and ".join(missing.columns)
        example = f"strptime({identifier(missing.columns[0])}, '%d/%m/%Y')"
        return (
            f"{columns} looks like the {what}, but '{missing.unread[:MOST_LETTERS]}' cannot be read: {cost}. Give an "
            f"expression that yields one, such as {_option(missing.target, example)}."
        )
    names = missing.columns[:MOST_COLUMNS] + ["..."] * (len(missing.columns) > MOST_COLUMNS)
    target = missing.target if role == "events" else f"{role}.{missing.target}"
    which = f"Of {', '.join(names)}" if names else "If there is one"
    why = "more than one column may be the" if missing.are_times else "no column is plainly the"
    return f"{why} {what}: {cost}. {which}, name it by --map {target}=COLUMN."


def show_build(console: Console, built: Built) -> None:
    """Print what became of the data and of the models."""
    with silent(built.path, read_only=True) as con:
        show_quality(console, con)
        show(
            console,
            con,
            "Models",
            "SELECT model, kind, status, rows, round(seconds, 1) AS seconds, reason FROM models",
        )
        show_evaluation(console, con)
    seconds = ", ".join(f"{stage} {taken:.1f} s" for stage, taken in built.seconds.items())
    console.print(f"[bold]{escape(str(built.path))}[/] is ready ({seconds}). It answers in any DuckDB client.")


def show_quality(console: Console, con: duckdb.DuckDBPyConnection) -> None:
    """Print what was kept, dropped and filled, by reason, and what to do where hardly a purchase was kept."""
    show(console, con, "Data quality", "FROM data_quality")
    mapping = "SELECT mapping ->> 'events.price' FROM duckmark.sources WHERE role = 'events' ORDER BY source_id"
    if advice := advice_on_prices(con, con.execute(mapping).fetchall()[0][0]):
        console.print(f"[bold yellow]{escape(advice)}[/]\n", highlight=False)


def show_evaluation(console: Console, con: duckdb.DuckDBPyConnection) -> None:
    """Print the measures of each model over all users, those of the last protocol evaluated."""
    query = """
        SELECT
            model,
            max(CASE WHEN metric = 'recall' THEN value END) AS "recall@{k}",
            max(CASE WHEN metric = 'ndcg' THEN value END) AS "NDCG@{k}",
            max(CASE WHEN metric = 'ndcg' THEN printf('%.4f to %.4f', low, high) END) AS "95 percent",
            max(CASE WHEN metric = 'map' THEN value END) AS "MAP@{k}",
            max(CASE WHEN metric = 'hit_rate' THEN value END) AS "hits@{k}",
            max(CASE WHEN metric = 'coverage' THEN value END) AS coverage
        FROM evaluation
        WHERE segment IS NULL AND k IS NOT NULL AND protocol = ?
        GROUP BY model
        ORDER BY 3 DESC
    """
    ranked = "SELECT protocol, k, max(users) FROM evaluation WHERE k IS NOT NULL GROUP BY ALL ORDER BY ALL"
    for protocol, k, users in con.execute(ranked).fetchall():
        show(console, con, f"Hold-out check of {users:,} users, {protocol}", query.format(k=k), [protocol])
    _show_expected_ratings(console, con)


def _show_expected_ratings(console: Console, con: duckdb.DuckDBPyConnection) -> None:
    """Print how near expected ratings came to those given, where there are any."""
    query = """
        SELECT
            model,
            max(CASE WHEN metric = 'rmse' THEN value END) AS "RMSE",
            max(CASE WHEN metric = 'rmse' THEN printf('%.4f to %.4f', low, high) END) AS "95 percent",
            max(CASE WHEN metric = 'mae' THEN value END) AS "MAE"
        FROM evaluation
        WHERE segment IS NULL AND metric IN ('rmse', 'mae') AND protocol = ?
        GROUP BY model
        ORDER BY 2
    """
    rated = "SELECT protocol, max(users) FROM evaluation WHERE metric = 'rmse' GROUP BY ALL ORDER BY ALL"
    for protocol, users in con.execute(rated).fetchall():
        show(console, con, f"Expected ratings of {users:,} users, {protocol}", query, [protocol])


def show_refresh(console: Console, done: Refreshed) -> None:
    """Print what a refresh changed, and what of the new load was dropped or filled."""
    if done.source is None:
        console.print(f"{escape(str(done.path))}: no events that are not in it yet; nothing changed.")
        return
    console.print(
        f"[bold]{escape(str(done.path))}[/] is up to date: {done.events:,} new events in {done.source.rows:,} rows; "
        f"{done.users:,} users and {done.products:,} products were looked at again."
    )
    query = """
        SELECT rule, action, rows, share
        FROM data_quality
        WHERE source = 'events' AND source_id = ? AND action <> 'kept'
    """
    with silent(done.path, read_only=True) as con:
        load = [next_source_id(con) - 1]
        if con.execute(query, load).fetchall():
            show(console, con, "Data quality of the new rows", query, load)


def show_functions(console: Console) -> None:
    """Print the declared SQL functions."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("function", "returns", "meaning"):
        table.add_column(name)
    for function in functions().values():
        table.add_row(escape("\n".join(function.signatures)), escape(function.returns), escape(function.summary))
    console.print(table)


def show_lineage(console: Console, plan: Plan, name: str) -> None:
    """Print what a relation or macro is made of, as a tree."""
    by_output = {made: step for step in plan.steps for made in step.writes}
    if name not in by_output and f"duckmark.{name}" in by_output:
        name = f"duckmark.{name}"
    if name not in by_output:
        close = difflib.get_close_matches(name, by_output, 1)
        hint = f"; did you mean {close[0]}?" if close else "; a view of your own wants its --sql folder here too"
        raise PipelineError(f"{name}: the pipeline makes no such view, macro or table{hint}")
    tree = Tree(_node(name, by_output))
    _grow(tree, name, plan, by_output, {name})
    console.print(tree)


def _grow(tree: Tree, name: str, plan: Plan, by_output: dict[str, Step], shown: set[str]) -> None:
    for made_of in sorted(plan.needs.get(name, ())):
        again = made_of in shown and plan.needs.get(made_of)
        branch = tree.add(_node(made_of, by_output) + (" [dim](above)[/]" if again else ""))
        if not again:
            shown.add(made_of)
            _grow(branch, made_of, plan, by_output, shown)


def _node(name: str, by_output: dict[str, Step]) -> str:
    step = by_output.get(name)
    return f"[bold]{name}[/] [dim]{escape(step.where)}[/]" if step else f"[bold]{name}[/] [dim]given[/]"


def show_sql(console: Console, statements: list[str]) -> None:
    """Print SQL statements as they can be pasted into a client."""
    for statement in statements:
        console.print(Syntax(statement, "sql", background_color="default", word_wrap=True))
