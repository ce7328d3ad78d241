"""Who does what, after what: the workflow of `support.yaml`, which `python -m examples.support.workflow` writes."""

from __future__ import annotations

from typing import Final

from agentkit import Allowance, Map, RetryPolicy, Stage, Workflow, dump_workflow

from .agents import TEAM
from .model import HERE, Report

BUDGET: Final = Allowance(money="1.00", currency="USD")
"""What the models of a run may cost. What customers get back is another matter, and never waits for this money."""

SUPPORT: Final = Workflow(
    "support",
    description="Read a shop's mails, sort and answer them, and refund what the rules and people agree to.",
    result="report",
    returns=Report,
    group_budgets={"models": BUDGET},
    stages=[
        Stage("read", agent="read_mails"),
        Stage(
            "triage",
            agent="triage",
            after=["read"],
            map=Map("read", parallel=4),
            group="models",
            retry=RetryPolicy(attempts=3, delay=1),
            fallback=["leave_to_people"],
        ),
        Stage("check", agent="check", after=["read", "triage"]),
        Stage(
            "answer",
            workflow=TEAM.workflow,
            after=["check"],
            map=Map("check", path="answer", parallel=4, on_failure="keep", quorum=0),
            group="models",
        ),
        Stage(
            "refund",
            agent="refund",
            after=["check"],
            map=Map("check", path="refund"),  # all at once: one that waits for people holds up no other
            retry=RetryPolicy(attempts=5),  # a refund of which nobody knows is looked up, and not paid again
        ),
        Stage("report", agent="report", after=["check", "answer", "refund"]),
    ],
)

if __name__ == "__main__":
    head = "# Written by `python -m examples.support.workflow`; workflow.py says the same in fewer words.\n"
    (HERE / "support.yaml").write_text(head + dump_workflow(SUPPORT, "yaml"), encoding="utf-8")
