"""What people and other systems may say to a running operation: votes, signals, decisions about work in doubt.

Rules: a wish is checked against the state of the moment at which it is written; one that is not allowed, comes twice or
comes too late is refused with a typed error, and the journal stays as it is. What is only a repetition changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeAlias

from agentkit.errors import InputError, NotAllowed, NotFound, TooLate, UnstorableValue
from agentkit.kernel.definition.forms import fits_kind, form_text, is_same
from agentkit.kernel.events.control import ChildHeard, SignalReceived
from agentkit.kernel.events.effects import Decision, DoubtSettled
from agentkit.kernel.events.operation import Event
from agentkit.kernel.events.people import ApprovalDecided, VoteCast
from agentkit.kernel.state.standing import Question
from agentkit.kernel.state.state import State

__all__ = ["Vote", "Wish", "cast_vote", "hear_child", "send_signal", "settle_doubt"]

Wish: TypeAlias = Callable[[State, float], Sequence[Event]]
"""What somebody wants to be on the journal, given where the operation stands and the time; nothing, if all is as it
should be. It refuses with an `AgentKitError`."""

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """What somebody says to a question.

    Attributes:
        by: Who.
        approve: Whether they agree.
        roles: The roles they have.
        comment: Why.
        form: What they fill in; None empties a field that may be left out. Who agrees agrees to what is proposed for
            all fields that they leave out, and to the same as those who agreed before.
    """

    by: str
    approve: bool
    roles: Iterable[str] = ()
    comment: str = ""
    form: Mapping[str, object] = field(default_factory=dict[str, object])


def cast_vote(state: State, stage: str, vote: Vote, *, at: float, name: str = "") -> list[Event]:
    """A vote, and what is decided by it.

    Args:
        state: Where the operation stands.
        stage: The stage or step that asks.
        vote: What somebody says.
        at: The time.
        name: Which of its questions; the stage's own approval has none.

    Raises:
        NotFound: There is no such stage, or it asks nothing of that name.
        NotAllowed: The voter has none of the roles, or asked for the operation.
        TooLate: It is decided, its deadline has passed, or the voter has voted.
        InputError: The form is not filled in as it has to be.
        UnstorableValue: What was filled in cannot be written as JSON.
    """
    question = _question(state, stage, name)
    where, by, approval = f"operation {state.operation_id}, stage {stage!r}", vote.by, question.approval
    if question.decided is not None:
        how = "approved" if question.decided.approved else "refused"
        raise TooLate(
            f"{where}: this was decided before: {how}{' by its deadline' if question.decided.expired else ''}"
        )
    if state.status not in ("running", "compensating") or state.stage(stage).status != "waiting":
        raise TooLate(f"{where}: the operation is {state.status}, so nothing is decided any more")
    if question.expires_at is not None and question.expires_at <= at:
        raise TooLate(f"{where}: the deadline has passed")
    if not by:
        raise InputError(f"{where}: a vote needs the name of who casts it")
    allowed = {*approval.by, *(approval.escalate_to if question.is_escalated else ())}
    if approval.by and allowed.isdisjoint(vote.roles):
        raise NotAllowed(f"{where}: {by!r} may not vote; one of these roles may: {', '.join(sorted(allowed))}")
    if by == state.requester and not approval.by_requester:
        raise NotAllowed(f"{where}: {by!r} asked for this operation, so somebody else has to decide")
    if by in question.votes:
        raise TooLate(f"{where}: {by!r} has voted before")
    filled = _filled(where, question, vote.form, approve=vote.approve)
    cast = VoteCast(at=at, stage=stage, by=by, approve=vote.approve, name=name, comment=vote.comment, form=filled)
    agreed = 1 + sum(other.approve for other in question.votes.values())
    if vote.approve and agreed < approval.quorum:
        return [cast]
    return [cast, ApprovalDecided(at=at, stage=stage, approved=vote.approve, name=name)]


def _question(state: State, stage: str, name: str) -> Question:
    if state.number(stage) < 0:
        raise NotFound(f"operation {state.operation_id} has no stage {stage!r}")
    known = state.stage(stage).more
    if known is None or name not in known.questions:
        asked = f"asks nothing called {name!r}" if name else "has no question of its own"
        told = "; ".join(islice(_open_words(state, stage), _SHOWN))
        raise NotFound(f"operation {state.operation_id}: stage {stage!r} {asked}" + (f"; {told}" if told else ""))
    return known.questions[name]


def _open_words(state: State, stage: str) -> Iterator[str]:
    """What a stage and its items or turns ask now, each one thing at a time, and how it is answered."""
    for number in state.held:
        step, more = state.name(number), state.touched[number].more
        if step.partition("[")[0] != stage.partition("[")[0] or more is None or more.open_question is None:
            continue
        name = more.open_question
        who = "it" if step == stage else repr(step)
        yield f"{who} asks {name!r}: give name={name!r}" if name else f"{who} asks for its approval: give no name"


def _filled(where: str, question: Question, given: Mapping[str, object], *, approve: bool) -> str:
    """What was filled in, checked, as JSON.

    Whoever agrees agrees to the whole form, so a field that they leave out is as it was proposed.
    """
    fields, offered = question.approval.form, question.offered
    form = {**offered, **given} if approve else dict(given)
    problems = [f"{name!r} is no field of the form" for name in form if name not in fields]
    for name, kind in fields.items():
        value = form.get(name)
        if value is None:
            if approve and not kind.endswith("?"):
                problems.append(f"{name!r} is missing")
        elif not fits_kind(value, kind):
            problems.append(f"{name!r} must be {kind.removesuffix('?')}, not {value!r}")
    problems += _apart(question, given) if approve else ()
    if problems:
        known = ", ".join(f"{name} ({kind})" for name, kind in fields.items()) or "none"
        raise InputError(f"{where}: {'; '.join(problems)}; its fields are {known}")
    try:
        # Null is worth a word only where somebody emptied what was offered.
        return form_text({name: value for name, value in form.items() if value is not None or name in offered})
    except ValueError as error:
        raise UnstorableValue(f"{where}: what was filled in cannot be written as JSON: {error}") from error


def _apart(question: Question, given: Mapping[str, object]) -> Iterator[str]:
    """Where a vote agrees to something else than those who agreed before: a quorum agrees to one and the same.

    What somebody leaves out is as it was proposed, and never what others have made of it meanwhile.
    """
    if not any(vote.approve for vote in question.votes.values()):
        return
    agreed = question.offered
    for name, proposed in question.proposed.items():
        known, wanted = agreed.get(name), given.get(name, proposed)
        if not is_same(wanted, known, question.approval.form[name]):
            yield f"others agreed to {name!r} as {known!r}, not {wanted!r}: say it so to agree as well, or refuse"


def send_signal(state: State, name: str, value: str, *, at: float, identity: str = "") -> list[Event]:
    """A signal; nothing, if one of that identity came before.

    Args:
        state: Where the operation stands.
        name: Which signal.
        value: What comes with it, as JSON.
        at: The time.
        identity: The sender's name for this very signal.

    Raises:
        NotFound: No stage of the workflow waits for a signal of that name.
        TooLate: The operation has ended, or is being stopped.
    """
    names = dict.fromkeys(stage.signal for stage in state.workflow.stages if stage.signal is not None)
    if name not in names:
        known = ", ".join(names) or "none"
        raise NotFound(f"operation {state.operation_id} waits for no signal {name!r}; its signals are: {known}")
    if identity and identity in state.signal_ids:
        return []
    if state.status not in ("pending", "running"):
        raise TooLate(f"operation {state.operation_id} is {state.status}: it takes no signals")
    return [SignalReceived(at=at, name=name, value=value, id=identity)]


def settle_doubt(
    state: State, stage: str, decision: Decision, *, at: float, by: str = "", value: str = "null", comment: str = ""
) -> list[Event]:
    """What a person says of work in doubt.

    Args:
        state: Where the operation stands.
        stage: Which stage or step.
        decision: What they say.
        at: The time.
        by: Who says it.
        value: For `done`: the stage's value or the effect's result, as JSON.
        comment: Why.

    Raises:
        NotFound: There is no such stage.
        TooLate: It is not in doubt, or not any more.
        InputError: There is no such decision.
    """
    if decision not in ("done", "redo", "abort"):
        raise InputError(f"work in doubt is done, redo or abort, not {decision!r}")
    if state.number(stage) < 0:
        raise NotFound(f"operation {state.operation_id} has no stage {stage!r}")
    known = state.stage(stage)
    if known.status != "in_doubt" or state.status not in ("running", "compensating"):
        raise TooLate(f"operation {state.operation_id}: stage {stage!r} is {known.status}, and not in doubt")
    return [DoubtSettled(at=at, stage=stage, decision=decision, by=by, value=value, comment=comment)]


def hear_child(state: State, child: str, *, at: float) -> list[Event]:
    """A child operation is about to end; nothing, if nobody waits for it, or they were told before.

    Args:
        state: Where its parent stands.
        child: The id of the child.
        at: The time.
    """
    for number in state.running:
        known = state.touched[number]
        if known.heard is None and state.child_of(number) == child:
            return [ChildHeard(at=at, stage=state.name(number), attempt=known.attempt)]
    return []
