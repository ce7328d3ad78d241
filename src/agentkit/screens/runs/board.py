"""A run, as a screen shows it: pictures of it and its events go in, rows, bars and lines come out.

Rules: an event costs what it touches, however long the journal is; one that was heard before changes nothing, so
whoever comes back may ask again from any number on. A gap is refused: nothing is shown as whole that is not.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from agentkit.errors import UsageError
from agentkit.screens.meter import Meter, meter_of
from agentkit.screens.states import Look, look_of
from agentkit.screens.words import plain_text
from agentkit.wire import EventLine, LiveLine, OperationPage, StageLine

from .bars import BarFold, TimeBar
from .costs import CostFold, Costs
from .doubts import DoubtFold
from .happenings import Happening, happening_of
from .lines import news_of

__all__ = ["Board", "StageRow"]

_MOST_BOXES: Final = 60
_MOST_SAID: Final = 200
_FIRST: Final = ("running", "in_doubt", "waiting", "failed", "retrying", "unavailable", "expanded")
"""Stages that are worth looking at before the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRow:
    """One stage of a run.

    Attributes:
        name: Which stage.
        look: Where it stands.
        meter: How far it is.
        agent: Who works on it, or did last, or will.
        attempt: The number of its newest attempt; 0 before the first.
        began_at: When it began; None before, or if its events were not heard.
        ended_at: When its newest work ended; None while it goes on.
        waits_for: What it waits for, in words; empty if for nothing.
        failure: Why its newest attempt failed; empty if it did not.
        is_required: Whether the run fails with it.
    """

    name: str
    look: Look
    meter: Meter
    agent: str
    attempt: int
    began_at: datetime | None
    ended_at: datetime | None
    waits_for: str
    failure: str
    is_required: bool

    @property
    def note(self) -> str:
        """What is worth saying of it besides, on one line."""
        told = (
            f"for {self.waits_for}" if self.waits_for else "",
            "" if self.is_required else "optional",
            f"attempt {self.attempt}" if self.attempt > 1 else "",
            self.meter.message,
            self.failure,
        )
        return " · ".join(filter(None, told))


class Board:
    """Keeps what a screen shows of one run.

    Args:
        keep: How many events are kept as lines, the newest of them; all of them count for bars and costs.

    Attributes:
        page: The newest picture; None before the first.
        seen_at: When it was taken.
        said: What agents said while somebody looked on, the newest lines.

    Example:
        >>> from agentkit.wire import moment
        >>> board = Board()
        >>> said = board.take(OperationPage(id="op-1", workflow="greet", status="running", created_at=moment(0),
        ...     updated_at=moment(1), events=2, ended=False, fraction=0.5, seconds=1.0,
        ...     stages=[StageLine(name="ask", status="running", fraction=0.5)]), seen_at=moment(1))
        >>> board.hear([EventLine(operation="op-1", number=1, at=moment(0), type="operation.accepted")])
        >>> [(row.name, str(row.look), row.meter.percent) for row in board.rows()], board.after
        ([('ask', '● running', '50 %')], 1)
    """

    __slots__ = ("_bars", "_costs", "_doubts", "_lines", "after", "page", "said", "seen_at")

    def __init__(self, *, keep: int = 10_000) -> None:
        self.page: OperationPage | None = None
        self.seen_at: datetime | None = None
        self.after: int = 0
        self.said: deque[LiveLine] = deque(maxlen=_MOST_SAID)
        self._bars = BarFold()
        self._costs = CostFold()
        self._doubts = DoubtFold()
        self._lines: deque[Happening] = deque(maxlen=keep)

    def take(self, page: OperationPage, *, seen_at: datetime) -> Sequence[LiveLine]:
        """Show this picture; one that is older than what is shown changes nothing.

        Args:
            page: The operation, as it stood.
            seen_at: When it stood so.

        Returns:
            What agents have said since the picture before.
        """
        if self.page is not None and page.events < self.page.events:
            return ()
        self.page, self.seen_at = page, seen_at
        news = news_of(page.said, self.said[-1].number if self.said else 0)
        self.said.extend(news)
        return news

    def hear(self, events: Iterable[EventLine]) -> None:
        """Take events, in order; those that were heard before are passed over.

        Raises:
            UsageError: Some are missing in between: ask for those after `after`.
        """
        for event in events:
            if event.number <= self.after:
                continue
            if event.number != self.after + 1:
                raise UsageError(f"event {event.number} came after {self.after}: ask for the events after {self.after}")
            self.after = event.number
            self._bars.hear(event)
            self._costs.hear(event)
            self._doubts.hear(event)
            self._lines.append(happening_of(event))

    @property
    def look(self) -> Look:
        """Where the run stands."""
        return look_of("pending" if self.page is None else self.page.status)

    @property
    def is_large(self) -> bool:
        """Whether it has more stages than are worth drawing one by one."""
        return self.page is not None and len(self.page.stages) > _MOST_BOXES

    @property
    def costs(self) -> Costs:
        """What it used so far."""
        return self._costs.costs

    @property
    def doubts(self) -> Sequence[str]:
        """The stages, items, turns and undoings of which nobody knows whether they happened, the oldest first."""
        return self._bars.doubts

    def doubt_words(self, stage: str) -> str:
        """What whoever settles a doubt has to look up: the effect, what it was given, and why nobody knows."""
        return self._doubts.words(stage)

    @property
    def signals(self) -> Sequence[str]:
        """The signals that stages wait for, each once."""
        return self._bars.signals

    def meter(self, now: datetime | None = None) -> Meter | None:
        """How far it is; None before the first picture."""
        return None if self.page is None else meter_of(self.page, seen_at=self.seen_at, now=now)

    def counts(self) -> Sequence[tuple[Look, int]]:
        """How many stages stand where, the most first."""
        found = Counter(stage.status for stage in self._stages())
        return [(look_of(word), number) for word, number in found.most_common()]

    def rows(self, now: datetime | None = None) -> Sequence[StageRow]:
        """All stages, in order."""
        return [self._row(stage, now) for stage in self._stages()]

    def front(self, most: int = _MOST_BOXES, now: datetime | None = None) -> tuple[Sequence[StageRow], int]:
        """The stages that are worth looking at first, in order, and how many others there are."""
        stages = self._stages()
        if len(stages) <= most:
            return self.rows(now), 0
        ranked = sorted(range(len(stages)), key=lambda place: (_rank(stages[place]), place))
        return [self._row(stages[place], now) for place in sorted(ranked[:most])], len(stages) - most

    def bars(self, now: datetime, most: int | None = None) -> Sequence[TimeBar]:
        """Attempts and waits on the line of time, in the order of their beginnings; the newest, if there are more."""
        return self._bars.shown(now, most)

    def lines(self, last: int | None = None) -> Sequence[Happening]:
        """The events in words, oldest first; the newest, if there are more."""
        return [*islice(reversed(self._lines), last)][::-1]

    def _stages(self) -> Sequence[StageLine]:
        return () if self.page is None else self.page.stages

    def _row(self, stage: StageLine, now: datetime | None) -> StageRow:
        began_at, ended_at = self._bars.span(stage.name)
        return StageRow(
            name=plain_text(stage.name, 120),
            look=look_of(stage.status),
            meter=meter_of(stage, seen_at=self.seen_at, now=now),
            agent=plain_text(stage.agent, 120),
            attempt=stage.attempt,
            began_at=began_at,
            # Between two of its items or turns nothing is worked on, and still it goes on.
            ended_at=None if stage.status == "expanded" else ended_at,
            waits_for=plain_text(stage.waits_for or ""),
            failure=plain_text(stage.failure or "", 500),
            is_required=stage.required,
        )


def _rank(stage: StageLine) -> int:
    return _FIRST.index(stage.status) if stage.status in _FIRST else len(_FIRST)
