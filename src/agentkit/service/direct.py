"""One piece of work for one agent, without a workflow that somebody wrote.

Rules: it becomes an operation like all others, of one stage that is called as the agent is. Only admins may ask any
agent directly; others may ask those that the service names, since a question to people stands in a workflow and a
caller must not get around it.
"""

from __future__ import annotations

from collections.abc import Mapping

from agentkit.errors import NotAllowed, NotFound
from agentkit.kernel import Stage, Workflow
from agentkit.wire import ExecuteRequest

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


def single_workflow(request: ExecuteRequest, agents: Mapping[str, object]) -> Workflow[object]:
    """The workflow of one stage around one agent.

    Raises:
        NotFound: No such agent works here.
    """
    if request.agent not in agents:
        raise NotFound(f"no agent {request.agent!r} works here; there are: {', '.join(sorted(agents)) or 'none'}")
    # What a caller writes is a text: no braces of it are placeholders.
    words = request.task.replace("{", "{{").replace("}", "}}")
    stage = Stage(request.agent, agent=request.agent, instruction=words, timeout=request.timeout)
    return Workflow(request.agent, [stage])
