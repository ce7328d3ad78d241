"""What a box says of its stage in a few words: what it does, what is special about it, and how it gets on.

Rules: a fact is short enough for a badge; what is as by default is not said.
"""

from __future__ import annotations

from collections.abc import Iterator

from agentkit.kernel.definition.approval import Approval
from agentkit.kernel.definition.controls import When
from agentkit.kernel.definition.stage import Stage
from agentkit.kernel.state.standing import StageState
from agentkit.kernel.state.state import State
from agentkit.kernel.state.status import STAGE_ENDS

from .lettering import seconds_text

__all__ = ["badges_of", "condition_text", "note_of", "work_of"]

_TIMES = "\N{MULTIPLICATION SIGN}"


def work_of(stage: Stage) -> str:
    """What a stage does on which no agent works."""
    if stage.workflow is not None:
        return f"workflow {stage.workflow.name}"
    if stage.wait_seconds is not None:
        return f"waits {seconds_text(stage.wait_seconds)}"
    if stage.signal is not None:
        return f"signal {stage.signal}"
    return "" if stage.approval is None else _approval(stage.approval)


def badges_of(stage: Stage) -> tuple[str, ...]:
    """What is special about a stage."""
    return tuple(_badges(stage))


def _badges(stage: Stage) -> Iterator[str]:
    if not stage.required:
        yield "optional"
    if stage.condition is not None:
        yield f"if {condition_text(stage.condition)}"
    if stage.approval is not None and (stage.agents or work_of(stage) != _approval(stage.approval)):
        yield _approval(stage.approval)
    if stage.items is not None:
        parallel = "" if stage.items.parallel is None else f", {stage.items.parallel:,} at once"
        yield f"{_TIMES} n{parallel}"
    if stage.loop is not None:
        yield f"up to {stage.loop.most:,} turns"
    if stage.retry.attempts > 1:
        yield f"{stage.retry.attempts:,}{_TIMES}"
    if stage.timeout is not None:
        yield seconds_text(stage.timeout)
    if stage.effect == "at_most_once":
        yield "at most once"
    if stage.minimal is not None:
        yield "minimal answer"
    if stage.undo is not None:
        yield f"undo {stage.undo}"


def condition_text(condition: When) -> str:
    """A condition as people write it.

    Example:
        >>> condition_text(When("extract", path="rows", at_least=1))
        'extract.rows ≥ 1'
    """
    value = ".".join(filter(None, (condition.stage or ("" if condition.path else "input"), condition.path)))
    signs = (
        ("=", condition.equals),
        ("≠", condition.differs),
        (">", condition.above),
        ("<", condition.below),
        ("≥", condition.at_least),
        ("≤", condition.at_most),
    )
    compared = [
        f"{sign} {str(bound).lower() if isinstance(bound, bool) else bound}"
        for sign, bound in signs
        if bound is not None
    ]
    if condition.present is not None:
        compared.append("is there" if condition.present else "is not there")
    return f"{value} {' and '.join(compared)}".strip()


def _approval(approval: Approval) -> str:
    count = "approval" if approval.quorum == 1 else f"{approval.quorum:,} approvals"
    return f"{count} of {' or '.join(approval.by)}" if approval.by else count


def note_of(state: State, number: int) -> str:
    """Which try it is, how many items are done, what it waits for, or why it failed."""
    now = state.touched.get(number)
    if now is None:
        return ""
    stage = state.workflow.stages[number]
    undoing = state.number(f"{stage.name}:undo")
    if undoing >= 0 and now.status == "completed":
        over = state.touched[undoing].status in STAGE_ENDS if undoing in state.touched else False
        return "not undone" if over else "being undone"
    if now.status in ("running", "retrying"):
        return f"{now.tries} of {stage.retry.attempts:,}" if now.tries and stage.retry.attempts > 1 else ""
    if now.status == "expanded":
        return _parts(stage, now)
    if now.status in ("waiting", "in_doubt"):
        return _waits(stage, now)
    if now.status == "failed":
        return now.failure.code if now.failure else ""
    parts = now.more.parts if now.more is not None else None
    return f"{parts.failed:,} of {parts.count:,} failed" if parts is not None and parts.failed else ""


def _parts(stage: Stage, now: StageState) -> str:
    parts = now.more.parts if now.more is not None else None
    if parts is None:
        return ""
    if stage.loop is not None:
        return f"turn {parts.begun:,} of {stage.loop.most:,}"
    failed = f", {parts.failed:,} failed" if parts.failed else ""
    return f"{parts.ended:,} of {parts.count:,}{failed}"


def _waits(stage: Stage, now: StageState) -> str:
    more = now.more
    if now.status == "in_doubt":
        return " ".join(filter(None, more.doubt or ())) if more is not None else ""
    if more is not None and more.open_question is not None:
        question = more.questions[more.open_question]
        votes = sum(vote.approve for vote in question.votes.values())
        return "for approval" + (f", {votes} of {question.approval.quorum}" if question.approval.quorum > 1 else "")
    return "for its time" if stage.signal is None else f"for signal {stage.signal}"
