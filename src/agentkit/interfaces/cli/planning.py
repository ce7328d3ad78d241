"""`plan`, `fork`, `compare` and `check --against`: before a run, beside a run, before a release."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from rich.text import Text

from agentkit.errors import NotFound
from agentkit.orchestrator import Orchestrator, RunCheck
from agentkit.service import comparison_line, load_workflow, plan_line
from agentkit.views import one_line

from .ending import finish, guarded
from .finding import existing, find_operation
from .inputs import Request, given_input
from .means import Means
from .running import follow_operations
from .screen import errors, output

__all__ = ["Other", "check_against", "compare_two", "fork_one", "plan_file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """What is to be different in a fork.

    Attributes:
        at: The stage that runs again.
        workflow: Another definition.
        request: Another input, a key and who asks.
    """

    at: str | None
    workflow: Path | None
    request: Request


def plan_file(path: Path, means: Means, request: Request, *, runs: int, as_json: bool) -> None:
    """Show what a workflow would do; the exit code says whether anything is missing."""

    async def work() -> int:
        workflow = load_workflow(path).with_agents(request.agents)
        given = await given_input(request)
        async with _without_making(means) as orchestrator:
            plan = await orchestrator.plan(workflow, given, runs=runs)
        sys.stdout.write((plan_line(plan).model_dump_json() if as_json else str(plan)) + "\n")
        return 0 if plan.can_run else 1

    finish(guarded(work))


class _Change(TypedDict, total=False):
    """What a fork gets in place of what the other operation had."""

    input: object


def fork_one(beginning: str, means: Means, other: Other, *, as_json: bool) -> None:
    """Begin a fork of an operation, and follow it to its end."""

    async def work() -> int:
        request = other.request
        workflow = None if other.workflow is None else load_workflow(other.workflow)
        change: _Change = {}
        if request.given or request.input_file:
            change["input"] = await given_input(request)
        async with means.orchestrator(existing(means.store)) as orchestrator:
            found = await find_operation(orchestrator, beginning)
            if workflow is None:
                means.check_resources((await orchestrator.get(found)).workflow)
            operation = await orchestrator.fork(
                found, at=other.at, workflow=workflow, key=request.key, by=request.by, **change
            )
            errors().print(Text(f"{operation.id} is a fork of {found}"), soft_wrap=True)
            return await follow_operations(orchestrator, [operation], means, as_json=as_json)

    finish(guarded(work))


def compare_two(first: str, second: str, *, store: str, as_json: bool) -> None:
    """Show two operations side by side."""

    async def work() -> int:
        async with Orchestrator(store=existing(store), adopt=False) as orchestrator:
            ids = [await find_operation(orchestrator, beginning) for beginning in (first, second)]
            comparison = await orchestrator.compare(*ids)
        text = comparison_line(comparison).model_dump_json() if as_json else str(comparison)
        sys.stdout.write(text + "\n")
        return 0

    finish(guarded(work))


def check_against(paths: Sequence[Path], means: Means) -> None:
    """Say which operations in flight can be finished by the agents that are here."""

    async def work() -> int:
        newest = [load_workflow(path) for path in paths]
        store = existing(means.store)
        async with means.orchestrator(store) as orchestrator:
            for workflow in newest:
                orchestrator.check(workflow)
            checks = await orchestrator.check_runs(newest)
        console = output()
        for check in checks:
            for line in _check_lines(check):
                console.print(Text(line), soft_wrap=True)
        stuck = sum(not check.can_finish for check in checks)
        said = f"{len(checks)} in flight in {means.store}: {len(checks) - stuck} can be finished here, {stuck} cannot"
        errors().print(Text(said), soft_wrap=True)
        return 1 if stuck else 0

    finish(guarded(work))


def _check_lines(check: RunCheck) -> Sequence[str]:
    changed = ", by an older definition" if check.changed else ""
    word = "can be finished" if check.can_finish else "cannot be finished"
    head = f"{check.operation_id}  {one_line(check.workflow, 60)}  {check.status}: {word}{changed}"
    return [head, *(f"  {one_line(problem, 500)}" for problem in check.problems)]


def _without_making(means: Means) -> Orchestrator:
    """An orchestrator on a store that is there; where none is, there is no past."""
    try:
        return means.orchestrator(existing(means.store))
    except NotFound:
        return Means(agents=means.agents, resources=means.resources).orchestrator()
