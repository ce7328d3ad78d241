"""Plans: what a workflow would do here, out of what happened before; nothing runs.

Rules: whatever would keep it from running is a problem in the plan, never an exception, so that all of it is seen at
once. The past is the newest journals of the store; one that is damaged is no past.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from agentkit.agents import AgentRegistry
from agentkit.engines import check_placeholders, instruction_values
from agentkit.errors import AgentKitError, DefinitionError, InputError, StoreUnavailable
from agentkit.kernel import Workflow
from agentkit.views import ExecutionPlan, History, plan_of

from .limits import Limits
from .running.runtime import Runtime
from .submission import encode_input

__all__ = ["plan_here"]


async def plan_here(
    runtime: Runtime,
    workflow: Workflow[object],
    given: object,
    *,
    resources: Mapping[str, int],
    limits: Limits,
    runs: int,
    tenant: str | None,
) -> ExecutionPlan:
    """What a workflow would do here with an input.

    Args:
        runtime: Where it would run.
        workflow: What is to be done.
        given: The input.
        resources: How many attempts may use each limited resource at once.
        limits: The bounds that are in force.
        runs: How many of the newest operations to look at, of this workflow and of all.
        tenant: Whose operations to look at; None looks at everybody's.

    Raises:
        Closed: The store is closed.
        StoreUnavailable: The store does not answer.
    """
    problems: list[str] = []
    text = "null"
    try:
        text = encode_input(given, limits.max_result)
    except AgentKitError as error:
        problems.append(f"input: {error}")
    problems.extend(_problems(workflow, text, runtime.agents, resources))
    return plan_of(
        workflow,
        text,
        await _history(runtime, workflow.name, runs, tenant),
        most=limits.max_parallel,
        resources=resources,
        defaults=dict(_defaults(workflow, limits)),
        problems=problems,
    )


async def _history(runtime: Runtime, name: str, runs: int, tenant: str | None) -> History:
    history = History(name)
    own = await runtime.store.find(name=name, tenant=tenant, limit=runs) if runs else ()
    others = await runtime.store.find(tenant=tenant, limit=runs) if runs else ()
    for stream in dict.fromkeys(line.stream for line in (*own, *others)):
        try:
            journal = await runtime.store.read(stream)
            if journal:
                history.add(journal)
        except StoreUnavailable:
            raise
        except AgentKitError:
            continue
    return history


def _problems(
    workflow: Workflow[object], text: str, agents: AgentRegistry, resources: Mapping[str, int]
) -> Iterator[str]:
    """What is missing, one line each."""
    try:
        workflow.check_agents(agents, resources)
    except DefinitionError as error:
        yield from error.problems
    try:
        check_placeholders(workflow, instruction_values(text))
    except DefinitionError as error:
        yield from error.problems
    for number, stage in enumerate(workflow.stages):
        known = [entry for name in stage.agents if (entry := agents.find(name)) is not None]
        for entry in known:
            refusal = entry.agent.personality.refusal(stage.name, stage.expertise) if stage.expertise else None
            if refusal:
                yield refusal
        if known and not workflow.graph.dependencies[number] and stage.items is None:
            try:
                known[0].input_type.decode(text)
            except InputError as error:
                yield f"stage {stage.name!r}: agent {known[0].agent.name!r} does not take this input: {error}"


def _defaults(workflow: Workflow[object], limits: Limits) -> Iterator[tuple[str, str]]:
    """What holds where the workflow says nothing, in words."""
    workers = [stage for stage in workflow.stages if stage.agent]
    if workflow.timeout is None:
        yield "time limit", "none for the whole operation"
    untimed = [stage.name for stage in workers if stage.timeout is None and stage.retry.attempt_timeout is None]
    if untimed:
        yield "no time limit", _listed(untimed)
    once = [stage.name for stage in workers if stage.retry.attempts == 1 and not stage.fallback]
    if once:
        yield "tried once, without a fallback", _listed(once)
    if workflow.budget is None:
        yield "budget", "none for the whole operation"
    yield "attempts at once", str(min(limits.max_parallel, workflow.max_parallel or limits.max_parallel))
    yield "largest value", f"{limits.max_result:,} characters of JSON"


def _listed(names: list[str], most: int = 10) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
