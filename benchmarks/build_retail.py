"""Online Retail, raw lines to published file: seconds per stage and peak memory, over several fresh processes.

Usage: python benchmarks/build_retail.py [RUNS]
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import version
from importlib.resources import as_file, files

ONE_RUN = """
import json, resource, sys, time
started = time.perf_counter()
from duckmark import build
built = build(sys.argv[1], events=sys.argv[2])
peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(json.dumps({**built.seconds, "total": time.perf_counter() - started, "peak MiB": peak / 1024}))
"""
LATENCY = """
import json, statistics, sys, time
import duckdb
con = duckdb.connect(sys.argv[1], read_only=True)
sample = "SELECT {0}_id FROM duckmark.{0}s USING SAMPLE 50 (reservoir, 1)"
users, products = ([row[0] for row in con.execute(sample.format(what)).fetchall()] for what in ("user", "product"))
calls = {
    "recommend(user, 10)": ("FROM recommend(?, 10)", users),
    "recommend_for(basket, 10)": ("FROM recommend_for([?], 10)", products),
    "similar_users(user, 10)": ("FROM similar_users(?, 10)", users),
    "explain(user, product)": (f"FROM explain(?, '{products[0]}')", users),
    "similar_products(product, 10)": ("FROM similar_products(?, 10)", products),
    "audience(product, 10)": ("FROM audience(?, 10)", products),
    "search_products(query, 10)": ("FROM search_products(?, 10)", ["red retrospot", "cake stand", "heart"] * 15),
}
result = {}
for name, (query, values) in calls.items():
    con.execute(query, [values[0]]).fetchall()
    times = []
    for value in values:
        started = time.perf_counter()
        con.execute(query, [value]).fetchall()
        times.append((time.perf_counter() - started) * 1000)
    times.sort()
    result[name] = [statistics.median(times), times[int(len(times) * 0.95)]]
print(json.dumps(result))
"""


def run(script: str, *arguments: str) -> dict:
    output = subprocess.run([sys.executable, "-c", script, *arguments], check=True, capture_output=True, text=True)
    return json.loads(output.stdout.splitlines()[-1])


def main(runs: int) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        as_file(files("duckmark") / "data/online_retail.parquet") as source,
    ):
        path = os.path.join(folder, "retail.duckdb")
        results = [run(ONE_RUN, path, str(source)) for _ in range(runs)]
        latency = run(LATENCY, path)
        size = os.path.getsize(path) / 2**20
    versions = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "pyarrow", "numpy", "gensim"))
    print(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {versions}; {runs} runs\n"
    )
    print("| stage | median | min | max |\n|---|---:|---:|---:|")
    for stage in results[0]:
        values = [result[stage] for result in results]
        unit = "" if stage == "peak MiB" else " s"
        numbers = (statistics.median(values), min(values), max(values))
        print(f"| {stage} | " + " | ".join(f"{number:,.1f}{unit}" for number in numbers) + " |")
    print(f"\nThe published file has {size:.0f} MiB. Warm queries through a plain DuckDB connection:\n")
    print("| query | p50 | p95 |\n|---|---:|---:|")
    for name, (median, high) in latency.items():
        print(f"| `{name}` | {median:.1f} ms | {high:.1f} ms |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
