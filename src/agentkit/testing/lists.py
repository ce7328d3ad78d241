"""What every journal promises of lists, as a part of `check_journal`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agentkit.errors import JournalConflict
from agentkit.stores import Sort, Store, Summary

from .promises import promise, refused
from .samples import notes, summary_of

__all__ = ["check_lists"]

_SORTED: Sequence[tuple[str, float, float]] = (
    # What began when, and changed when.
    ("a", 1.0, 9.0),
    ("b", 2.0, 5.0),
    ("c", 2.0, 9.0),
    ("d", 3.0, 3.0),
    ("e", 4.0, 5.0),
    ("f", 5.0, 7.0),
)


async def check_lists(store: Store) -> None:
    """Hold a journal, which has none of these streams yet, to what it promises of lists.

    Raises:
        AssertionError: A promise is broken; the message says which.
    """
    for check in (_finds, _pages, _keeps_summaries, _sorts, _pages_while_it_changes):
        await check(store)


async def _finds(store: Store) -> None:
    lines = [("a", "running", 1.0), ("b", "completed", 3.0), ("c", "failed", 2.0), ("d", "running", 3.0)]
    for stream, status, at in lines:
        summary = summary_of(f"finds {stream}", name="finds", status=status, at=at)
        await store.append(summary.stream, notes(1, 2), expected=0, summary=summary)
    await store.append("finds nothing", notes(1, 1), expected=0)

    async def found(status: Sequence[str] | None = None) -> list[str]:
        return [line.stream[-1] for line in await store.find(name="finds", status=status)]

    promise(await found() == ["d", "b", "c", "a"], "lists are newest first, and by name where the times are equal")
    promise(await found(["running"]) == ["d", "a"], "lists can be narrowed to a status")
    promise(await found(["failed", "completed"]) == ["b", "c"], "lists can be narrowed to several statuses")
    promise(await found([]) == [], "no status at all finds nothing")
    later = [line.stream[-1] for line in await store.find(name="finds", after=2.0)]
    promise(later == ["d", "b", "c"], "lists can be narrowed to what began at a time or later")
    promise(list(await store.find(name="fin%")) == [], "names are compared exactly")
    for text, streams in (("FINDS A", ["a"]), ("ind", ["d", "b", "c", "a"]), ("in%", []), ("_", []), ("\0", [])):
        some = await store.find(name="finds", text=text)
        promise([line.stream[-1] for line in some] == streams, "a text is looked for in names, and A is a")
    for tenant in ("acme", "acme-corp", "a_me"):
        summary = replace(summary_of(f"of {tenant}", name="tenants"), tenant=tenant)
        await store.append(summary.stream, notes(1, 1), expected=0, summary=summary)
    own = await store.find(name="tenants", tenant="acme")
    promise([line.tenant for line in own] == ["acme"], "a tenant sees what is its own, and nothing else")
    promise(list(await store.find(tenant="a%")) == [], "tenants are compared exactly")
    promise(await store.get("finds nothing") is None, "a stream without a summary is not listed")


async def _pages(store: Store) -> None:
    for number in range(25):
        summary = summary_of(f"page {number:02}", name="pages", at=float(number // 5))
        await store.append(summary.stream, notes(1, 1), expected=0, summary=summary)
    streams: list[str] = []
    before: tuple[float, str] | None = None
    while page := await store.find(name="pages", before=before, limit=7):
        promise(len(page) <= 7, "a page has at most as many lines as were asked for")
        streams.extend(line.stream for line in page)
        before = (page[-1].created_at, page[-1].stream)
    promise(streams == [f"page {number:02}" for number in reversed(range(25))], "pages skip and repeat nothing")


async def _sorts(store: Store) -> None:
    for stream, began, changed in _SORTED:
        line = replace(summary_of(f"sorted {stream}", name="sorts", at=began), updated_at=changed, waiting="signal")
        line = replace(line, tenant="few" if stream in "bdf" else None, ended=stream in "abcd")
        await store.append(line.stream, notes(1, 1), expected=0, summary=line)
    orders: dict[Sort, str] = {"newest": "fedcba", "oldest": "abcdef", "changed": "cafebd"}
    for sort, streams in orders.items():
        promise(await _all(store, sort) == streams, f"pages that are sorted by {sort!r} skip and repeat nothing")
        for kept, found in (
            ("bdf", await _all(store, sort, tenant="few")),
            ("abcd", await _all(store, sort, ended=True)),
            ("ef", await _all(store, sort, ended=False)),
            ("abcdef", await _all(store, sort, waiting="signal")),
            ("bcd", await _all(store, sort, after=2.0, until=4.0)),
            ("def", await _all(store, sort, after=3.0)),
            ("abc", await _all(store, sort, until=3.0)),
        ):
            narrowed = "".join(stream for stream in streams if stream in kept)
            promise(found == narrowed, f"what is sorted by {sort!r} can be narrowed as any list: {found!r}")


async def _all(store: Store, sort: Sort, **narrowed: Any) -> str:
    """The last letters of all that is listed, two at a time."""
    found = ""
    before: tuple[float, str] | None = None
    while page := await store.find(name="sorts", sort=sort, before=before, limit=2, **narrowed):
        found += "".join(line.stream[-1] for line in page)
        promise(len(found) <= len(_SORTED), f"pages that are sorted by {sort!r} come to an end")
        before = page[-1].updated_at if sort == "changed" else page[-1].created_at, page[-1].stream
    return found


async def _pages_while_it_changes(store: Store) -> None:
    for number in range(4):
        await store.append(f"moves {number}", notes(1, 1), expected=0, summary=_moving(number, changed=number))
    first = await store.find(name="moves", sort="changed", limit=2)
    place = first[-1].updated_at, first[-1].stream
    await store.append("moves 3", notes(2, 2), expected=1, summary=_moving(3, changed=10))
    await store.append("moves 1", notes(2, 2), expected=1, summary=_moving(1, changed=11))
    await store.append("moves 4", notes(1, 1), expected=0, summary=_moving(4, changed=12))
    rest = await store.find(name="moves", sort="changed", before=place)
    promise([line.stream for line in rest] == ["moves 0"], "what changes meanwhile is first, and on no later page")
    anew = await store.find(name="moves", sort="changed", limit=3)
    promise([line.stream[-1] for line in anew] == ["4", "1", "3"], "what changed last is first")
    later = await store.find(name="moves", sort="oldest", before=(3.0, "moves 3"))
    promise([line.stream for line in later] == ["moves 4"], "what begins meanwhile is behind what is older")


def _moving(number: int, *, changed: float) -> Summary:
    return replace(summary_of(f"moves {number}", name="moves", at=float(number)), updated_at=float(changed))


async def _keeps_summaries(store: Store) -> None:
    promise(await store.get("summary") is None, "a stream that does not exist has no summary")
    first = summary_of("summary")
    await store.append("summary", notes(1, 2), expected=0, summary=first)
    await store.append("summary", notes(3, 3), expected=2)
    kept = await store.get("summary")
    promise(
        kept is not None and kept.version == 3 and kept.status == "running", "a summary stays until there is a new one"
    )
    last = Summary(stream="summary", name="flow", status="done", ended=True, created_at=1.0, updated_at=9.25)
    await store.append("summary", notes(4, 4), expected=3, summary=last)
    await refused(JournalConflict, store.append("summary", notes(4, 4), expected=3, summary=first))
    kept = await store.get("summary")
    whole = Summary(
        stream="summary", name="flow", status="done", ended=True, created_at=1.0, updated_at=9.25, version=4
    )
    promise(kept == whole, "a summary changes with its events or not at all")
    promise([*await store.find(name="flow", status=["done"])] == [whole], "get and find tell the same")
    promise([*await store.find(name="flow", ended=True)] == [whole], "lists can be narrowed to what has ended")
    open_ones = [line.stream for line in await store.find(ended=False, after=2.0, limit=3)]
    promise(open_ones == ["page 24", "page 23", "page 22"], "lists can be narrowed to what has not ended")
    promise([*await store.find(name="flow", ended=False)] == [], "what has ended is none of those that have not")
    own = await store.find(tenant="acme", ended=False)
    promise([line.stream for line in own] == ["of acme"], "what has not ended can be narrowed to a tenant")
