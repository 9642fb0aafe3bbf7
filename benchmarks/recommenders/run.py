"""The contest on one set, in a process of its own."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from benchmarks.recommenders import duckmark_models, popularity
from benchmarks.recommenders.contenders import Contender, contest
from benchmarks.recommenders.report import Outcome
from benchmarks.recommenders.shops import SETS, built, divided

SEED = 42


def run(name: str, data: Path, work: Path, trials: int, only: Sequence[str]) -> Outcome:
    """Tune, refit and measure every contender whose name begins with one of ``only``, or all of them."""
    warnings.filterwarnings("ignore", message=".*not writable")  # LensKit hands torch arrays that it only reads
    warnings.filterwarnings("ignore", message="Method expects CSR input")  # implicit, of what it made itself
    shop, protocol, weight = SETS[name]
    with divided(built(shop, data, work), protocol) as (tune, test):
        results = []
        for contender in contenders(only):
            result = contest(contender, tune, test, trials, SEED)
            results.append(result)
            quality = ", ".join(f"{metric} {values.mean():.4f}" for metric, values in result.per_user.items())
            told = f"{name}: {result.name}: tuning {result.validation:.4f}, test {quality}, {result.tuning:.0f} s"
            print(told, file=sys.stderr, flush=True)
    users, products = test.preferences.shape
    about = (
        f"{users:,} users and {products:,} products with {test.preferences.nnz:,} interactions to train on; "
        f"{len(test.tested):,} users tested, with {test.truth.nnz:,} products to find."
    )
    return Outcome(name, weight, about, results)


def contenders(only: Sequence[str] = ()) -> list[Contender]:
    """Everyone who takes part. The peers' libraries are needed unless ``only`` leaves them out."""
    everyone = [popularity.BASELINE, *duckmark_models.contenders()]
    if not only or any(word.startswith(("implicit", "LensKit")) for word in only):
        from benchmarks.recommenders import peers

        everyone += peers.contenders()
    return [each for each in everyone if not only or each.name.startswith(tuple(only))]
