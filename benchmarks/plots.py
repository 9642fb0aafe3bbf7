"""Plots of the results as small SVG files, the same each time: growth with size, and ratios to duckmark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

# At least three sizes make a line worth drawing. A case has a panel of its own for each measure.
GROWTH = """
SELECT "case", measure, contender, list(size ORDER BY size) AS sizes, list(median ORDER BY size) AS medians
FROM medians
WHERE benchmark = $name AND size > 0 AND median > 0
GROUP BY ALL
HAVING count(*) >= 3
ORDER BY min(place)
"""
RATIOS = """
SELECT concat_ws(', ', "case", format('{:,}', size)) AS label, measure, contender, ratio
FROM medians
WHERE benchmark = $name AND contender <> 'duckmark' AND ratio > 0 AND measure = 'seconds'
ORDER BY place
"""
SETTINGS = {"svg.hashsalt": "duckmark", "svg.fonttype": "none", "font.size": 8, "axes.spines.top": False}
COLOURS = {"duckmark": "#d97706"}


def drawn(con: duckdb.DuckDBPyConnection, benchmark: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """(what it shows, file) of each plot there is something for."""
    growth = con.sql(GROWTH, params={"name": benchmark}).to_arrow_table().to_pylist()
    if growth:
        yield "median against size", _saved(_growth(growth), folder / f"{benchmark}-growth.svg")
    ratios = con.sql(RATIOS, params={"name": benchmark}).to_arrow_table().to_pylist()
    if ratios:
        yield "seconds by those of duckmark", _saved(_ratios(ratios), folder / f"{benchmark}-ratios.svg")


def _growth(lines: list[dict]) -> object:
    """A panel a case and measure, a line a contender, both axes logarithmic."""
    panels = list(dict.fromkeys((line["case"], line["measure"]) for line in lines))
    figure, axes = _figure(min(len(panels), 3), -(-len(panels) // 3), 2.6)
    for axis, (case, measure) in zip(axes, panels, strict=False):
        for line in lines:
            if (line["case"], line["measure"]) == (case, measure):
                name = line["contender"]
                axis.plot(line["sizes"], line["medians"], marker="o", ms=3, lw=1, label=name, color=COLOURS.get(name))
        axis.set(xscale="log", yscale="log", title=case, ylabel=measure)
        axis.legend(frameon=False)
    for axis in axes[len(panels) :]:
        axis.set_axis_off()
    return figure


def _ratios(points: list[dict]) -> object:
    """A line a case, a mark a contender: right of the line at 1, duckmark takes less."""
    labels = list(dict.fromkeys(point["label"] for point in points))
    figure, (axis,) = _figure(1, 1, 0.8 + 0.2 * len(labels), width=7)
    for name in dict.fromkeys(point["contender"] for point in points):
        mine = [point for point in points if point["contender"] == name]
        axis.plot(
            [point["ratio"] for point in mine],
            [labels.index(point["label"]) for point in mine],
            "o",
            ms=4,
            label=name,
        )
    axis.axvline(1, color=COLOURS["duckmark"], lw=1)
    axis.set(xscale="log", xlabel="seconds by those of duckmark", yticks=range(len(labels)), yticklabels=labels)
    axis.invert_yaxis()
    axis.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def _figure(columns: int, rows: int, height: float, width: float = 3) -> tuple[object, list]:
    # A figure of its own, not one of pyplot, which keeps them all.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    return figure, list(figure.subplots(rows, columns, squeeze=False).flat)


def _saved(figure: object, path: Path) -> Path:
    from matplotlib import rc_context

    path.parent.mkdir(exist_ok=True)
    with rc_context(SETTINGS):
        figure.savefig(path, metadata={"Date": None})
    return path
