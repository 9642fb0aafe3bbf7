"""The results as markdown tables and as rows of a DuckDB file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.recommenders.contenders import Result
from benchmarks.recommenders.statistics import METRICS, Estimate, best, best_on_test, difference, mean, mean_gain


@dataclass(frozen=True)
class Outcome:
    """What came of one set, with its ``weight`` in the mean over sets and what there is to say ``about`` it."""

    name: str
    weight: float
    about: str
    results: list[Result]


def set_tables(outcome: Outcome) -> Iterator[str]:
    """Quality on the test beside the best peer, then what was tuned."""
    results = sorted(outcome.results, key=lambda each: -each.validation)
    peer = best(results, "peer")
    yield f"#### {outcome.name}\n\n{outcome.about}"
    if peer:
        yield f" The best peer on the slice for tuning is {peer.name}."
    yield "\n\n"
    heads = [head for metric in METRICS for head in (metric, f"{metric} less best peer")]
    yield from _head("recommender", *heads)
    for result in results:
        cells = [
            cell
            for metric in METRICS
            for cell in (
                _shown(mean(result, metric)),
                _shown(difference(result, peer, metric), "+") if peer and result is not peer else "",
            )
        ]
        yield _row(result.name, *cells)
    yield "\n"
    yield from _head("recommender", "tuning slice", "options tried", "options chosen")
    for result in results:
        figures = f"{result.validation:.4f}", f"{result.trials}"
        yield _row(result.name, *figures, ", ".join(f"{name} {value}" for name, value in result.options.items()))
    yield "\n"


def generated(outcomes: list[Outcome], told: str) -> str:
    """All that is to be said of a run."""
    tables = (line for outcome in outcomes for line in set_tables(outcome))
    return "".join([told, "\n\n", *summary(outcomes), "\n", *tables])


def summary(outcomes: list[Outcome]) -> Iterator[str]:
    """Relative gain over the best peer of each set, and its mean over sets."""
    outcomes = [outcome for outcome in outcomes if best(outcome.results, "peer")]
    rankers = {each.name: None for outcome in outcomes for each in outcome.results if each.kind == "ranker"}
    ours: dict[str, Callable[[Outcome], Result]] = {
        "best single model": lambda outcome: best(outcome.results, "single"),
        **{name: lambda outcome, name=name: _named(outcome, name) for name in rankers},
    }
    peers: dict[str, Callable[[Outcome, str], Result]] = {
        "tuning slice": lambda outcome, metric: best(outcome.results, "peer"),
        "test": lambda outcome, metric: best_on_test(outcome.results, "peer", metric),
    }
    yield from _head("duckmark's", "measure", "best peer by", *(outcome.name for outcome in outcomes), "mean over sets")
    for name, chosen in ours.items():
        for metric in METRICS:
            for by, peer in peers.items():
                pairs = [(chosen(outcome), peer(outcome, metric), outcome.weight) for outcome in outcomes]
                if not outcomes or any(result is None for result, *_ in pairs):
                    continue
                gains = [f"{mean_gain([pair], metric).value:+.1%}" for pair in pairs]
                yield _row(name, metric, by, *gains, _shown(mean_gain(pairs, metric), "+", "%"))


def stored(outcomes: list[Outcome], told: str, path: Path) -> None:
    """Write the tables ``sets``, ``results``, a row for each set, recommender and measure, and ``per_user``, with each
    of their values a user, in the same order for all of a set; and what is ``told`` of the run as ``run``."""
    sets = [{"place": n, "data_set": each.name, "weight": each.weight, "about": each.about}
            for n, each in enumerate(outcomes)]  # fmt: skip
    tables = {"run": [{"told": told}], "sets": sets, "results": _results(outcomes), "per_user": _per_user(outcomes)}
    with duckdb.connect(str(path)) as con:
        for table, rows in tables.items():
            con.register("_rows", pa.Table.from_pylist(list(rows)))
            con.execute(f"CREATE OR REPLACE TABLE {table} AS FROM _rows")
            con.unregister("_rows")


def read(path: Path) -> tuple[list[Outcome], str]:
    """What `stored` has written: the outcomes, and what is told of the run."""
    with duckdb.connect(str(path), read_only=True) as con:
        told = con.execute("SELECT told FROM run").fetchall()[0][0]
        sets = con.execute("SELECT data_set, weight, about FROM sets ORDER BY place").fetchall()
        return [Outcome(name, weight, about, list(_read(con, name))) for name, weight, about in sets], told


def _read(con: duckdb.DuckDBPyConnection, name: str) -> Iterator[Result]:
    of_users = con.execute(
        "SELECT recommender, metric, list(value ORDER BY user) FROM per_user WHERE data_set = ? GROUP BY ALL", [name]
    ).fetchall()
    per_user: dict[str, dict[str, np.ndarray]] = {}
    for recommender, metric, values in of_users:
        per_user.setdefault(recommender, {})[metric] = np.array(values)
    query = """
        SELECT DISTINCT place, recommender, kind, options, trials, validation, tuning_seconds, fit_seconds
        FROM results
        WHERE data_set = ?
        ORDER BY place
    """
    for _, recommender, kind, options, trials, validation, tuning, fit in con.execute(query, [name]).fetchall():
        chosen = json.loads(options)
        yield Result(recommender, kind, chosen, trials, validation, per_user[recommender], tuning, fit)


def _results(outcomes: list[Outcome]) -> Iterator[Mapping]:
    for outcome in outcomes:
        for place, result in enumerate(outcome.results):
            for metric in METRICS:
                yield {
                    "place": place,
                    "data_set": outcome.name,
                    "recommender": result.name,
                    "kind": result.kind,
                    "metric": metric,
                    "users": len(result.per_user[metric]),
                    **asdict(mean(result, metric)),
                    "validation": result.validation,
                    "options": json.dumps(dict(result.options)),
                    "trials": result.trials,
                    "tuning_seconds": result.tuning,
                    "fit_seconds": result.fit,
                }


def _per_user(outcomes: list[Outcome]) -> Iterator[Mapping]:
    for outcome in outcomes:
        for result in outcome.results:
            about = {"data_set": outcome.name, "recommender": result.name}
            for metric, values in result.per_user.items():
                for user, value in enumerate(values):
                    yield {**about, "metric": metric, "user": user, "value": float(value)}


def _named(outcome: Outcome, name: str) -> Result | None:
    return next((result for result in outcome.results if result.name == name), None)


def _shown(estimate: Estimate, sign: str = "", unit: str = "") -> str:
    form = f"{sign}.1%" if unit else f"{sign}.4f"
    return f"{estimate.value:{form}} ({estimate.low:{form}} to {estimate.high:{form}})"


def _head(first: str, *others: str) -> Iterator[str]:
    yield _row(first, *others)
    yield "|---|" + "---:|" * len(others) + "\n"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"
