"""The order of the pipeline, read from what each step reads and writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from duckmark.errors import PipelineError
from duckmark.steps import SqlStep, Step


def dependencies(steps: Iterable[Step], given: Collection[str]) -> dict[str, set[str]]:
    """For each relation or macro, what it is directly made of.

    ``given`` names relations that exist before the pipeline runs. Raises PipelineError with file and line
    where a step reads a relation that nothing makes.
    """
    steps = list(steps)
    made = {name for step in steps for name in step.writes}
    return {name: _inputs(step, made, given) for step in steps for name in step.writes}


def _inputs(step: Step, made: Collection[str], given: Collection[str]) -> set[str]:
    if not isinstance(step, SqlStep):
        return set(step.reads)
    inputs = set()
    for name, line in step.reads.items():
        called = name.removesuffix("()")
        if name == step.name:
            raise PipelineError(f"{step.path}:{line}: a cycle: {step.name} reads itself")
        if called != step.name and (called in made or called in given):
            inputs.add(called)
        elif name == called:
            raise PipelineError(f"{step.path}:{line}: {step.name} reads {name}, which nothing makes")
    return inputs


def ordered(steps: Collection[Step], given: Collection[str]) -> list[Step]:
    """The steps, each after all it reads; ties go by stage and name. Raises PipelineError on a cycle."""
    by_name = {step.name: step for step in steps}
    sorter = TopologicalSorter(waits(steps, dependencies(steps, given)))
    try:
        sorter.prepare()
    except CycleError as error:
        cycle = error.args[1]
        places = " -> ".join(f"{name} ({by_name[name].where})" for name in reversed(cycle))
        first = next((name for name in cycle if isinstance(by_name[name], SqlStep)), cycle[0])
        raise PipelineError(f"{by_name[first].where}: a cycle: {places}") from None
    result: list[Step] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        result += (by_name[name] for name in ready)
        sorter.done(*ready)
    return result


def waits(steps: Collection[Step], needs: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    """For each step, by name, those of the others that make what it is directly made of."""
    maker = {name: step.name for step in steps for name in step.writes}
    return {step.name: {maker[i] for w in step.writes for i in needs[w] if i in maker} for step in steps}


def ancestors(name: str, needs: Mapping[str, Collection[str]]) -> set[str]:
    """Everything ``name`` is made of, however far back."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        new = set(needs.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return found
