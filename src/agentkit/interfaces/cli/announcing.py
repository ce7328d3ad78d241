"""`webhooks`: what became of announcements, on a store or a server."""

from __future__ import annotations

import sys

from rich.text import Text

from agentkit.client import Client
from agentkit.views import one_line
from agentkit.wire import DeliveryLine, DeliveryQuery

from .places import Place, ask_at
from .screen import errors, output

__all__ = ["list_them", "replay_one", "show_secret"]

_PER_PAGE = 200


def list_them(place: Place, *, dead: bool, limit: int, as_json: bool) -> None:
    """List announcements, newest first."""

    async def work(client: Client) -> int:
        found: list[DeliveryLine] = []
        cursor: str | None = None
        while len(found) < limit:
            query = DeliveryQuery(dead=dead, cursor=cursor, limit=min(_PER_PAGE, limit - len(found)))
            page = await client.deliveries(query)
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        for line in found:
            _show(line, as_json=as_json)
        if not found:
            _say(f"no {'dead ' if dead else ''}webhooks at {place.words}")
        return 0

    ask_at(place, work)


def replay_one(webhook: str, place: Place) -> None:
    """Send once more what was never taken."""

    async def work(client: Client) -> int:
        line = await client.replay(webhook)
        _say(f"{line.id} to {one_line(line.url, 200)} is {line.status}")
        return 0

    ask_at(place, work)


def show_secret(tenant: str | None, place: Place, *, as_json: bool) -> None:
    """Show what messages are verified with."""

    async def work(client: Client) -> int:
        page = await client.webhook_secret(tenant=tenant)
        if as_json:
            sys.stdout.write(page.model_dump_json() + "\n")
            return 0
        sys.stdout.write(page.secret + "\n")
        if page.old_secret is not None:
            _say("messages have the signature of the secret before, too, until it is taken away")
        return 0

    ask_at(place, work, announces=True)


def _show(line: DeliveryLine, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(line.model_dump_json() + "\n")
        return
    at = f"{line.updated_at:%Y-%m-%d %H:%M:%S} UTC"
    text = f"{line.id}  {line.status:10}  {at}  {line.operation}  {one_line(line.url, 200)}"
    output().print(Text(text), soft_wrap=True)


def _say(line: str) -> None:
    errors().print(Text(line), soft_wrap=True)
