"""Teams: several agents that work on one task in rounds, until it is done or their rounds or budget are used up.

Rules: a team is a value that makes a workflow of itself; whatever has to outlive a crash is on the journal of that
workflow, and nothing is kept here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final, Never, Unpack

from agentkit.agents.blocking import run_blocking
from agentkit.agents.definition import Agent
from agentkit.agents.registration import Registration, registration_of
from agentkit.errors import DefinitionError
from agentkit.kernel import (
    Workflow,
    count_problems,
    name_problems,
    shortened,
)

from .alone import Alone
from .flow import MESSAGES, TeamSettings, settings_of, team_agents, team_workflow
from .members import ChosenBy, agents_of, choose_members
from .moderation import Plan
from .protocols import TeamProtocol, protocol_of
from .values import TeamOutcome

__all__ = ["Team"]

_LONE: Final[tuple[object, ...]] = (str, int, float, bool, bytes, list, tuple)


class Team:
    """Several agents that work on one task in rounds, by a protocol.

    A member is any agent that takes a `Turn`, or plain data. As a workflow a team survives crashes: run it with
    `orchestrator.submit(team.workflow, task)`, or as a stage with `Stage("review", workflow=team.workflow)`, on an
    orchestrator that has `team.agents`. Alone it runs with `await team.run(task)`.

    Args:
        name: What people call it.
        members: Who is in it, in order.
        protocol: How they work together: `hand_off`, `blackboard`, `critique`, `vote`, or a value such as
            `Critique(quorum=1)`.
        rounds: The largest number of rounds.
        settings: `timeout`, `retry`, `budget`, `shared`, `otherwise`; see `TeamSettings`.

    Attributes:
        name: What people call it.
        members: Who is in it, in order.
        protocol: How they work together.
        rounds: The largest number of rounds.
        workflow: The team as a workflow, whose input is the task.
        agents: The agents that an orchestrator needs to run it: the members and two of the team's own.

    Raises:
        ProtocolUnknown: There is no protocol of that name.
        DefinitionError: A setting is not valid, a member is no agent, or these members cannot work by the protocol.

    Example:
        >>> from agentkit.testing import ScriptedAgent
        >>> ann, bob, cat = (ScriptedAgent(name, ["yes"]) for name in ("ann", "bob", "cat"))
        >>> outcome = Team("jury", [ann, bob, cat], protocol="vote").run_sync("Is it a bug?")
        >>> outcome.value, outcome.why
        ('yes', '3 of 3 members agree')
    """

    def __init__(
        self,
        name: str,
        members: Iterable[Agent[Never, object]],
        *,
        protocol: str | TeamProtocol,
        rounds: int = 3,
        **settings: Unpack[TeamSettings],
    ) -> None:
        self.name: str = name
        self.members: tuple[Agent[Never, object], ...] = agents_of(f"team {name!r}", members)
        self.protocol: TeamProtocol = protocol_of(protocol)
        self.rounds: int = rounds
        names = tuple(member.name for member in self.members)
        entries = [registration_of(member) for member in self.members]
        self._settings = settings_of(settings)
        problems = [*self._problems(names, entries), *self._setting_problems()]
        if problems:
            raise DefinitionError(*problems)
        self._entries = dict(zip(names, entries, strict=True))
        self._plan = Plan(team=name, members=names, protocol=self.protocol, rounds=rounds)
        own = team_agents(self._plan, self._settings)
        self.workflow: Workflow[TeamOutcome] = team_workflow(self._plan, self._settings, own)
        self.agents: tuple[Agent[Never, object], ...] = (*self.members, own.moderator, own.closer)

    @staticmethod
    def choose(
        candidates: Iterable[Agent[Never, object]],
        needs: Iterable[str],
        *,
        by: ChosenBy = "order",
        prices: Mapping[str, Decimal | int | str] | None = None,
        success: Mapping[str, float] | None = None,
    ) -> tuple[Agent[Never, object], ...]:
        """The smallest set of agents that can do all that is needed; see `choose_members`.

        Args:
            candidates: Who could be chosen.
            needs: What is needed, in the words of `AgentPersonality.expertise`.
            by: Which set is taken where several are the smallest: the first, the cheapest or the surest.
            prices: What a turn of each agent costs, by name.
            success: The share of each agent's turns that succeed, by name.

        Raises:
            CapabilityMissing: Nobody has something that is needed.
            DefinitionError: Nothing is needed, or a price or a share is missing or not valid.
        """
        return choose_members(candidates, needs, by=by, prices=prices, success=success)

    def __repr__(self) -> str:
        names = ", ".join(member.name for member in self.members)
        return f"<team {self.name!r}: {names} by {self.protocol.name}>"

    async def run(self, task: object) -> TeamOutcome:
        """Work on a task without an orchestrator; nothing is kept, and a crash loses all of it.

        Args:
            task: What to work on, as plain JSON data.

        Raises:
            NoAgreement: It ended without being complete, and `otherwise` is `fail`.
            DefinitionError: A member has `isolation="process"`, which needs an orchestrator.
            UnstorableValue: The task is no plain JSON data.
        """
        return await Alone(self._plan, self._settings, self._entries).run(task)

    def run_sync(self, task: object) -> TeamOutcome:
        """The same as `run`, from code that is not async; it works inside a running loop too, which stands still.

        Raises:
            NoAgreement: See `run`.
        """
        return run_blocking(lambda: self.run(task))

    def _problems(self, names: tuple[str, ...], entries: Iterable[Registration]) -> Iterator[str]:
        what = f"team {self.name!r}"
        yield from name_problems("team", self.name)
        yield from count_problems(f"{what}: rounds", self.rounds, most=1_000)
        if not names:
            yield f"{what}: has no members; give it agents, or choose them with Team.choose(...)"
            return
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{what}: member {name!r} is in it more than once"
        for entry in entries:
            declared = entry.input_type.declared
            if declared in _LONE or getattr(declared, "__origin__", None) in _LONE:
                yield (
                    f"{what}: member {entry.agent.name!r} takes {entry.input_type.name}, and a team gives it a Turn;"
                    " annotate its task as Task[Turn], and read task.input.task"
                )
        for phase in self.protocol.phases:
            if "." in phase:
                yield f"{what}: protocol {self.protocol.name!r}: phase {phase!r} must have no dots"
        for problem in self.protocol.problems(names):
            yield f"{what}: {problem}"

    def _setting_problems(self) -> Iterator[str]:
        what = f"team {self.name!r}"
        if self._settings.otherwise not in ("fail", "keep"):
            yield f"{what}: otherwise must be fail or keep, not {shortened(self._settings.otherwise)}"
        if MESSAGES in self._settings.shared:
            yield f"{what}: shared must not name {MESSAGES!r}, which is where the team keeps what was said"
