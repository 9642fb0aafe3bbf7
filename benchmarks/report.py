"""Write what was measured into README.md: ``python -m benchmarks.report``.

A benchmark's part of it is what stands between ``<!-- results: NAME -->`` and ``<!-- end -->``. Only parts of
benchmarks that the results file knows are made anew, so each can be measured on its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import floor, log10
from pathlib import Path

import click
import duckdb

from benchmarks import plots, results

README = Path(__file__).parent / "README.md"
COSTS = ("seconds", "milliseconds", "ms", "MiB")  # what measures of cost end in; what is not paid has no ratio
BEGIN, END = "<!-- results: {} -->\n", "<!-- end -->"

# A table for the cases that have the same measures: stages of a build have seconds, queries p50 and p95.
TABLES = """
WITH
measures AS (
    SELECT "case", list(measure ORDER BY place) AS names
    FROM (SELECT "case", measure, min(place) AS place FROM medians WHERE benchmark = $benchmark GROUP BY ALL)
    GROUP BY ALL
),

lines AS (
    SELECT
        "case", size, contender, min(place) AS place,
        map_from_entries(list((measure, struct_pack(median, least, most, ratio)))) AS found
    FROM medians
    WHERE benchmark = $benchmark
    GROUP BY ALL
)

SELECT names, list(struct_pack("case", size, contender, found) ORDER BY place) AS lines
FROM lines JOIN measures USING ("case")
GROUP BY names
ORDER BY min(place)
"""


def generated(con: duckdb.DuckDBPyConnection, benchmark: str, folder: Path) -> str:
    """What the README says of a benchmark: command, machine, tables, and plots that it draws into ``folder``."""
    images = [f"![{about}](plots/{path.name})\n" for about, path in plots.drawn(con, benchmark, folder)]
    return "\n".join([*told(con, benchmark), *tables(con, benchmark), *images])


def told(con: duckdb.DuckDBPyConnection, benchmark: str) -> Iterator[str]:
    """The commands that made the figures, each with where it ran: most often one."""
    query = "FROM runs WHERE run_id IN (SELECT run_id FROM medians WHERE benchmark = $name) ORDER BY run_id"
    for run in con.sql(query, params={"name": benchmark}).to_arrow_table().to_pylist():
        versions = ", ".join(f"{name} {version}" for name, version in run["versions"])
        yield (
            f"`{run['command']}` on {run['measured_at']:%Y-%m-%d} at commit {run['commit'] or 'unknown'}: "
            f"{run['cores']} cores of {run['processor']}, {run['memory_gib']:.0f} GiB, {run['system']}, "
            f"Python {run['python']}, {versions}\n"
        )


def tables(con: duckdb.DuckDBPyConnection, benchmark: str) -> Iterator[str]:
    """Medians of each contender, from the least to the most, and by those of duckmark."""
    for names, lines in con.execute(TABLES, {"benchmark": benchmark}).fetchall():
        sized = any(line["size"] is not None for line in lines)
        alone = {line["contender"] for line in lines} == {"duckmark"}
        words = {
            "case": [line["case"] for line in lines],
            **({"size": ["" if line["size"] is None else f"{line['size']:,}" for line in lines]} if sized else {}),
            **({} if alone else {"contender": [line["contender"] for line in lines]}),
        }
        yield "".join(_table(words, [column for name in names for column in _columns(name, lines)]))


def _columns(measure: str, lines: list[dict]) -> Iterator[tuple[str, list[str]]]:
    """Head and cells of the median, of its spread over several runs, and of the ratio of a cost to duckmark's."""
    found = [line["found"].get(measure) for line in lines]
    yield measure, [number(cell["median"]) if cell else "" for cell in found]
    if any(cell and cell["least"] < cell["most"] for cell in found):
        yield "least to most", [f"{number(cell['least'])} to {number(cell['most'])}" if cell else "" for cell in found]
    ratios = [
        cell["ratio"] if cell and line["contender"] != "duckmark" else None
        for line, cell in zip(lines, found, strict=True)
    ]
    if measure.endswith(COSTS) and any(ratios):
        yield "by duckmark's", [number(ratio) if ratio else "" for ratio in ratios]


def _table(words: dict[str, list[str]], numbers: list[tuple[str, list[str]]]) -> Iterator[str]:
    yield f"| {' | '.join([*words, *(head for head, _ in numbers)])} |\n"
    yield "|" + "---|" * len(words) + "---:|" * len(numbers) + "\n"
    for cells in zip(*words.values(), *(column for _, column in numbers), strict=True):
        yield f"| {' | '.join(cells)} |\n"


def number(value: float) -> str:
    """With three digits that count, and no exponent."""
    places = max(0, 2 - floor(log10(abs(value)))) if value else 0
    return f"{value:,.{places}f}"


def placed(text: str, benchmark: str, part: str) -> str:
    """``text`` with ``part`` as its generated part of a benchmark; raises ClickException where it has none."""
    begin = BEGIN.format(benchmark)
    pattern = re.compile(f"({re.escape(begin)}).*?({re.escape(END)})", re.DOTALL)
    if not pattern.search(text):
        raise click.ClickException(f"{README.name} has no section of {benchmark}: write one with {begin.strip()} {END}")
    return pattern.sub(lambda found: found[1] + part + found[2], text, count=1)


@click.command(help="Write the results of the benchmarks NAME, or of all there are results of, into README.md.")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--results", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Results file.")
def main(names: tuple[str, ...], path: Path | None) -> None:
    text = README.read_text(encoding="utf-8")
    with results.opened(path or README.parent / "work" / "results.duckdb") as con:
        known = [row[0] for row in con.execute("SELECT DISTINCT benchmark FROM results ORDER BY ALL").fetchall()]
        for name in names or known:
            if name not in known:
                raise click.ClickException(f"there are no results of {name}: python -m benchmarks {name}")
            text = placed(text, name, generated(con, name, README.parent / "plots"))
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.report")
