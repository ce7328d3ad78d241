"""Who asks models: one sorts the mails, a writer and a critic answer them, and what pleases is learned."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, TypeVar, cast

from pydantic import Field

from agentkit import AdaptiveAgent, AgentPersonality, ModelAgent, Task, TierPolicy, TierRule, agent
from agentkit.agents import Agent, Chooser, FunctionAgent, ValueType

from .model import Answer, Case, Mail, Triage
from .phrases import MONEY, TONES
from .settings import LARGE, LIMITS, SMALL, models

Given = TypeVar("Given")
Made = TypeVar("Made")

ENOUGH: Final = 0.8
_AMOUNT: Final = re.compile(r"[€$£]|\b(EUR|USD|GBP|euros?|dollars?)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A case with what was written so far, and what the critic wants changed."""

    case: Case
    draft: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criticism:
    """What a critic says of a draft: how good it is, 0 to 1, and what would make it better."""

    score: Annotated[float, Field(ge=0, le=1)]
    advice: str = ""


def sorting() -> FunctionAgent[Mail, Triage]:
    """Who sorts: always the small model."""
    who = AgentPersonality(
        name="triage",
        role="sorts the mails of a shop",
        system_prompt="Say what the mail is. `person` is for whatever is delicate, legal or about health.",
    )
    return TierPolicy[Mail]([SMALL]).agent(
        ModelAgent(who, input=Mail, output=Triage, models=models("triage"), limits=LIMITS)
    )


def answering(learner: Chooser) -> FunctionAgent[Case, Answer]:
    """Who answers: a writer and a critic, in the tone that was learned for such mails, and as large as needed."""
    arms = {tone: _pair(tone) for tone in TONES}
    team = AdaptiveAgent("answer", arms, learner=learner, kind=_kind_of, quality=lambda _, answer: answer.score)
    policy = TierPolicy[Case](
        [SMALL, LARGE],
        rules=[TierRule(complexity="large", when=angry_or_costly), TierRule(complexity="small")],
        lower_when=lambda task: task.budget.is_tight,
    )
    return policy.agent(team)


def complete(case: Case, text: str, *, by: str, score: float = 0.0) -> Answer:
    """A text with the sentence about money, which no model writes."""
    refund, language = case.refund, case.triage.language
    if refund is not None:
        key = "none" if refund.amount is None else "people" if refund.needs_people else "paid"
        text += " " + MONEY[key, language].format(amount=refund.amount, order=refund.order)
    return Answer(mail=case.mail.id, to=case.mail.sender, text=text, by=by, score=score)


def angry_or_costly(task: Task[Any]) -> bool:
    """Whether a mail is worth the large model."""
    case: Case = task.input
    return case.triage.angry or (case.refund is not None and case.refund.needs_people)


def _pair(tone: str) -> Agent[Case, Answer]:
    """A writer with a tone and a critic: at most two drafts."""
    writer = ModelAgent(
        AgentPersonality(name=f"{tone}-writer", role="answers the mails of a shop", system_prompt=TONES[tone]),
        input=Draft,
        output=str,
        models=models("writer"),
        validators=[_without_amounts],
        limits=LIMITS,
    )
    critic = ModelAgent(
        AgentPersonality(name="critic", role="judges answers as the customer would who gets them"),
        input=Draft,
        output=Criticism,
        models=models("critic"),
        limits=LIMITS,
    )

    @agent(name=tone)
    async def answer(task: Task[Case]) -> Answer:
        """Writes, is criticized, and writes once more if it has to."""
        work = Draft(case=task.input)
        work = replace(work, draft=await _ask(writer, task, work))
        criticism = await _ask(critic, task, work)
        if criticism.score < ENOUGH:
            work = replace(work, draft=await _ask(writer, task, replace(work, advice=criticism.advice)))
            criticism = await _ask(critic, task, work)
        return complete(task.input, work.draft, by=tone, score=criticism.score)

    return answer


async def _ask(member: Agent[Given, Made], task: Task[Any], given: Given) -> Made:
    kind = ValueType(type(given))
    inner = task.inner(kind.encode(given), value_type=kind, instruction=task.instruction)
    made = await member.run(cast("Task[Given]", inner))
    if inner.notes is not None:
        task.absorb(inner.notes)
    return made


def _without_amounts(text: str) -> None:
    if _AMOUNT.search(text):
        raise ValueError("leave amounts of money out; they are added afterwards")


def _kind_of(task: Task[Case]) -> str:
    return "angry" if task.input.triage.angry else task.input.triage.kind
