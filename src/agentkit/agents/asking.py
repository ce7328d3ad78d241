"""What an agent asks people: `task.approval(...)` and what they decided.

Rules: a question is known by its name, once per stage. As long as nobody has decided, asking ends the attempt: no task,
no thread and no lease waits. When there is an answer the agent is run again from its beginning, and the same call then
gives the answer. So what is done before asking is done again; what must not be is an effect, or stands behind it.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypedDict, cast

from agentkit.errors import InputError, UsageError

from .notes import Paused
from .values import ANY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentkit.kernel import BusinessDays, RunAttempt, Seconds

__all__ = ["ApprovalAnswer", "ApprovalSettings", "answer_to", "answers_of", "ask"]

_MOST_LETTERS = 200


class ApprovalSettings(TypedDict, total=False):
    """Who has to agree, by when, and what they fill in: the settings of an `Approval`."""

    by: Iterable[str]
    quorum: int
    question: str
    deadline: Seconds | BusinessDays | None
    remind: Seconds | None
    escalate: Seconds | None
    escalate_to: Iterable[str]
    on_expiry: Literal["refuse", "approve"]
    form: Mapping[str, str]
    by_requester: bool
    proposed: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalAnswer:
    """What people decided. It is true if they approved; awaiting it gives it again.

    Attributes:
        approved: Whether they approved.
        by: Who decided so, in the order of their votes; empty if the deadline decided.
        expired: Whether the deadline decided.
        form: What they filled in, by field, as plain JSON data: decimals and dates are texts. Where several filled in
            the same field, the last one counts. If they approved, what nobody changed is as it was proposed.
        comments: What they said, by person.

    Example:
        >>> from agentkit import Task
        >>> task = Task.standalone(120, approvals={"refund": ApprovalAnswer(approved=True, by=("ada",))})
        >>> answer = task.approval("refund", by={"finance"}, question="Refund 120 EUR?")
        >>> bool(answer), answer.by
        (True, ('ada',))
    """

    approved: bool
    by: tuple[str, ...] = ()
    expired: bool = False
    form: Mapping[str, object] = field(default_factory=dict[str, object])
    comments: Mapping[str, str] = field(default_factory=dict[str, str])

    @staticmethod
    def parse(text: str) -> ApprovalAnswer:
        """Read an answer as the journal has it, and as a stage of only an approval gives it."""
        found = json.loads(text)
        return ApprovalAnswer(
            approved=found["approved"],
            by=tuple(found["by"]),
            expired=found["expired"],
            form=found["form"],
            comments=found["comments"],
        )

    def __bool__(self) -> bool:
        return self.approved

    def __await__(self) -> Generator[None, None, ApprovalAnswer]:
        yield
        return self


def answer_to(command: RunAttempt, name: str) -> ApprovalAnswer | None:
    """What people decided on a question; None if they have not, or were not asked. The stage's own has no name."""
    situation = command.situation
    text = None if situation is None else situation.approvals.get(name)
    return None if text is None else ApprovalAnswer.parse(text)


def ask(command: RunAttempt, name: str, settings: ApprovalSettings, *, is_alone: bool) -> ApprovalAnswer:
    """What people decided on a question of an agent; without an answer, the attempt is over until there is one.

    Args:
        command: The attempt that asks.
        name: What the agent calls the question.
        settings: What is asked, and who has to agree.
        is_alone: Whether nobody is there who could answer.

    Raises:
        InputError: The name is empty or too long.
        DefinitionError: A setting is not valid.
        UsageError: Nobody is there who could answer.
    """
    from agentkit.kernel import Approval, Asked

    where = f"operation {command.operation_id}, stage {command.stage!r}"
    if not isinstance(cast("object", name), str) or not 0 < len(name) <= _MOST_LETTERS:
        raise InputError(f"{where}: a question needs a name of 1 to {_MOST_LETTERS} letters, not {name!r:.100}")
    approval = Approval(**settings)
    approval.check_literal()
    answer = answer_to(command, name)
    if answer is not None:
        return answer
    if is_alone:
        raise UsageError(
            f"this task asks {name!r}, and nobody is there to answer: give Task.standalone(...,"
            f" approvals={{{name!r}: True}}), or run it in a workflow"
        )
    raise Paused(Asked(name=name, approval=approval, question=approval.question))


def answers_of(given: Mapping[str, ApprovalAnswer | bool]) -> Mapping[str, str]:
    """Answers as an attempt is given them; True and False are an answer without any more.

    Raises:
        InputError: One of them is no answer.
        UnstorableValue: What was filled in is no plain JSON data.
    """
    made: dict[str, str] = {}
    for name, answer in given.items():
        known = answer if isinstance(answer, ApprovalAnswer) else _plain_answer(name, answer)
        made[name] = ANY.encode(
            {
                "approved": known.approved,
                "by": list(known.by),
                "expired": known.expired,
                "form": dict(known.form),
                "comments": dict(known.comments),
            }
        )
    return made


def _plain_answer(name: str, given: object) -> ApprovalAnswer:
    if not isinstance(given, bool):
        raise InputError(f"approvals: {name!r} must be True, False or an ApprovalAnswer, not {given!r:.100}")
    return ApprovalAnswer(approved=given)
