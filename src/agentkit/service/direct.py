"""One piece of work for one agent, without a workflow that somebody wrote.

Rules: it becomes an operation like all others, of one stage that is called as the agent is. Only admins may ask any
agent directly; others may ask those that the service names, since a question to people stands in a workflow and a
caller must not get around it.
"""

from __future__ import annotations

from collections.abc import Collection

from agentkit.errors import NotAllowed, NotFound
from agentkit.kernel import Stage, Workflow

from .callers import Caller
from .premises import Premises

__all__ = ["check_direct", "single_workflow"]


def check_direct(caller: Caller, agent: str, premises: Premises) -> None:
    """Make sure that a caller may ask an agent directly.

    Raises:
        NotAllowed: They may not.
    """
    if not (caller.may("admin") or {"*", agent} & premises.direct):
        raise NotAllowed(
            f"{caller.name} may not ask agent {agent!r} directly: start a workflow that is offered, ask as an admin, or"
            f" have the server allow it: agentkit serve --direct {agent}"
        )


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
