"""How a team worked, by its journal: turns, messages, failures, and how it ended; live and afterwards."""

from datetime import timedelta
from typing import Literal

import pytest

from agentkit.agents import Team
from agentkit.errors import NotFound
from agentkit.kernel import AttemptStarted, Event, RetryPolicy, Stage, Workflow
from agentkit.testing import Cancel, Hang, ScriptedAgent, simulate
from agentkit.views import TeamEnd, team_of

pytestmark = pytest.mark.blocking


def journal(*, otherwise: Literal["fail", "keep"] = "keep") -> list[Event]:
    members = [ScriptedAgent("ann", ["one", "two"]), ScriptedAgent("bob", [OSError("away"), "no", OSError("gone")])]
    retry = RetryPolicy(attempts=2, delay=1, jitter=0)
    team = Team("desk", members, protocol="critique", rounds=2, retry=retry, otherwise=otherwise)
    return list(simulate(team.workflow, team.agents, input="x").events)


def test_it_tells_members_rounds_messages_and_failures() -> None:
    team = team_of(journal())

    assert (team.name, list(team.members), team.rounds) == ("desk", ["ann", "bob"], 2)
    assert [(turn.round, turn.asked, turn.by, turn.status, turn.attempts) for turn in team.turns] == [
        (1, "draft", "ann", "said", 1),
        (1, "critique", "bob", "said", 2),
        (2, "draft", "ann", "said", 1),
        (2, "critique", "bob", "failed", 2),
    ]
    assert [turn.content for turn in team.messages] == ["one", "no", "two"]
    failure = team.turns[-1].failure
    assert failure is not None
    assert failure.message == "gone"
    assert all(turn.at is not None for turn in team.turns)


def test_it_tells_what_one_member_did() -> None:
    team = team_of(journal())

    assert [turn.content for turn in team.by("ann")] == ["one", "two"]
    with pytest.raises(NotFound, match="team 'desk' has no member 'zoe'; members are ann, bob"):
        team.by("zoe")


def test_it_tells_how_a_team_ended_and_why() -> None:
    assert team_of(journal()).end == TeamEnd(
        how="failed", why="nobody who was asked could answer: bob failed: OSError: gone", value="two"
    )
    assert team_of(journal(otherwise="fail")).end == TeamEnd(
        how="failed", why="nobody who was asked could answer: bob failed: OSError: gone"
    )


def test_it_tells_that_an_operation_ended_before_its_team() -> None:
    team = Team("one", [ScriptedAgent("ann", [Hang()])], protocol="vote")
    run = simulate(team.workflow, team.agents, people=[Cancel(after=timedelta(seconds=1))])

    assert team_of(run.events).end == TeamEnd(how="", why="its operation is cancelled")


def test_a_journal_that_goes_on_shows_who_works_and_no_end() -> None:
    events = journal()
    looks = [team_of(events[:number]) for number in range(1, len(events))]

    assert looks[0].turns == ()
    assert {turn.status for look in looks for turn in look.turns} == {"working", "said", "failed"}
    assert [look.end for look in looks[:20]] == [None] * 20
    # What was said stays said.
    counts = [len(look.messages) for look in looks]
    assert counts == sorted(counts)


def test_a_member_that_is_tried_again_works_and_has_not_failed() -> None:
    events = journal()
    again = next(
        number for number, event in enumerate(events, 1) if isinstance(event, AttemptStarted) and event.attempt == 2
    )

    before, after = team_of(events[: again - 1]).turns[-1], team_of(events[:again]).turns[-1]

    assert (before.by, before.status, before.attempts) == ("bob", "failed", 1)
    assert (after.status, after.attempts, after.at, after.failure) == ("working", 2, None, None)


def test_another_operation_is_no_team() -> None:
    run = simulate(Workflow("plain", [Stage("a", agent="ann")]), [ScriptedAgent("ann")])

    with pytest.raises(NotFound, match="no team worked in it; workflow 'plain' is none"):
        team_of(run.events)
