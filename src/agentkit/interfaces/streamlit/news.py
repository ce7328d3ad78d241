"""What happens meanwhile, told on whichever page somebody is: ends of runs, failures, approvals that wait for them.

Rules: two bounded questions for each interval, what has changed and which runs wait for approval; more only where more
has changed than one answer holds, and where a run that waits is not as it was; none where nothing is to be told. What
happened before somebody came is no news. News that a page is drawn anew over are told after that.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias, cast

import streamlit as st

from agentkit.client import BlockingClient
from agentkit.errors import AgentKitError
from agentkit.screens import plain_text
from agentkit.wire import ApprovalLine, OperationLine, OperationQuery

from .states import standing
from .taste import Taste

Note: TypeAlias = tuple[int, str]
"""What is told, and its number."""

__all__ = ["EVERY_SECONDS", "News", "news"]

_KEPT: Final = "agentkit.news"
EVERY_SECONDS: Final = 10.0
"""How often somebody who looks at a page hears what is new."""
_KEPT_NOTES: Final = 10
_NEWEST: Final = 50
_MORE: Final = 200
_MOST_PAGES: Final = 5
_MOST: Final = 3
_OVER: Final = ("completed", "failed", "cancelled")
_BAD: Final = ("failed", "quarantined")


@dataclass(slots=True)
class News:
    """What a session knows, and has still to tell.

    Attributes:
        mine: The runs that were started or looked at while they ran.
        approvals: How many wait for whoever looks; None if nobody has asked.
        untold: What is to be told, each with its number among all that was.
        told: What was told last, likewise.
    """

    mine: set[str] = field(default_factory=set[str])
    approvals: int | None = None
    untold: list[Note] = field(default_factory=list[Note])
    told: deque[Note] = field(default_factory=lambda: deque[Note](maxlen=_KEPT_NOTES))
    _number: int = 0
    _asked_at: datetime | None = None
    _since: datetime | None = None
    _heard_to: datetime | None = None
    _over: set[str] = field(default_factory=set[str])
    _waits: frozenset[tuple[str, int]] = frozenset()
    _known: frozenset[tuple[str, str, str]] = frozenset()

    def watch(self, operation_id: str) -> None:
        """Count a run among those whose end is told."""
        self.mine.add(operation_id)

    def end(self, line: OperationLine, taste: Taste) -> None:
        """Tell that a run has ended that somebody looks at, and not again."""
        if "mine" in taste.tells:
            self._tell([_end(line)])
        self._over.add(line.id)

    def say(self, words: str) -> None:
        """Tell what came of what somebody has just done."""
        self._tell([words])

    def look_again(self) -> None:
        """Ask with the next picture, however short ago that was done: somebody has just done something."""
        self._asked_at = None

    def ask(self, client: BlockingClient, taste: Taste, now: datetime) -> None:
        """Ask what is new, unless that was done a moment ago; a service that does not answer has no news."""
        if self._asked_at is not None and (now - self._asked_at).total_seconds() < EVERY_SECONDS - 1:
            return
        self._asked_at = now
        try:
            self._hear(self._changed(client), taste)
            if "approvals" in taste.tells:
                self._look_for_approvals(client)
        except AgentKitError:
            # The page itself says so.
            return

    def _changed(self, client: BlockingClient) -> Sequence[OperationLine]:
        """What has changed since the last look, if not too much, and what changed last before that."""
        query = OperationQuery(sort="changed", limit=_NEWEST)
        found: list[OperationLine] = []
        for _ in range(_MOST_PAGES):
            page = client.operations(query)
            found += page.items
            if page.next_cursor is None or self._heard_to is None or found[-1].updated_at < self._heard_to:
                break
            query = OperationQuery(sort="changed", limit=_MORE, cursor=page.next_cursor)
        self._heard_to = max((line.updated_at for line in found), default=self._heard_to)
        return found

    def _look_for_approvals(self, client: BlockingClient) -> None:
        """Count the approvals, unless all runs that wait for one are as they were."""
        page = client.operations(OperationQuery(waiting="approval", sort="changed", limit=_NEWEST))
        # A run may have had one question answered, and ask another one.
        waits = frozenset((line.id, line.events) for line in page.items)
        if self.approvals is None or waits != self._waits or page.next_cursor is not None:
            self._count(client.approvals())
            self._waits = waits

    def _hear(self, lines: Sequence[OperationLine], taste: Taste) -> None:
        over = {line.id: line for line in lines if line.status in (*_OVER, *_BAD)}
        if self._since is None:
            self._since = max((line.updated_at for line in lines), default=self._asked_at)
        else:
            ends = [line for line in over.values() if line.id not in self._over and self._is_new(line)]
            told = [_end(line) for line in ends if self._is_told(line, taste)]
            self._tell(_few(told, "run", "runs"))
        self._over |= over.keys()

    def _tell(self, told: Iterable[str]) -> None:
        for words in told:
            self._number += 1
            self.untold.append((self._number, words))

    def next_note(self) -> str | None:
        """What is to be told next, which is told by that; None if nothing is."""
        if not self.untold:
            return None
        self.told.append(note := self.untold.pop(0))
        return note[1]

    def _is_new(self, line: OperationLine) -> bool:
        return self._since is not None and line.updated_at > self._since

    def _is_told(self, line: OperationLine, taste: Taste) -> bool:
        is_mine = "mine" in taste.tells and line.id in self.mine
        return is_mine or ("failed" in taste.tells and line.status in _BAD)

    def _count(self, found: Sequence[ApprovalLine]) -> None:
        names = {(one.operation, one.stage, one.name): one for one in found}
        if self.approvals is not None:
            told = [_asking(one) for name, one in names.items() if name not in self._known]
            self._tell(_few(told, "approval", "approvals"))
        self.approvals, self._known = len(found), frozenset(names)


def news() -> News:
    """The news of this session."""
    return cast("News", st.session_state.setdefault(_KEPT, News()))


def _end(line: OperationLine) -> str:
    return f"{plain_text(line.workflow)}: {standing(line)[1]}"


def _asking(one: ApprovalLine) -> str:
    return f"{plain_text(one.workflow)} waits for you: {plain_text(one.question or one.stage)}"


def _few(told: Sequence[str], one: str, many: str) -> Iterator[str]:
    """The first of them, and how many more there are."""
    yield from told[:_MOST]
    if (more := len(told) - _MOST) > 0:
        yield f"and {more} more {one if more == 1 else many}"
