"""The quality of a finished file's recommendations, measured into the file."""

from __future__ import annotations

from pathlib import Path

from duckmark import pipeline
from duckmark.errors import EvaluationError
from duckmark.evaluation import GIVEN, READS, RESULTS, evaluated
from duckmark.paths import existing
from duckmark.plan import plan
from duckmark.publish import side_file
from duckmark.sources import require_same_sql, settings
from duckmark.steps import Skipped


def evaluate(
    path: str | Path,
    *,
    protocol: str = "time",
    k: int = 10,
    folds: int = 5,
    sql: str | Path | None = None,
    memory: str | None = None,
) -> None:
    """Train the file's pipeline without some of its events and measure how well it foresees them.

    ``protocol``: `time` (the last fifth of events), `last` (each user's last event) or `folds` (``folds`` parts
    of each user's products, each held out once); ``k``: the length of the lists. The measures replace those of the
    same protocol in the view `evaluation`. ``sql`` is as in `refresh`, ``memory`` as in `build`. Raises ConfigError on
    an unknown protocol, EvaluationError where too few users have something to find, DatabaseError where the file cannot
    be opened or was built with other SQL.
    """
    path = existing(path)
    steps = plan(Path(sql) if sql else None)
    with side_file(path, memory, copied=True) as con:
        require_same_sql(con, path, sql, steps.own)
        options = settings(con)["options"]
        try:
            trained = evaluated(con, steps.towards(READS, GIVEN), steps.needs, options, protocol, k, folds)
        except Skipped as reason:
            raise EvaluationError(f"{path}: {reason}") from None
        results = trained.tables[RESULTS]
        con.execute(f"DELETE FROM {RESULTS} WHERE protocol = ?", [results["protocol"][0].as_py()])
        pipeline.append(con, RESULTS, results)
