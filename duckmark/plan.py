"""The whole pipeline as one ordered plan: what is in sql/, what is trained in Python, and an analyst's own SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from duckmark import evaluation, graph
from duckmark.errors import PipelineError
from duckmark.lexicons import LISTS
from duckmark.models import MODELS, ranker
from duckmark.sqlfiles import read_pipeline
from duckmark.steps import SqlStep, Step

REHEARSALS = (ranker.REHEARSAL, evaluation.REHEARSAL)
LATER = frozenset(name for rehearsal in REHEARSALS for name in rehearsal.writes)

# What stands in the file before the first step runs.
GIVEN = frozenset(f"duckmark.{name}" for name in (*LISTS, "event_kinds", "sources", "pipeline", "model_runs")) | {
    "source_events",
    "source_products",
    "source_users",
}


@dataclass(frozen=True)
class Plan:
    """``steps`` in the order they run; ``needs``: for each relation or macro, what it is directly made of."""

    steps: list[Step]
    needs: Mapping[str, Collection[str]]

    @property
    def published(self) -> dict[str, str]:
        """The public names, which stand in schema main, with their kinds."""
        return {step.name: step.kind for step in self.steps if isinstance(step, SqlStep) and "." not in step.name}

    @property
    def own(self) -> dict[str, str]:
        """The analyst's SQL, that replaces duckmark's own or joins it: the digests of its statements by name."""
        packaged = read_pipeline()
        sql = [step for step in self.steps if isinstance(step, SqlStep)]
        return {step.name: step.digest for step in sql if packaged.get(step.name) is not step}

    def towards(self, names: Collection[str], given: Collection[str] = ()) -> list[Step]:
        """The steps that ``names`` need, in order, with nothing run that only leads to what is ``given``."""
        open_needs = {made: () if made in given else needed for made, needed in self.needs.items()}
        wanted = set(names).union(*(graph.ancestors(name, open_needs) for name in names)) - set(given)
        return [step for step in self.steps if wanted.intersection(step.writes)]


def plan(sql: Path | None = None) -> Plan:
    """The pipeline, with the .sql files of the folder ``sql`` in place of, or beside, duckmark's own.

    Raises PipelineError, beginning with file and line, on a cycle, an input that nothing makes, a table that a model
    makes already, or bad SQL.
    """
    steps: list[Step] = [*read_pipeline(sql).values(), *MODELS.values()]
    for rehearsal in REHEARSALS:
        so_far = _plan(steps, GIVEN | LATER)
        steps.append(rehearsal.model(so_far.towards(rehearsal.towards, rehearsal.given), so_far.needs))
    return _plan(steps, GIVEN)


def _plan(steps: list[Step], given: Collection[str]) -> Plan:
    _require_one_maker(steps)
    given = set(given).difference(*(step.writes for step in steps))
    return Plan(graph.ordered(steps, given), graph.dependencies(steps, given))


def _require_one_maker(steps: list[Step]) -> None:
    """Raise PipelineError where an analyst's SQL makes what a model makes, which comes after all SQL in ``steps``."""
    makers: dict[str, Step] = {}
    for step in steps:
        for name in step.writes:
            if name in makers:
                raise PipelineError(f"{makers[name].where}: {name} is already made by {step.where}")
            makers[name] = step
