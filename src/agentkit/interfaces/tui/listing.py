"""The operations that the table shows: read page by page from the first on, and kept up to date.

Rules: what is shown was filtered and sorted where the operations are kept. A look costs two pages, however many there
are: one of those that were read before, each in its turn, and the first page. A line is known by its operation's id.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from agentkit.client import Client
from agentkit.wire import OperationLine, OperationQuery, Page

__all__ = ["Listing", "News"]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a look has found.

    Attributes:
        lines: Operations that are new, or stand otherwise than before, by id.
        gone: Those that the filter does not let through any more.
    """

    lines: Mapping[str, OperationLine]
    gone: Collection[str] = ()


class Listing:
    """Operations of one filter, as far as they were read.

    Args:
        client: Who is asked.
        query: Which are wanted, and how many are read at once; its cursor is set here.
    """

    def __init__(self, client: Client, query: OperationQuery) -> None:
        self.query: OperationQuery = query
        self.lines: dict[str, OperationLine] = {}
        self.is_whole: bool = False
        """Whether the last one was read."""
        self._client = client
        self._next: str | None = None
        self._end: _Place | None = None
        self._walker: tuple[str, _Place] | None = None

    @property
    def order(self) -> Sequence[str]:
        """The ids in the order in which the pages have them."""
        is_rising = self.query.sort == "oldest"
        return sorted(self.lines, key=lambda one: self._place(self.lines[one]), reverse=not is_rising)

    async def more(self) -> News:
        """Read the page behind those that were read; the first one, if none was."""
        if self.is_whole:
            return News(lines={})
        return self._take(await self._page(self._next), self._end)

    async def look(self) -> News:
        """Look whether anything has changed."""
        walker = self._walker if self._walker is not None and self._is_read(self._walker[1]) else None
        older = await self._page(walker[0]) if walker is not None else None
        # The first page is asked for last: what comes up from the other one meanwhile is found on it, and is not gone.
        first = await self._page(None)
        taken = [self._take(older, walker[1])] if walker is not None and older is not None else []
        taken.append(self._take(first, None))
        self._walker = self._behind(older) or self._behind(first)
        lines = {one: line for news in taken for one, line in news.lines.items() if one in self.lines}
        return News(lines=lines, gone=[one for news in taken for one in news.gone if one not in self.lines])

    def _behind(self, page: Page[OperationLine] | None) -> tuple[str, _Place] | None:
        """Where the page behind one begins, if it was read before."""
        if page is None or page.next_cursor is None or not page.items:
            return None
        place = self._place(page.items[-1])
        return (page.next_cursor, place) if self._is_read(place) else None

    def _is_read(self, place: _Place) -> bool:
        """Whether what is behind a place was read."""
        return self._end is not None and self._is_before(place, self._end)

    async def _page(self, cursor: str | None) -> Page[OperationLine]:
        return await self._client.operations(self.query.model_copy(update={"cursor": cursor}))

    def _take(self, page: Page[OperationLine], above: _Place | None) -> News:
        """Take a page as what there is between `above`, None for the top, and its own end."""
        end = self._place(page.items[-1]) if page.items and page.next_cursor is not None else None
        found = {line.id: line for line in page.items}
        gone = [
            one
            for one, line in self.lines.items()
            if one not in found and self._is_between(self._place(line), above, end)
        ]
        news = {one: line for one, line in found.items() if self.lines.get(one) != line}
        for one in gone:
            del self.lines[one]
        self.lines.update(found)
        if end is None:
            self.is_whole, self._next = True, None
            last = next(reversed(self.order), None)
            self._end = None if last is None else self._place(self.lines[last])
        elif not self._is_read(end):
            # Also where the last one was read: in some orders what is new comes behind it.
            self.is_whole, self._end, self._next = False, end, page.next_cursor
        return News(lines=news, gone=gone)

    def _place(self, line: OperationLine) -> _Place:
        return line.updated_at if self.query.sort == "changed" else line.created_at, line.id

    def _is_before(self, one: _Place, other: _Place) -> bool:
        """Whether the pages have one before the other."""
        return one < other if self.query.sort == "oldest" else one > other

    def _is_between(self, place: _Place, above: _Place | None, end: _Place | None) -> bool:
        is_below = above is None or self._is_before(above, place)
        return is_below and (end is None or not self._is_before(end, place))


_Place: TypeAlias = tuple[datetime, str]
"""Where a line stands in the order of the pages."""
