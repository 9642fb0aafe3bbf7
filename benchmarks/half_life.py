"""Whether old choices should count for less: when item weights are learnt, when a history is scored, or both.

Usage: python -m benchmarks.half_life FILE.duckdb ...

The events before each file's own split are split again, so that nothing is chosen on those that its hold-out check
tests on. The score is that of the items part alone.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np

from duckmark.evaluation import GIVEN, READS
from duckmark.evaluation.measure import measure
from duckmark.evaluation.splits import splits
from duckmark.evaluation.trial import Trial, earlier, trial
from duckmark.kernels.features import FEATURES
from duckmark.kernels.network import linear
from duckmark.plan import plan

HALF_LIVES = (0, 180, 365)
ITEMS = {"items": linear({"items": 1.0}, FEATURES)}


def undecayed(trained: Trial) -> Trial:
    """The same with histories whose products count alike however old, dislikes minus a quarter."""
    histories = trained.evidence.histories.copy()
    histories.data = np.where(histories.data < 0, -0.25, 1.0)
    return replace(trained, evidence=replace(trained.evidence, histories=histories))


def validated(path: str) -> dict[tuple[int, bool], dict[str, float]]:
    """NDCG@10 and recall@10 by half-life of training and whether histories decay by 180 days."""
    steps, found = plan(), {}
    with duckdb.connect(path, read_only=True) as built, earlier(built, splits(built, "time", 5)[0]) as con:
        split = splits(con, "time", 5)[0]
        for half_life in HALF_LIVES:
            options = {"half_life": half_life, "ranker": "fusion"}
            with trial(con, split, steps.towards(READS, GIVEN), steps.needs, options) as trained:
                for decays, asked in ((False, undecayed(trained)), (True, trained)):
                    per_user = measure(asked, ITEMS, 10)["items"].per_user
                    found[half_life, decays] = {name: float(per_user[name].mean()) for name in ("ndcg", "recall")}
    return found


def main(paths: list[str]) -> None:
    quality = [validated(path) for path in paths]
    names = [Path(path).stem for path in paths]
    print("| half-life in training | of histories | " + " | ".join(names) + " |")
    print("|---|---|" + "---:|" * len(paths))
    for half_life, decays in quality[0]:
        figures = (
            f"{values[half_life, decays]['ndcg']:.4f} / {values[half_life, decays]['recall']:.4f}" for values in quality
        )
        days = (f"{half_life} days" if half_life else "none", "180 days" if decays else "none")
        print("| " + " | ".join([*days, *figures]) + " |")


if __name__ == "__main__":
    main(sys.argv[1:])
