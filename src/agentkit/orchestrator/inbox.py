"""What waits for people: questions to decide and work in doubt, of one operation or of all.

Rules: who waits for what stands in the summaries, so an inbox reads only the journals of those that wait; an operation
whose journal cannot be read hides no other. What is shown is how things stood when it was read: a vote is checked again
when it is written.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from agentkit.agents import ApprovalAnswer
from agentkit.errors import JournalCorrupt
from agentkit.kernel import (
    DoubtRaised,
    EffectIntended,
    Event,
    OperationAdopted,
    Question,
    State,
    VoteCast,
    answer_of,
    replay,
)
from agentkit.markup import bundle, columns, table
from agentkit.views import form_words, moment_text, one_line

from .running.runtime import Runtime

__all__ = ["ApprovalRequest", "Doubt", "doubts_of", "find_doubts", "find_requests", "requests_of"]

_log = logging.getLogger("agentkit")
_PAGE = 100
_VOTING = ("running", "compensating")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequest:
    """A question that people are asked, and how it stands.

    Attributes:
        operation_id: Whose question.
        workflow: The operation's workflow, by its name.
        stage: The stage, item or turn that asks: what `Operation.approve` is given.
        name: What the agent calls it; the stage's own approval has no name.
        question: What people are asked.
        roles: Who may vote now: anybody with one of these roles; empty is anybody.
        quorum: How many different people have to agree.
        votes: Who voted so far, in order.
        asked_at: Since when, in seconds since 1970.
        deadline: When time decides; None is never.
        form: Fields that may be filled in, by name: `text`, `whole`, `decimal`, `flag`, `date`, with `?` if optional.
        escalated: Whether nobody decided in time, so that more roles may vote.
        is_open: Whether a vote counts now.
        decided: What was decided; None as long as nothing is.
        requester: Who started the operation, if it is known; they may not vote, unless `by_requester`.
        by_requester: Whether the requester may vote.
        proposed: What was proposed for the form, by field, as plain JSON data.
        offered: What the form holds for whoever votes next: what was proposed, as those who agreed have changed it.
            Whoever agrees agrees to it, but for what they change.
    """

    operation_id: str
    workflow: str
    stage: str
    name: str
    question: str
    roles: tuple[str, ...]
    quorum: int
    votes: tuple[VoteCast, ...]
    asked_at: float
    deadline: float | None
    form: Mapping[str, str]
    escalated: bool
    is_open: bool
    decided: ApprovalAnswer | None
    requester: str | None
    by_requester: bool
    proposed: Mapping[str, object] = field(default_factory=dict[str, object])
    offered: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def agreed(self) -> int:
        """How many have agreed so far."""
        return sum(vote.approve for vote in self.votes)

    def is_for(self, roles: Iterable[str]) -> bool:
        """Whether somebody with these roles may vote."""
        return not self.roles or not set(self.roles).isdisjoint(roles)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """The question and how it stands, as text and HTML, for notebooks."""
        facts = [("field", "value"), *((name, words) for name, words in self._facts() if words)]
        return bundle("\n".join(columns(facts)), table(facts, title=one_line(self.question, 1_000)))

    def _facts(self) -> Iterator[tuple[str, str]]:
        yield "asked by", f"{self.workflow}, stage {self.stage}" + (f", {self.name}" if self.name else "")
        yield "of", one_line(" or ".join(self.roles)) or "anybody"
        yield "agreed", f"{self.agreed} of {self.quorum}"
        yield "until", "" if self.deadline is None else moment_text(self.deadline)
        yield "to fill in", ", ".join(f"{name}: {kind}" for name, kind in self.form.items())
        yield "proposed", form_words(self.offered)
        yield "decided", "not yet" if self.decided is None else "agreed" if self.decided.approved else "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Work of which nobody knows whether it happened, and on which a person decides: see `Operation.settle`.

    Attributes:
        operation_id: Whose work.
        workflow: The operation's workflow, by its name.
        stage: The stage, item or turn: what `Operation.settle` is given.
        reason: Why it is in doubt.
        effect: The effect that is in doubt; empty if it is the whole attempt.
        key: What the effect was done to.
        since: Since when, in seconds since 1970.
        about: What the agent said of the effect, as plain JSON data: of a model's tool, its arguments as `given`. Empty
            if it said nothing, and for what is carried over from another operation.
    """

    operation_id: str
    workflow: str
    stage: str
    reason: str
    effect: str
    key: str
    since: float
    about: Mapping[str, object] = field(default_factory=dict[str, object])


def requests_of(state: State) -> list[ApprovalRequest]:
    """All questions of an operation, by stage and in the order in which they were asked."""
    return [
        _request(state, number, name, question)
        for number, stage in sorted(state.touched.items())
        if stage.more is not None
        for name, question in stage.more.questions.items()
    ]


def _request(state: State, number: int, name: str, question: Question) -> ApprovalRequest:
    approval, more = question.approval, state.touched[number].furnished()
    roles = (*approval.by, *(approval.escalate_to if question.is_escalated and approval.by else ()))
    return ApprovalRequest(
        operation_id=state.operation_id,
        workflow=state.workflow.name,
        stage=state.name(number),
        name=name,
        question=question.question,
        roles=tuple(dict.fromkeys(roles)),
        quorum=approval.quorum,
        votes=tuple(question.votes.values()),
        asked_at=question.asked_at,
        deadline=question.expires_at,
        form=approval.form,
        escalated=question.is_escalated,
        is_open=question.decided is None and more.open_question == name and state.status in _VOTING,
        decided=None if question.decided is None else ApprovalAnswer.parse(answer_of(question)),
        requester=state.requester,
        by_requester=approval.by_requester,
        proposed=question.proposed,
        offered=question.offered,
    )


def doubts_of(journal: Sequence[Event]) -> list[Doubt]:
    """All work of an operation that is in doubt now."""
    state = replay(journal)
    if state.status not in _VOTING:
        return []
    raised: dict[str, DoubtRaised] = {}
    said: dict[tuple[str, str, str], Mapping[str, object]] = {}
    lost = state.at
    for event in journal:
        if isinstance(event, DoubtRaised):
            raised[event.stage] = event
        elif isinstance(event, EffectIntended):
            said[event.stage, event.name, event.key] = json.loads(event.data) or {}
        elif isinstance(event, OperationAdopted):
            lost = event.at
    return [replace(one, about=said.get((one.stage, one.effect, one.key), {})) for one in _doubts(state, raised, lost)]


def _doubts(state: State, raised: Mapping[str, DoubtRaised], lost: float) -> Iterator[Doubt]:
    for number in state.held:
        known = state.touched[number]
        if known.status != "in_doubt":
            continue
        effect, key = known.furnished().doubt or ("", "")
        event = raised.get(state.name(number))
        # Without an event of its own, the doubt came with the death of the process that had begun the work.
        is_told = event is not None and event.attempt == known.attempt
        yield Doubt(
            operation_id=state.operation_id,
            workflow=state.workflow.name,
            stage=state.name(number),
            reason=event.reason if event is not None and is_told else "its process was lost in the middle of the work",
            effect=effect,
            key=key,
            since=event.at if event is not None and is_told else lost,
        )


async def find_requests(
    runtime: Runtime, roles: Iterable[str] | None, limit: int, tenant: str | None = None
) -> list[ApprovalRequest]:
    """The open questions of all operations, those of the newest operation first.

    Args:
        runtime: Where to look.
        roles: Only what somebody with these roles may decide.
        limit: How many at most.
        tenant: Only those of this tenant's operations.

    Raises:
        StoreError: The store failed.
    """
    wanted = None if roles is None else frozenset(roles)
    found: list[ApprovalRequest] = []
    async with aclosing(_waiting(runtime, "approval", tenant)) as journals:
        async for journal in journals:
            asked = [one for one in requests_of(replay(journal)) if one.is_open]
            found += [one for one in asked if wanted is None or one.is_for(wanted)]
            if len(found) >= limit:
                break
    return found[:limit]


async def find_doubts(runtime: Runtime, limit: int) -> list[Doubt]:
    """The work of all operations that is in doubt, that of the newest operation first.

    Raises:
        StoreError: The store failed.
    """
    found: list[Doubt] = []
    async with aclosing(_waiting(runtime, "doubt")) as journals:
        async for journal in journals:
            found += doubts_of(journal)
            if len(found) >= limit:
                break
    return found[:limit]


async def _waiting(runtime: Runtime, what: str, tenant: str | None = None) -> AsyncGenerator[Sequence[Event], None]:
    """The journals of all operations that wait for this, newest first."""
    before: tuple[float, str] | None = None
    while True:
        page = await runtime.store.find(waiting=what, tenant=tenant, before=before, limit=_PAGE)
        for line in page:
            try:
                yield await runtime.journal(line.stream)
            except JournalCorrupt:
                _log.exception("operation %s cannot be read, so nobody sees what it waits for", line.stream)
        if len(page) < _PAGE:
            return
        before = page[-1].created_at, page[-1].stream
