"""`doctor`: what was found, as a list for people or as JSON."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from operator import attrgetter
from textwrap import wrap
from typing import Final

import anyio.to_thread
from rich.text import Text

from agentkit.client import Client
from agentkit.engines import SystemClock
from agentkit.errors import AgentKitError
from agentkit.service import diagnosis_page, examine_machine, examine_server, examine_settings, examine_store
from agentkit.views import one_line
from agentkit.wire import FindingLine

from .asking import asked
from .ending import finish, guarded
from .reaching import Far
from .screen import output
from .tables import width_of

__all__ = ["diagnose", "finding_lines"]

_SIGNS: Final = {"ok": ("✓", "green"), "note": ("○", "yellow"), "problem": ("✗", "red")}
_TITLES: Final = {
    "machine": "This machine",
    "extras": "Extras",
    "settings": "Settings",
    "store": "Store",
    "server": "Server",
}
_WIDEST: Final = 120


def diagnose(address: str | None, far: Far | None, *, verify: bool, as_json: bool) -> None:
    """Look at everything, and say what was found."""

    async def work() -> int:
        now = SystemClock().now()
        found = [*examine_machine(now=now), *examine_settings(os.environ)]
        if address is not None:
            # It reads files, for as long as the store is large.
            found += await anyio.to_thread.run_sync(partial(examine_store, address, verify=verify, now=now))
        if far is not None:
            found += await _server(far)
        page = diagnosis_page(found)
        if as_json:
            sys.stdout.write(page.model_dump_json() + "\n")
        else:
            console = output()
            for line in finding_lines(found, min(_WIDEST, width_of(console))):
                console.print(line, soft_wrap=True)
        return 0 if page.ok else 1

    finish(guarded(work))


async def _server(far: Far) -> Sequence[FindingLine]:
    found = [FindingLine(area="server", name="place", verdict="ok", detail=f"{far.url} answers")]

    async def look(client: Client) -> int:
        found.extend(await examine_server(client))
        return 0

    try:
        await asked(far, look)
    except AgentKitError as error:
        return [FindingLine(area="server", name="place", verdict="problem", detail=str(error))]
    return found


def finding_lines(findings: Sequence[FindingLine], width: int) -> Iterator[Text]:
    """What was found, area by area; the advice stands below what it is about."""
    longest = max((len(one.name) for one in findings), default=0)
    for area, members in itertools.groupby(findings, key=attrgetter("area")):
        yield Text(_TITLES[area], "bold")
        for one in members:
            sign, colour = _SIGNS[one.verdict]
            rows = [(row, "") for row in _rows(one.detail, width - longest - 6)]
            advice = _rows(one.advice, width - longest - 8)
            rows += [(f"{' ' if number else '→'} {row}", colour) for number, row in enumerate(advice)]
            for number, (row, style) in enumerate(rows or [("", "")]):
                line = Text("  ")
                line.append(" " if number else sign, colour)
                line.append(f" {'' if number else one.name:{longest}}  ")
                yield line.append(row, style)
    count = sum(one.verdict == "problem" for one in findings)
    said = "1 problem" if count == 1 else f"{count} problems" if count else "no problems"
    yield Text(said, "bold red" if count else "bold green")


def _rows(text: str, width: int) -> Sequence[str]:
    return wrap(one_line(text, 1_000), max(20, width), break_on_hyphens=False)
