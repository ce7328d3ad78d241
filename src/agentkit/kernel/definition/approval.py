"""Whom a stage or an agent asks: who has to agree, how many, and by when.

Rules: a question is a frozen value that can be written to JSON and read back (`data.py`); what its form may hold says
`forms.py`. What votes make of it is decided in `wishes.py` and `opening.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import date, timedelta
from typing import Literal, cast

from agentkit.kernel.checks import (
    choice_problems,
    count_problems,
    is_number,
    kind_problems,
    seconds_problems,
    shortened,
    texts_problems,
)

from .controls import Seconds, as_seconds, as_tuple, raise_problems
from .forms import form_problems, plain_values, proposed_problems

__all__ = ["Approval", "BusinessDays"]


@dataclass(frozen=True, slots=True)
class BusinessDays:
    """A deadline in working days: the same time of day, so many working days later.

    Attributes:
        days: How many.
        weekend: Days of the week that do not count; Monday is 0.
        holidays: Dates that do not count, as `2026-12-25`.
        utc_offset_hours: What is added to UTC to get the calendar's time of day.

    Raises:
        DefinitionError: A setting is not valid.

    Example:
        >>> friday = 1_764_331_200.0  # 2025-11-28, 12:00 UTC
        >>> (BusinessDays(1).after(friday) - friday) / 86_400
        3.0
    """

    days: int
    _: KW_ONLY
    weekend: Sequence[int] = (5, 6)
    holidays: Sequence[str] = ()
    utc_offset_hours: float = 0.0

    def __post_init__(self) -> None:
        for name in ("weekend", "holidays"):
            object.__setattr__(self, name, as_tuple(getattr(self, name)))
        raise_problems(self._problems())

    def _problems(self) -> Iterator[str]:
        yield from count_problems("business days: days", self.days, most=10_000)
        if (
            not isinstance(self.weekend, tuple)
            or not all(day in range(7) for day in self.weekend)
            or (len(set(self.weekend)) == 7)
        ):
            yield f"business days: weekend must be days from 0 to 6, not all, not {shortened(self.weekend)}"
        yield from texts_problems("business days: holidays", self.holidays)
        for holiday in self.holidays if isinstance(self.holidays, tuple) else ():
            try:
                date.fromisoformat(holiday)
            except (ValueError, TypeError):
                yield f"business days: a holiday must be a date such as 2026-12-25, not {shortened(holiday)}"
        if not is_number(self.utc_offset_hours) or not -24 < self.utc_offset_hours < 24:
            yield f"business days: utc_offset_hours must be from -24 to 24, not {shortened(self.utc_offset_hours)}"

    def after(self, at: float) -> float:
        """The time that many working days after the given one, both in seconds since 1970 (UTC)."""
        day, second = divmod(at + self.utc_offset_hours * 3600, 86_400)
        today = date(1970, 1, 1) + timedelta(days=day)
        left, holidays = self.days, frozenset(self.holidays)
        while left:
            today += timedelta(days=1)
            left -= today.weekday() not in self.weekend and today.isoformat() not in holidays
        return (today - date(1970, 1, 1)).days * 86_400 + second - self.utc_offset_hours * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """People have to agree before the work begins. While they think, nothing waits but a row in the store.

    Attributes:
        by: Roles that may vote; empty is anybody.
        quorum: How many different people have to agree; one who refuses is enough to refuse.
        question: What they are asked; `{month}` is replaced by the operation's input `month`.
        deadline: Seconds, or business days, after which `on_expiry` decides; None waits for ever.
        remind: Seconds between two reminders.
        escalate: Seconds after which `escalate_to` may vote too.
        escalate_to: Roles that may vote after that.
        on_expiry: What an expired deadline means.
        form: Fields that a voter may fill in, by name: `text`, `whole`, `decimal`, `flag` or `date`, with `?` behind it
            where it may be left out.
        by_requester: Whether whoever started the operation may vote.
        proposed: Values that fields hold at first, by name. A voter may change them; whoever agrees without doing so
            agrees to them. In a stage's approval a text may have placeholders, as the question may.

    Raises:
        DefinitionError: A setting is not valid.

    Example:
        >>> Approval(by={"finance"}, quorum=2, deadline=BusinessDays(3)).by
        ('finance',)
    """

    by: Iterable[str] = ()
    quorum: int = 1
    question: str = ""
    deadline: Seconds | BusinessDays | None = None
    remind: Seconds | None = None
    escalate: Seconds | None = None
    escalate_to: Iterable[str] = ()
    on_expiry: Literal["refuse", "approve"] = "refuse"
    form: Mapping[str, str] = field(default_factory=dict[str, str])
    by_requester: bool = False
    proposed: Mapping[str, object] = field(default_factory=dict[str, object])

    def __post_init__(self) -> None:
        for name in ("by", "escalate_to"):
            object.__setattr__(self, name, as_tuple(getattr(self, name)))
        if isinstance(cast("object", self.proposed), Mapping):
            object.__setattr__(self, "proposed", plain_values(self.proposed))
        for name in ("deadline", "remind", "escalate"):
            object.__setattr__(self, name, as_seconds(getattr(self, name)))
        raise_problems(self._problems())

    @property
    def remind_seconds(self) -> float | None:
        """Seconds between two reminders."""
        return cast("float | None", self.remind)

    @property
    def escalate_seconds(self) -> float | None:
        """Seconds after which others may vote too."""
        return cast("float | None", self.escalate)

    @property
    def templates(self) -> Iterator[tuple[str, str]]:
        """Its texts that may have placeholders, each with what it is."""
        yield "question", self.question
        for name, value in self.proposed.items():
            if isinstance(value, str):
                yield f"proposed {name}", value

    def check_literal(self) -> None:
        """Check that what is proposed is meant as it is: an agent knows the values, and no text is a template.

        Raises:
            DefinitionError: Something is not of its field's kind.
        """
        problems = proposed_problems(self.form, self.proposed, templates=False)
        raise_problems(f"approval: {problem}" for problem in problems)

    def expires_at(self, asked_at: float) -> float | None:
        """When the deadline decides, in seconds since 1970, if people are asked at that time."""
        if isinstance(self.deadline, BusinessDays):
            return self.deadline.after(asked_at)
        return None if self.deadline is None else asked_at + cast("float", self.deadline)

    def _problems(self) -> Iterator[str]:
        yield from texts_problems("approval: by", self.by)
        yield from texts_problems("approval: escalate_to", self.escalate_to)
        yield from count_problems("approval: quorum", self.quorum, most=100)
        yield from kind_problems("approval: question", self.question, str, "a text")
        if not isinstance(self.deadline, BusinessDays):
            yield from seconds_problems("approval: deadline", self.deadline)
        yield from seconds_problems("approval: remind", self.remind)
        if is_number(self.remind) and 0 < self.remind < 1:
            yield f"approval: remind must be at least 1 second, since each time is on the journal, not {self.remind!r}"
        yield from seconds_problems("approval: escalate", self.escalate)
        if (self.escalate is None) != (self.escalate_to == ()):
            yield "approval: escalate says when and escalate_to says to whom; give both or neither"
        yield from choice_problems("approval: on_expiry", self.on_expiry, ("refuse", "approve"))
        yield from kind_problems("approval: by_requester", self.by_requester, bool, "True or False")
        for problem in (*form_problems(self.form), *proposed_problems(self.form, self.proposed, templates=True)):
            yield f"approval: {problem}"
