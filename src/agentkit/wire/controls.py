"""What a stage of a workflow file may ask for besides its work."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "AllowanceDocument",
    "ApprovalDocument",
    "BusinessDaysDocument",
    "Document",
    "FallbackDocument",
    "LoopDocument",
    "MapDocument",
    "Name",
    "RetryDocument",
    "Seconds",
    "WhenDocument",
]

_NAME = r"^[^\W\d_][\w.-]*$"
Name = Annotated[str, Field(pattern=_NAME, max_length=100)]
Seconds = Annotated[float, Field(gt=0)]


class Document(BaseModel):
    """A part of a workflow file: nothing in it is guessed or left unread."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)


class RetryDocument(Document):
    """When a failed attempt is tried again."""

    attempts: int = Field(default=1, ge=1, le=1000, description="How often one agent is tried in all.")
    delay: float = Field(default=1.0, ge=0, description="Seconds before the second attempt.")
    factor: float = Field(default=2.0, ge=1, le=100, description="What each further wait is multiplied with.")
    max_delay: float = Field(default=60.0, ge=0, description="The longest wait in seconds.")
    jitter: float = Field(default=0.5, ge=0, le=1, description="The share of the wait that is left to chance.")
    retry_on: list[str] = Field(default=[], description="Error names worth a retry; empty means all.")
    attempt_timeout: Seconds | None = Field(default=None, description="Seconds that one attempt may take.")


class FallbackDocument(Document):
    """An agent that takes over, with settings of its own."""

    agent: Name = Field(description="The agent's name.")
    retry: RetryDocument | None = Field(default=None, description="How often it is tried.")
    on: list[str] | str = Field(
        default=["error", "timeout", "invalid_output", "low_confidence", "budget"],
        description="What it takes over from: error, timeout, invalid_output, low_confidence, budget, or error names.",
    )
    min_confidence: float | None = Field(default=None, ge=0, le=1, description="How sure its value has to be.")


class WhenDocument(Document):
    """A condition on a value; without a comparison it asks whether the value is true."""

    stage: Name | None = Field(default=None, description="The dependency to look at; none is the operation's input.")
    path: str = Field(default="", description="Where in the value, such as rows.0.amount.")
    equals: str | float | bool | None = Field(default=None, description="What it must equal.")
    differs: str | float | bool | None = Field(default=None, description="What it must not equal.")
    above: float | None = Field(default=None, description="A number that it must exceed.")
    below: float | None = Field(default=None, description="A number that it must stay under.")
    at_least: float | None = Field(default=None, description="A number that it must reach.")
    at_most: float | None = Field(default=None, description="A number that it must not exceed.")
    present: bool | None = Field(default=None, description="Whether there must be something, or must not.")


class MapDocument(Document):
    """Work on every item of a list."""

    stage: Name | None = Field(default=None, description="The dependency whose value is the list; none is the input.")
    path: str = Field(default="", description="Where in the value the list is.")
    parallel: int | None = Field(default=None, ge=1, description="How many items may be worked on at once.")
    on_failure: Literal["fail", "keep"] = Field(default="fail", description="What follows when an item fails.")
    quorum: int | None = Field(default=None, ge=0, description="With keep: how many items must succeed.")
    most: int = Field(default=10_000, ge=1, le=100_000, description="The longest list that is accepted.")


class LoopDocument(Document):
    """Do the work again until its value is good enough."""

    until: WhenDocument = Field(description="The condition on a turn's value that ends the loop.")
    most: int = Field(ge=1, le=10_000, description="The largest number of turns.")
    otherwise: Literal["fail", "keep"] = Field(default="fail", description="What follows when the bound is reached.")


class BusinessDaysDocument(Document):
    """A deadline in working days."""

    days: int = Field(ge=1, description="How many working days.")
    weekend: list[int] = Field(default=[5, 6], description="Days of the week that do not count; Monday is 0.")
    holidays: list[str] | str = Field(default=[], description="Dates that do not count, as 2026-12-25.")
    utc_offset_hours: float = Field(default=0.0, description="What is added to UTC for the calendar's time of day.")


class ApprovalDocument(Document):
    """People have to agree before the work begins."""

    by: list[str] | str = Field(default=[], description="Roles that may vote; empty is anybody.")
    quorum: int = Field(default=1, ge=1, le=100, description="How many different people have to agree.")
    question: str = Field(default="", description="What they are asked; {month} is an input.")
    deadline: Seconds | BusinessDaysDocument | None = Field(default=None, description="When on_expiry decides.")
    remind: Seconds | None = Field(default=None, description="Seconds between two reminders.")
    escalate: Seconds | None = Field(default=None, description="Seconds after which escalate_to may vote too.")
    escalate_to: list[str] | str = Field(default=[], description="Roles that may vote after that.")
    on_expiry: Literal["refuse", "approve"] = Field(default="refuse", description="What an expired deadline means.")
    form: dict[str, str] = Field(default={}, description="Fields to fill in: text, whole, decimal, flag, date, with ?.")
    by_requester: bool = Field(default=False, description="Whether whoever started the operation may vote.")
    proposed: dict[str, str | int | bool] = Field(
        default={}, description="What fields hold at first, for voters to change; {month} is an input."
    )


class AllowanceDocument(Document):
    """What may be spent."""

    calls: int | None = Field(default=None, ge=0, description="Calls of models, or of anything that is counted.")
    seconds: float | None = Field(default=None, ge=0, description="Seconds of work, summed over all that work at once.")
    tokens: int | None = Field(default=None, ge=0, description="Tokens.")
    money: str | int | None = Field(default=None, description="An exact amount, written as a text such as 12.50.")
    currency: Name | None = Field(default=None, description="The currency of the money.")
    soft: float = Field(default=0.8, ge=0, le=1, description="The share from which on the cheaper way is taken.")
    repeats: int | None = Field(
        default=None, ge=2, le=100, description="When an agent makes the same call for this many times, it is refused."
    )
