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
from pathlib import Path

import duckdb
import numpy as np

import duckmark
from duckmark.kernels.metrics import ranking_quality
from duckmark.sqltext import literal

K = 10
NO_CHECK = {"evaluate": False}


def events(path: Path, since: datetime.datetime | None, until: datetime.datetime) -> str:
    """The lines of a span of time as a source."""
    after = f"InvoiceDate >= TIMESTAMP '{since}' AND" if since else ""
    return f"SELECT * FROM read_parquet({literal(str(path))}) WHERE {after} InvoiceDate < TIMESTAMP '{until}'"


def quality(file: Path, frozen: Path, whole: Path, since: datetime.datetime, until: datetime.datetime) -> np.ndarray:
    """NDCG@10 of the lists of ``file`` for the week, one value for each customer with something to find."""
    with duckdb.connect() as con:
        for name, path in (("asked", file), ("frozen", frozen), ("whole", whole)):
            con.execute(f"ATTACH {literal(str(path))} AS {name} (READ_ONLY)")
        con.execute(
            """
            CREATE TEMP TABLE first_taken AS
            SELECT user_id, product_id, min(happened_at) AS first_at FROM whole.duckmark.events
            WHERE user_id IS NOT NULL GROUP BY ALL;
            CREATE TEMP TABLE relevant AS
            SELECT user_id, product_id FROM first_taken
            SEMI JOIN (SELECT user_id FROM frozen.duckmark.recommendation_lists) USING (user_id)
            WHERE first_at >= $since AND first_at < $until;
            """,
            {"since": since, "until": until},
        )
        rows = con.execute(
            """
            SELECT l.user_id, row_number() OVER (PARTITION BY l.user_id ORDER BY l.rank) AS place,
                r.product_id IS NOT NULL AS hit
            FROM asked.duckmark.recommendation_lists AS l
            SEMI JOIN relevant AS u USING (user_id)
            ANTI JOIN (SELECT user_id, product_id FROM first_taken WHERE first_at < $since) AS had
                USING (user_id, product_id)
            LEFT JOIN relevant AS r ON r.user_id = l.user_id AND r.product_id = l.product_id
            QUALIFY place <= $k
            """,
            {"since": since, "k": K},
        ).fetchnumpy()
        counts = con.execute(
            "SELECT user_id, count(*) AS n FROM relevant GROUP BY user_id ORDER BY user_id"
        ).fetchnumpy()
    users = np.asarray(counts["user_id"]).astype(str)
    hits = np.zeros((len(users), K))
    hit = np.asarray(rows["hit"])
    hits[np.searchsorted(users, np.asarray(rows["user_id"]).astype(str)[hit]), rows["place"][hit] - 1] = 1
    return ranking_quality(hits, counts["n"])["ndcg"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--weeks", type=int, default=10)
    arguments = parser.parse_args()
    with duckdb.connect() as con:
        last = con.execute(f"SELECT max(InvoiceDate) FROM read_parquet({literal(str(arguments.path))})").fetchall()[0][
            0
        ]
    week = datetime.timedelta(days=7)
    starts = [last - week * place for place in range(arguments.weeks, 0, -1)]
    with tempfile.TemporaryDirectory() as folder:
        frozen, refreshed, rebuilt, whole = (
            Path(folder) / f"{n}.duckdb" for n in ("frozen", "refreshed", "new", "all")
        )
        duckmark.build(frozen, events=events(arguments.path, None, starts[0]), options=NO_CHECK)
        duckmark.build(
            whole, events=events(arguments.path, None, last + week), options={**NO_CHECK, "ranker": "fusion"}
        )
        shutil.copy(frozen, refreshed)
        print("| week from | customers | frozen | refreshed | rebuilt |\n|---|---:|---:|---:|---:|", flush=True)
        curves = []
        for place, start in enumerate(starts):
            if place:
                duckmark.refresh(refreshed, events=events(arguments.path, starts[place - 1], start))
            duckmark.build(rebuilt, events=events(arguments.path, None, start), options=NO_CHECK)
            found = [quality(file, frozen, whole, start, start + week) for file in (frozen, refreshed, rebuilt)]
            curves.append(found)
            means = " | ".join(f"{values.mean():.4f}" for values in found)
            print(f"| {start.date()} | {len(found[0])} | {means} |", flush=True)
    later = [np.concatenate(column) for column in zip(*curves[1:], strict=True)]
    print(
        f"| all after the first | {len(later[0])} | "
        + " | ".join(f"**{values.mean():.4f}**" for values in later)
        + " |"
    )
    gain = np.random.default_rng(0).choice(later[1] - later[0], (1000, len(later[0]))).mean(axis=1)
    low, high = np.quantile(gain, [0.025, 0.975])
    print(f"\nRefreshed less frozen: {(later[1] - later[0]).mean():+.4f} ({low:+.4f} to {high:+.4f}).")


if __name__ == "__main__":
    main()
