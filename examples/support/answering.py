"""Who asks models: one sorts the mails, a writer and a critic answer them, and which tone pleases is learned."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field, TypeAdapter

from agentkit import AdaptiveAgent, AgentPersonality, Learner, ModelAgent, Task, Team, TierPolicy, TierRule, agent
from agentkit.agents import Agent, FunctionAgent, LearningPolicy, Turn
from agentkit.errors import NotFound, StoreError

from .model import Case, Mail, Triage
from .phrases import TONES
from .settings import LARGE, LIMITS, SMALL, models

_CASE = TypeAdapter(Case)
_ORDER: Final = re.compile(r"\bL-[0-9]{4}\b")
_MONEY: Final = re.compile(
    r"\d|[€$£¥]|\b(?:EUR|USD|GBP|CHF|euros?|dollars?|dólares|pounds?|libras?|Pfund|francs?|Franken|francos?|bucks)\b",
    re.IGNORECASE,
)
_LINK: Final = re.compile(r"://|@|\bwww\.|\b[a-z0-9-]{2,}\.[a-z]{2,}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criticism:
    """What a critic says of a draft: how good it is, 0 to 1, whether it may leave, and what would make it better."""

    score: Annotated[float, Field(ge=0, le=1)]
    accept: bool
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


def learner_at(store: str) -> Learner:
    """What learns which tone pleases for which kind of mail, and keeps it in a store."""
    return Learner(store, arms=[*TONES], name="tones", policy=LearningPolicy(min_samples=4))


def answering(learner: Learner) -> Team:
    """Who answers: a writer in the tone that was learned for such mails, and a critic; at most two drafts."""
    return Team("answer", [_writer(learner), _critic(learner)], protocol="critique", rounds=2, otherwise="keep")


def angry_or_costly(task: Task[Turn]) -> bool:
    """Whether a mail is worth the large model."""
    case = _case_of(task)
    return case.triage.angry or (case.refund is not None and case.refund.needs_people)


def without_numbers_and_links(text: str) -> None:
    """Refuse a draft with digits, a currency or an address in it; the names of orders may stand.

    What is promised in words alone, such as the full price, is not seen: whoever sends answers by itself adds people.

    Raises:
        ValueError: The draft has one of these.
    """
    words = _ORDER.sub("", text)
    if _MONEY.search(words):
        raise ValueError(
            "leave amounts, currencies and all other digits out; the sentence about money is added afterwards"
        )
    if _LINK.search(words):
        raise ValueError("leave links and addresses out")


def _writer(learner: Learner) -> Agent[Turn, str]:
    arms = {
        tone: ModelAgent(
            AgentPersonality(name=tone, role="answers the mails of a shop", system_prompt=prompt),
            input=Turn,
            output=str,
            models=models("writer"),
            validators=[without_numbers_and_links],
            limits=LIMITS,
        )
        for tone, prompt in TONES.items()
    }
    return _tiers().agent(AdaptiveAgent("writer", arms, learner=learner, kind=_kind_of))


def _critic(learner: Learner) -> Agent[Turn, Criticism]:
    who = AgentPersonality(name="critic", role="judges answers as the customer would who gets them")
    judge = ModelAgent(who, input=Turn, output=Criticism, models=models("critic"), limits=LIMITS)

    @agent
    async def critic(task: Task[Turn]) -> Criticism:
        """Judges a draft, and has the learner know."""
        said = await judge.run(task)
        with suppress(NotFound, StoreError):  # learning is no part of the work
            await learner.judge(task.operation_id, said.score, by="critic")
        return said

    return _tiers().agent(critic)


def _tiers() -> TierPolicy[Turn]:
    return TierPolicy(
        [SMALL, LARGE],
        rules=[TierRule(complexity="large", when=angry_or_costly), TierRule(complexity="small")],
        lower_when=lambda task: task.budget.is_tight,
    )


def _kind_of(task: Task[Turn]) -> str:
    triage = _case_of(task).triage
    return "angry" if triage.angry else triage.kind


def _case_of(task: Task[Turn]) -> Case:
    return _CASE.validate_python(task.input.task)
