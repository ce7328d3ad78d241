"""Who does which stage: what a caller may change about a workflow that is offered.

Rules: an agent that could be asked for anything would be asked for what a question to people is to prevent. So an agent
does a stage instead of its own if it is one of that stage's fallbacks, or if the caller may ask it directly.
"""

from __future__ import annotations

from collections.abc import Mapping

from agentkit.errors import DefinitionError, InputError, NotAllowed
from agentkit.kernel import Workflow

from .callers import Caller
from .premises import Offered, Premises

__all__ = ["check_agents", "may_ask", "with_choice"]


def may_ask(caller: Caller, agent: str, premises: Premises) -> bool:
    """Whether a caller may ask an agent for anything: as an admin, or since the service lets everybody."""
    return caller.may("admin") or not {"*", agent}.isdisjoint(premises.direct)


def with_choice(caller: Caller, workflow: Offered, chosen: Mapping[str, str], premises: Premises) -> Offered:
    """The workflow as a caller wants it: with other agents for some of its stages.

    Raises:
        InputError: It has no such stage, or none that an agent works on, or there is no such agent, or one that lacks
            what the stage asks for.
        NotAllowed: The caller may not have that agent do it.
    """
    if not chosen:
        return workflow
    try:
        changed = workflow.with_agents(chosen)
        premises.check(changed)
    except DefinitionError as error:
        raise InputError(str(error)) from error
    check_agents(caller, changed, workflow, premises)
    return changed


def check_agents(caller: Caller, workflow: Workflow[object], offered: Workflow[object], premises: Premises) -> None:
    """Make sure that a caller may have each stage done by the agent that it names, given what is offered.

    Raises:
        NotAllowed: They may not.
    """
    for stage in workflow.stages:
        if not stage.agent or stage.name not in offered.graph.index:
            continue
        usual = offered[stage.name].agents
        if stage.agent not in usual and not may_ask(caller, stage.agent, premises):
            raise NotAllowed(
                f"{caller.name} may not have agent {stage.agent!r} do stage {stage.name!r}, which is for"
                f" {' or '.join(usual) or 'no agent'}: ask as an admin, or have the server allow it:"
                f" agentkit serve --direct {stage.agent}"
            )
