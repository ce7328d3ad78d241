"""One piece of work for one agent, without a workflow that somebody wrote.

Rules: it becomes an operation like all others, of one stage that is called as the agent is. Only admins may ask any
agent directly; others may ask those that the service names, since a question to people stands in a workflow and a
caller must not get around it, not by running again what an admin has run either.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from agentkit.errors import NotAllowed, NotFound
from agentkit.kernel import Stage, Workflow

from .callers import Caller
from .choosing import check_agents, may_ask
from .premises import Premises

__all__ = ["check_again", "check_direct", "single_workflow"]


def check_direct(caller: Caller, agent: str, premises: Premises) -> None:
    """Make sure that a caller may ask an agent directly.

    Raises:
        NotAllowed: They may not.
    """
    if not may_ask(caller, agent, premises):
        raise NotAllowed(
            f"{caller.name} may not ask agent {agent!r} directly: start a workflow that is offered, ask as an admin, or"
            f" have the server allow it: agentkit serve --direct {agent}"
        )


def check_again(caller: Caller, workflow: Workflow[object], premises: Premises) -> None:
    """Make sure that a caller may run a workflow that somebody has run: an admin may have run what they may not.

    An earlier version of a workflow that is offered counts as that one, but for stages whose agents are others.

    Raises:
        NotAllowed: They may not.
    """
    offered = premises.workflows.get(workflow.name)
    # What a journal keeps of a workflow has no type of its output.
    is_same = offered is not None and replace(workflow, returns=None) == replace(offered, returns=None)
    if caller.may("admin") or is_same:
        return
    if _is_single(workflow):
        check_direct(caller, workflow.name, premises)
    elif offered is not None:
        check_agents(caller, workflow, offered, premises)
    else:
        raise NotAllowed(
            f"{caller.name} may not run workflow {workflow.name!r} again: it is none that is offered here; ask as an"
            f" admin"
        )


def _is_single(workflow: Workflow[object]) -> bool:
    """Whether a workflow may have been made of one agent, as by `single_workflow`."""
    first = workflow.stages[0]
    return len(workflow.stages) == 1 and workflow.name == first.name == first.agent and first.approval is None


def single_workflow(agent: str, task: str, timeout: float | None, *, known: Collection[str]) -> Workflow[object]:
    """The workflow of one stage around one agent.

    Args:
        agent: Who works.
        task: What they are told: a text, in which no braces are placeholders.
        timeout: Seconds that it may take.
        known: Who works here.

    Raises:
        NotFound: No such agent works here.

    Example:
        >>> single_workflow("greet", "Say {hello}", None, known=["greet"])["greet"].instruction
        'Say {{hello}}'
    """
    if agent not in known:
        raise NotFound(f"no agent {agent!r} works here; there are: {', '.join(sorted(known)) or 'none'}")
    words = task.replace("{", "{{").replace("}", "}}")
    return Workflow(agent, [Stage(agent, agent=agent, instruction=words, timeout=timeout)])
