"""The whole build as a shop grows to a hundred million events: seconds, processor seconds and peak memory by stage.

No other library builds such a file; what is compared are the sizes. Shops are made by shop.py, with 2 percent of events
a review. Each build is a fresh process that may take 12 GB, and tells on standard error what each step took, so that a
long one can be followed, and one that does not end says how far it came. The exponent is the slope of the logarithm of
seconds against that of events, from a million events on: 1 is linear.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import duckmark
from benchmarks.blas import WIDE
from benchmarks.context import Context
from benchmarks.processes import TreePeak
from benchmarks.results import Row
from benchmarks.shop import write_shop
from duckmark.pipeline import Reporter

PACKAGES = ("gensim", "scipy", "scikit-learn")
SIZES = (10**5, 10**6, 10**7, 10**8)
SMOKE = 5_000
MEMORY = "12GB"
REVIEWS = 0.02
TOLD = 1.0  # seconds of a step from which it is told
LEAST = 10**6  # below it what does not grow outweighs what does


def rows(context: Context) -> Iterator[Row]:
    seconds: dict[str, dict[int, float]] = {}
    for size in [SMOKE] if context.smoke else context.sizes(SIZES):
        shop = made(context.work, size)
        path = context.work / f"scale-{size}.duckdb"
        for stage, measures in context.call(build, path, shop, environment=WIDE).items():
            for measure, value in measures.items():
                yield Row(stage, size, "duckmark", measure, value)
            seconds.setdefault(stage, {})[size] = measures["seconds"]
        yield Row("published file", size, "duckmark", "MiB", path.stat().st_size / 2**20)
        path.unlink()
    for stage, found in seconds.items():
        large = {size: value for size, value in found.items() if size >= LEAST}
        if len(large) > 1:
            yield Row(stage, None, "duckmark", "exponent", exponent(large))


def made(work: Path, size: int) -> Path:
    """The folder of a shop of so many events, made where it is not there yet."""
    folder = work / f"shop-{size}"
    return folder if (folder / "events.parquet").exists() else write_shop(folder, size, reviews=REVIEWS)


def exponent(seconds: dict[int, float]) -> float:
    """b of seconds = a x size ^ b, by least squares of the logarithms."""
    return float(np.polyfit(np.log(list(seconds)), np.log(list(seconds.values())), 1)[0])


class Watch(Reporter):
    """Adds up what each stage takes, and tells of a step that takes long."""

    def __init__(self, memory: TreePeak) -> None:
        self.stages: dict[str, dict[str, float]] = {}
        self._memory = memory
        self._since = time.perf_counter(), processor_seconds()

    def begin(self, steps: list) -> None:
        self.add("read")

    def done(self, step: object) -> None:
        seconds, used, peak = self.add(step.stage)
        if seconds >= TOLD:
            told = f"{seconds:8.1f} s {used:8.1f} s of processor {peak:7.0f} MiB  {step.name}"
            print(told, file=sys.stderr, flush=True)

    def add(self, stage: str) -> tuple[float, float, float]:
        """Count what has gone by to a stage; gives the seconds, those of the processors, and the peak MiB."""
        before, self._since = self._since, (time.perf_counter(), processor_seconds())
        seconds, used = (now - then for now, then in zip(self._since, before, strict=True))
        peak = self._memory.taken()
        found = self.stages.setdefault(stage, {"seconds": 0.0, "processor seconds": 0.0, "MiB": 0.0})
        found["seconds"] += seconds
        found["processor seconds"] += used
        found["MiB"] = max(found["MiB"], peak)
        return seconds, used, peak


def build(path: Path, shop: Path) -> dict[str, dict[str, float]]:
    """Seconds, processor seconds and peak MiB of each stage and of the whole."""
    sources = {role: str(shop / f"{role}.parquet") for role in ("events", "products", "users")}
    with TreePeak() as memory:
        started, watch = time.perf_counter(), Watch(memory)
        duckmark.build(path, **sources, memory=MEMORY, reporter=watch)
        watch.add("publish")
    whole = {
        "seconds": time.perf_counter() - started,
        "processor seconds": processor_seconds(),
        "MiB": max(stage["MiB"] for stage in watch.stages.values()),
    }
    return {**watch.stages, "whole build": whole}


def processor_seconds() -> float:
    """Of this process and those that it started and that ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)
