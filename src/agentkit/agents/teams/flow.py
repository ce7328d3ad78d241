"""A team as a workflow: a stage for each turn of each member, and between the turns a stage that says who is next.

    round1.draft -> round1.draft.ann -> round1.critique -> round1.critique.bob, .cat -> round2.draft -> ... -> outcome

Rules: whatever a team does is on the journal as stages do it, so crashes, retries, budgets, cancels and doors are those
of every workflow. A turn that nobody was asked to take is skipped. What was said is in the context under `messages`.
Who is in the team, and for how many rounds, is told by the definition that the run began with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypedDict

from agentkit.agents.context import ContextKey
from agentkit.agents.definition import Agent, FunctionAgent
from agentkit.agents.personality import AgentPersonality
from agentkit.agents.task import Task
from agentkit.errors import DefinitionError, NoAgreement
from agentkit.kernel import (
    NO_RETRY,
    TEAM_END,
    Allowance,
    Fallback,
    RetryPolicy,
    Stage,
    When,
    Workflow,
    turn_group,
)

from .moderation import Plan, Said, Step, contributions, next_turn, outcome_of, steps_of
from .values import Contribution, TeamOutcome, Turn

__all__ = [
    "MESSAGES",
    "Settings",
    "TeamAgents",
    "TeamSettings",
    "settings_of",
    "team_agents",
    "team_workflow",
    "turn_stage",
]

MESSAGES = "messages"
"""The key of the context under which all that was said is kept."""
_BOARD = ContextKey(MESSAGES, list[Contribution])

_TOLD = re.compile(r"The team is (?P<members>[^ ,]+(?:, [^ ,]+)*), for at most (?P<rounds>[0-9]{1,4}) round\(s\)\.")
_MOST_STAGES = 5_000


class TeamSettings(TypedDict, total=False):
    """What may be said about a team besides who is in it and how it works.

    Attributes:
        timeout: Seconds for each turn of a member, with all its attempts.
        retry: How often a member is tried in a turn.
        budget: What the team may spend; each of its own steps, which say who is next, is a call too.
        shared: Keys of the context that members may read and write, each with how it is merged.
        otherwise: What follows when the team ends without being complete: by default `fail`, which fails; `keep` takes
            the best there is, marked as degraded.
    """

    timeout: float | None
    retry: RetryPolicy
    budget: Allowance | None
    shared: Mapping[str, str]
    otherwise: Literal["fail", "keep"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a team, complete.

    Attributes:
        timeout: Seconds for each turn of a member.
        retry: How often a member is tried in a turn.
        budget: What the team may spend.
        shared: Keys of the context that members may read and write.
        otherwise: What follows when the team ends without being complete.
    """

    timeout: float | None = None
    retry: RetryPolicy = NO_RETRY
    budget: Allowance | None = None
    shared: Mapping[str, str]
    otherwise: Literal["fail", "keep"] = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamAgents:
    """The two agents that every team has besides its members.

    Attributes:
        moderator: Says who is asked next.
        closer: Says what the team has come to.
    """

    moderator: Agent[object, Turn]
    closer: Agent[object, TeamOutcome]


def settings_of(given: TeamSettings) -> Settings:
    """What was said, and the defaults of what was not."""
    return Settings(
        timeout=given.get("timeout"),
        retry=given.get("retry", NO_RETRY),
        budget=given.get("budget"),
        shared=dict(given.get("shared", {})),
        otherwise=given.get("otherwise", "fail"),
    )


def turn_stage(step: Step, member: str | None = None) -> str:
    """The name of the stage that begins a step or, with a member, of that member's turn in it."""
    name = f"round{step.round}.{step.asked}"
    return name if member is None else f"{name}.{member}"


def team_agents(plan: Plan, settings: Settings) -> TeamAgents:
    """The agents of a team's own; they keep nothing between two calls."""

    async def moderate(task: Task[object]) -> Turn:
        begun = _begun(plan, task)
        steps = steps_of(begun)
        place = next((place for place, step in enumerate(steps) if turn_stage(step) == task.stage), None)
        if place is None:
            raise DefinitionError(
                f"team {plan.team!r}: {task.stage!r} is no step of protocol {plan.protocol.name!r}; this run began by"
                " another protocol, so give a team that works otherwise another name"
            )
        return next_turn(begun, steps[place], _said(begun, steps[:place], task), task.operation_input)

    async def close(task: Task[object]) -> TeamOutcome:
        begun = _begun(plan, task)
        outcome = outcome_of(begun, _said(begun, steps_of(begun), task))
        if not outcome.is_complete:
            if settings.otherwise == "fail":
                raise NoAgreement(outcome.team, outcome.how, f"{outcome}", outcome.value)
            task.degrade()
        return outcome

    return TeamAgents(
        moderator=FunctionAgent(moderate, personality=_named(plan, "moderator", "Says who of the team is next")),
        closer=FunctionAgent(close, personality=_named(plan, "closer", "Says what the team has come to")),
    )


def team_workflow(plan: Plan, settings: Settings, agents: TeamAgents) -> Workflow[TeamOutcome]:
    """The workflow of a team.

    Raises:
        DefinitionError: A name or a setting is not valid, or it has too many turns.
    """
    steps = steps_of(plan)
    stages = [*_stages(plan, settings, agents, steps)]
    if len(stages) > _MOST_STAGES:
        raise DefinitionError(
            f"team {plan.team!r}: {plan.rounds} rounds of {len(plan.members)} members are {len(stages)} stages; at most"
            f" {_MOST_STAGES} are allowed, so give it fewer rounds or members"
        )
    return Workflow(
        plan.team,
        stages,
        description=f"{', '.join(plan.members)} by {plan.protocol.name}, at most {plan.rounds} round(s)",
        result=TEAM_END,
        budget=settings.budget,
        returns=TeamOutcome,
    )


def _stages(plan: Plan, settings: Settings, agents: TeamAgents, steps: Sequence[Step]) -> Iterator[Stage]:
    # When a budget is used up no agent starts but one that takes over for that, and somebody has to say that it ends.
    moderated = [Fallback(agents.moderator.name, on=["budget"])]
    before: list[str] = []
    for number, step in enumerate(steps):
        yield Stage(
            turn_stage(step),
            agent=agents.moderator.name,
            instruction=_told(plan),
            fallback=moderated,
            after=before,
            when=_goes_on(steps[number - 1]) if number else None,
            reads=[MESSAGES],
            writes={MESSAGES: "append"},
            weight=0.01,
        )
        yield from _turns(plan, settings, step)
        able = plan.protocol.able(step.asked, plan.members)
        before = [turn_stage(step), *(turn_stage(step, name) for name in able)]
    yield Stage(
        TEAM_END,
        agent=agents.closer.name,
        instruction=_told(plan),
        fallback=[Fallback(agents.closer.name, on=["budget"])],
        after=[*(turn_stage(step) for step in steps[:-1]), *before],
        reads=[MESSAGES],
        writes={MESSAGES: "append"},
        weight=0.01,
    )


def _turns(plan: Plan, settings: Settings, step: Step) -> Iterator[Stage]:
    start = turn_stage(step)
    for name in plan.protocol.able(step.asked, plan.members):
        yield Stage(
            turn_stage(step, name),
            agent=name,
            after=[start],
            group=turn_group(step.round, step.asked),
            when=_is_asked(start, plan.members.index(name)),
            required=False,
            timeout=settings.timeout,
            retry=settings.retry,
            reads=[MESSAGES, *settings.shared],
            writes=settings.shared,
        )


def _goes_on(step: Step) -> When:
    return When(turn_stage(step), path="going", equals=True)


def _is_asked(stage: str, place: int) -> When:
    return When(stage, path=f"speaks.{place}", equals=True)


def _told(plan: Plan) -> str:
    """What a team's own agents are told: what the stages that are there were made of."""
    return f"The team is {', '.join(plan.members)}, for at most {plan.rounds} round(s)."


def _begun(plan: Plan, task: Task[object]) -> Plan:
    """The plan by which a run began: a team that was changed meanwhile changes no run that is under way."""
    told = _TOLD.fullmatch(task.instruction)
    if told is None:
        return plan
    return replace(plan, members=tuple(told["members"].split(", ")), rounds=int(told["rounds"]))


def _said(plan: Plan, steps: Sequence[Step], task: Task[object]) -> Said:
    """What came of the newest step that took place."""
    kept = task.context.get(_BOARD, list[Contribution]())
    board = tuple(kept)
    budget = task.budget
    past = next((step for step in reversed(steps) if turn_stage(step) in task.outputs), None)
    if past is None:
        return Said(board=board, is_tight=budget.is_tight, is_broke=budget.is_exhausted)
    turn = task.output(turn_stage(past), Turn)
    names = {name: turn_stage(past, name) for name in plan.members}
    answers = {name: task.outputs[stage] for name, stage in names.items() if stage in task.outputs}
    newest = contributions(turn, answers)
    if newest:
        task.context[_BOARD] = list(newest)
    told = task.failures
    failures = {name: told[stage] for name, stage in names.items() if stage in told}
    return Said(
        turn=turn,
        newest=newest,
        board=board,
        failures=failures,
        is_tight=budget.is_tight,
        is_broke=budget.is_exhausted,
    )


def _named(plan: Plan, part: str, role: str) -> AgentPersonality:
    return AgentPersonality(name=f"{plan.team}.{part}", role=role)
