"""What people and other systems say to an operation, as wishes: votes, signals, decisions about doubts.

Rules: what is said is checked in two places: what is wrong by itself is told here, at once; what depends on where the
operation stands is told by the kernel, at the moment at which it is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from agentkit.agents import ANY, AgentRegistry, ValueType
from agentkit.errors import InputError
from agentkit.kernel import Decision, Event, State, Vote, Wish, cast_vote, plain_values, send_signal, settle_doubt

from .submission import encode_input

__all__ = ["settle_wish", "signal_wish", "vote_wish"]

_MOST_LETTERS = 10_000


def vote_wish(
    stage: str,
    name: str | None,
    *,
    by: str,
    approve: bool,
    roles: Iterable[str],
    comment: str,
    form: Mapping[str, object] | None,
) -> Wish:
    """A vote; without a name it is for the stage's own approval, or, where it has none, for what its agent asks.

    Raises:
        InputError: The comment or what was filled in is too long.
    """
    vote = Vote(
        by=by,
        approve=approve,
        # One role alone is a common slip for a list of one; letter by letter it could only be wrong.
        roles=(roles,) if isinstance(roles, str) else tuple(roles),
        comment=comment,
        form=plain_values(form or {}),
    )
    for what, text in (("name", by), ("comment", comment), *vote.form.items()):
        if isinstance(text, str) and len(text) > _MOST_LETTERS:
            raise InputError(
                f"stage {stage!r}: the vote's {what} has {len(text):,} letters; at most 10,000 are allowed"
            )

    def say(state: State, at: float) -> Sequence[Event]:
        return cast_vote(state, stage, vote, at=at, name=_meant(state, stage) if name is None else name)

    return say


def _meant(state: State, stage: str) -> str:
    """Which question somebody means who names none.

    It is the stage's own approval, or else the only thing that its agent has asked: a vote that comes twice, or too
    late, must not fall to what was asked since, which the voter has not seen.
    """
    more = state.stage(stage).more
    if more is None or "" in more.questions or len(more.questions) != 1:
        return ""
    return next(iter(more.questions))


def signal_wish(name: str, value: object, identity: str, most: int) -> Wish:
    """A signal.

    Raises:
        UnstorableValue: The value cannot be written exactly.
        InputError: The value is too large.
    """
    text = encode_input(value, most)

    def say(state: State, at: float) -> Sequence[Event]:
        return send_signal(state, name, text, at=at, identity=identity)

    return say


def settle_wish(agents: AgentRegistry, stage: str, decision: Decision, *, by: str, value: object, comment: str) -> Wish:
    """A decision about work in doubt.

    Raises:
        InputError: There is a value although the work was not done.
    """
    if decision != "done" and value is not None:
        raise InputError(f"stage {stage!r}: a value is what work gave that was done, and this says {decision!r}")

    def say(state: State, at: float) -> Sequence[Event]:
        text = _given(agents, state, stage, value) if decision == "done" else "null"
        return settle_doubt(state, stage, decision, at=at, by=by, value=text, comment=comment)

    return say


def _given(agents: AgentRegistry, state: State, stage: str, value: object) -> str:
    """The value of work that a person says was done, as JSON."""
    number = state.number(stage)
    known = state.touched.get(number) if number >= 0 else None
    declared = ANY
    # If one effect is in doubt it is the effect's result, which has no declared type.
    if known is not None and known.more is not None and known.more.doubt == ("", ""):
        chain = state.spec(number).agents
        entry = agents.find(chain[known.level]) if chain else None
        declared = ANY if entry is None else entry.output_type
    try:
        return _encoded(declared, value)
    except InputError as error:
        raise InputError(f"operation {state.operation_id}, stage {stage!r}: {error}") from error


def _encoded(declared: ValueType, value: object) -> str:
    try:
        return declared.encode(value)
    except InputError:
        # It may be plain data, such as a command line has; then it is read as the declared type.
        return declared.encode(declared.decode(ANY.encode(value)))
