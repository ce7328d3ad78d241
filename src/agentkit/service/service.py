"""The service: an orchestrator and the workflows it offers, for every door.

Rules: what may be asked is written once, in `Desk`; a door translates its protocol to a call of a desk and back, and
decides nothing.
"""

from __future__ import annotations

from .callers import LOCAL, Caller
from .desk import Desk
from .premises import Premises

__all__ = ["Service"]


class Service(Premises):
    """What all doors share.

    Args:
        orchestrator: Who runs operations; it is open as long as the service is used.
        workflows: What is offered, by name.
        limits: The bounds to keep.
        direct: The agents that whoever may run anything may also ask for one piece of work by themselves, without a
            workflow around them; `"*"` is all. By default only admins may: it is workflows that ask people first.
        modules: The names of agents by the module they came from, for those who ask.

    Raises:
        DefinitionError: Two workflows have the same name, or one names an agent that is not there.

    Example:
        >>> import asyncio
        >>> from agentkit import Orchestrator, Stage, Task, Workflow, agent
        >>> from agentkit.wire import SubmitRequest
        >>> @agent
        ... async def greet(task: Task[dict[str, str]]) -> str:
        ...     return f"Hello {task.input['name']}"
        >>> flow = Workflow("greet", [Stage("greet", agent="greet")])
        >>> async def main() -> None:
        ...     async with Orchestrator([greet]) as orchestrator:
        ...         desk = Service(orchestrator, [flow]).desk()
        ...         page = await desk.submit(SubmitRequest(workflow="greet", input={"name": "Ada"}))
        ...         async for page in desk.progress(page.id):
        ...             pass
        ...         print((await desk.result(page.id)).output)
        >>> asyncio.run(main())
        Hello Ada
    """

    def desk(self, caller: Caller = LOCAL, *, trace: str = "") -> Desk:
        """Where one caller is served.

        Args:
            caller: Who.
            trace: The trace that what they start belongs to, as a `traceparent`.
        """
        return Desk(self, caller, trace=trace)
