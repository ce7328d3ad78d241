"""The operations that the table shows: read page by page from the first on, and kept up to date.

Rules: what is shown was filtered and sorted where the operations are kept. A look costs two pages, however many there
are: the first page, and one of those that were read before, each in its turn. A line is known by its operation's id.
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
        page = await self._page(None)
        news = self._take(page, None)
        if self._walker is None and page.next_cursor is not None and page.items:
            self._walker = page.next_cursor, self._place(page.items[-1])
        if self._walker is None or self._end is None or not self._is_before(self._walker[1], self._end):
            self._walker = None
            return news
        cursor, above = self._walker
        page = await self._page(cursor)
        older = self._take(page, above)
        self._walker = (page.next_cursor, self._place(page.items[-1])) if page.next_cursor and page.items else None
        return News(lines={**news.lines, **older.lines}, gone=[*news.gone, *older.gone])

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
        elif not self.is_whole and (self._end is None or not self._is_before(end, self._end)):
            self._end, self._next = end, page.next_cursor
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
