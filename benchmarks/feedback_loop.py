"""What the loop is worth: recommendations refreshed week by week beside those of a file left as it was.

Usage: python -m benchmarks.feedback_loop online_retail.parquet [--weeks 10]

A file is built from all but the last weeks. At the end of each week `duckmark refresh` takes its events into one copy,
another is built anew, and a third stays frozen. The next week's purchases then show how well each foresaw them: NDCG@10
over the customers whom the frozen file knows, counting the products that they take for the first time, out of those
that each list still holds when what they have meanwhile is left out.
"""

from __future__ import annotations

import argparse
import datetime
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np

import duckmark
from duckmark.kernels.metrics import ranking_quality
from duckmark.sqltext import literal

K = 10
WEEK = datetime.timedelta(days=7)
NO_CHECK = {"evaluate": False}
RELEVANT = """
CREATE TEMP TABLE first_taken AS
SELECT user_id, product_id, min(happened_at) AS first_at FROM whole.duckmark.events
WHERE user_id IS NOT NULL GROUP BY ALL;
CREATE TEMP TABLE relevant AS
SELECT user_id, product_id FROM first_taken
SEMI JOIN (SELECT user_id FROM frozen.duckmark.recommendation_lists) USING (user_id)
WHERE first_at >= $since AND first_at < $until;
"""
LISTED = """
SELECT l.user_id, row_number() OVER (PARTITION BY l.user_id ORDER BY l.rank) AS place,
    r.product_id IS NOT NULL AS hit
FROM asked.duckmark.recommendation_lists AS l
SEMI JOIN relevant AS u USING (user_id)
ANTI JOIN (SELECT user_id, product_id FROM first_taken WHERE first_at < $since) AS had
    USING (user_id, product_id)
LEFT JOIN relevant AS r ON r.user_id = l.user_id AND r.product_id = l.product_id
QUALIFY place <= $k
"""


def events(path: Path, since: datetime.datetime | None, until: datetime.datetime) -> str:
    """The lines of a span of time as a source."""
    after = f"InvoiceDate >= TIMESTAMP '{since}' AND" if since else ""
    return f"SELECT * FROM read_parquet({literal(str(path))}) WHERE {after} InvoiceDate < TIMESTAMP '{until}'"


def quality(file: Path, frozen: Path, whole: Path, since: datetime.datetime, until: datetime.datetime) -> np.ndarray:
    """NDCG@10 of the lists of ``file`` for the week, one value for each customer with something to find."""
    with duckdb.connect() as con:
        for name, path in (("asked", file), ("frozen", frozen), ("whole", whole)):
            con.execute(f"ATTACH {literal(str(path))} AS {name} (READ_ONLY)")
        con.execute(RELEVANT, {"since": since, "until": until})
        rows = con.execute(LISTED, {"since": since, "k": K}).fetchnumpy()
        counts = con.execute("SELECT user_id, count(*) AS n FROM relevant GROUP BY ALL ORDER BY ALL").fetchnumpy()
    users = np.asarray(counts["user_id"]).astype(str)
    hits = np.zeros((len(users), K))
    hit = np.asarray(rows["hit"])
    hits[np.searchsorted(users, np.asarray(rows["user_id"]).astype(str)[hit]), rows["place"][hit] - 1] = 1
    return ranking_quality(hits, counts["n"])["ndcg"]


def followed(
    path: Path, starts: list[datetime.datetime], folder: Path
) -> Iterator[tuple[datetime.datetime, list[np.ndarray]]]:
    """Week after week, from each of ``starts`` on: NDCG@10 of the frozen, the refreshed and the rebuilt file."""
    files = frozen, refreshed, rebuilt = [folder / f"{name}.duckdb" for name in ("frozen", "refreshed", "rebuilt")]
    whole = folder / "whole.duckdb"
    duckmark.build(frozen, events=events(path, None, starts[0]), options=NO_CHECK)
    duckmark.build(whole, events=events(path, None, starts[-1] + 2 * WEEK), options={**NO_CHECK, "ranker": "fusion"})
    shutil.copy(frozen, refreshed)
    for place, start in enumerate(starts):
        if place:
            duckmark.refresh(refreshed, events=events(path, starts[place - 1], start))
        duckmark.build(rebuilt, events=events(path, None, start), options=NO_CHECK)
        yield start, [quality(file, frozen, whole, start, start + WEEK) for file in files]


def show(name: object, found: list[np.ndarray]) -> None:
    means = " | ".join(f"{values.mean():.4f}" for values in found)
    print(f"| {name} | {len(found[0])} | {means} |", flush=True)


def show_gain(frozen: np.ndarray, refreshed: np.ndarray) -> None:
    """The mean difference, with its 95 percent bootstrap interval over customers."""
    gain = refreshed - frozen
    low, high = np.quantile(np.random.default_rng(0).choice(gain, (1000, len(gain))).mean(axis=1), [0.025, 0.975])
    print(f"\nRefreshed less frozen: {gain.mean():+.4f} ({low:+.4f} to {high:+.4f}).")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--weeks", type=int, default=10)
    given = parser.parse_args()
    with duckdb.connect() as con:
        times = f"SELECT max(InvoiceDate) FROM read_parquet({literal(str(given.path))})"
        last = con.execute(times).fetchall()[0][0]
    starts = [last - WEEK * place for place in range(given.weeks, 0, -1)]
    print("| week from | customers | frozen | refreshed | rebuilt |\n|---|---:|---:|---:|---:|", flush=True)
    weeks = []
    with tempfile.TemporaryDirectory() as folder:
        for start, found in followed(given.path, starts, Path(folder)):
            show(start.date(), found)
            weeks.append(found)
    later = [np.concatenate(column) for column in zip(*weeks[1:], strict=True)]
    show("all after the first", later)
    show_gain(*later[:2])


if __name__ == "__main__":
    main()
