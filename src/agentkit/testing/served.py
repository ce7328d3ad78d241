"""What `check_calls` has served: agents, workflows and callers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Never, cast

from agentkit.agents import Agent, Task, agent
from agentkit.errors import GiveUp
from agentkit.kernel import Approval, RetryPolicy, Stage, Workflow
from agentkit.service import Caller, Scope

__all__ = ["FILE", "Served", "served"]

FILE: Final = bytes(range(256)) * 1_000
"""What is in the file that an agent gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What a check wants to be served.

    Attributes:
        agents: Who works.
        workflows: What is offered.
        callers: Who asks; one `Calls` is wanted for each.
        webhook_secret: What ends are announced with.
    """

    agents: Sequence[Agent[Never, object]]
    workflows: Sequence[Workflow[object]]
    callers: Sequence[Caller]
    webhook_secret: str


@agent(name="greet")
async def _greet(task: Task[dict[str, str]]) -> str:
    """Says hello."""
    task.progress(0.5, "half of it")
    await task.attach("greeting.bin", FILE, media_type="application/x-greeting")
    return f"Hello {task.input['name']}"


@agent(name="broken")
async def _broken(task: Task[Any]) -> str:
    raise GiveUp("there is no ink")


@agent(name="pay")
async def _pay(task: Task[Any]) -> Any:
    return dict(task.approval_given.form) if task.approval_given else None


_PAYMENT = Approval(
    by={"finance"},
    form={"amount": "decimal", "note": "text?", "day": "date?"},
    proposed={"note": "as agreed", "day": "2026-01-31"},
)


def served() -> Served:
    """What `check_calls` wants to be served."""
    flows: list[Workflow[object]] = [
        Workflow("greet", [Stage("greet", agent="greet")], description="Says hello"),
        Workflow("broken", [Stage("print", agent="broken", retry=RetryPolicy(attempts=1))]),
        Workflow("pay", [Stage("pay", agent="pay", approval=_PAYMENT)]),
        Workflow("either", [Stage("hail", agent="broken", fallback=["greet"], retry=RetryPolicy(attempts=1))]),
        Workflow("ask", [Stage("ask", signal="answer")]),
    ]
    may: Sequence[Scope] = ("read", "run", "approve")
    return Served(
        agents=cast("list[Agent[Never, object]]", [_greet, _broken, _pay]),
        workflows=flows,
        callers=[
            Caller(name="ada", tenant="acme", scopes=may, roles={"finance"}),
            Caller(name="bob", tenant="acme", scopes=may, roles={"finance"}),
            Caller(name="eve", tenant="other", scopes=may, roles={"finance"}),
            Caller(name="root"),
            Caller(name="amy", tenant="acme"),
            Caller(name="zoe", tenant="other"),
        ],
        webhook_secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",  # noqa: S106 - of the example in the standard
    )
