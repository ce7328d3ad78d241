"""What a page shows first, by its address: a run, a form, a choice of workflows, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeAlias
from urllib.parse import quote

import gradio as gr
from pydantic import JsonValue

from agentkit.client import Client
from agentkit.errors import AgentKitError
from agentkit.screens import count_text, moment_text, trouble_of
from agentkit.wire import OperationLine, OperationQuery, WorkflowLine, WorkflowPage

from .asking import Desks
from .board import recent
from .markup import line, page, paragraphs, told, trouble
from .starting import Start, begun
from .untyped import query_of

__all__ = ["Opener"]

_Shown: TypeAlias = tuple[str, Start, dict[str, Any], str, dict[str, Any], str, str]
"""The head, the form and whether it is seen, the run and whether it is seen, its id, and recent runs."""


class Opener:
    """Opens pages.

    Args:
        desks: Whom to ask.
        workflow: The workflow; without, people choose.
        zone: In which zone times are shown.
        title: What the page is called.
        page_size: How many recent runs are shown.
    """

    def __init__(self, desks: Desks, workflow: str | None, *, zone: tzinfo, title: str, page_size: int) -> None:
        self._desks = desks
        self._workflow = workflow
        self._zone = zone
        self._title = title
        self._page_size = page_size

    async def opened(self, request: gr.Request) -> _Shown:
        """What is shown at the address that was opened."""
        operation = query_of(request, "operation")
        if operation:
            head = self._head(self._title or self._workflow or "agentkit", "")
            return self._shown(head, Start(), operation=operation)
        again = query_of(request, "again")
        name = self._workflow or query_of(request, "workflow")
        try:
            return await self._form(request, name, again)
        except AgentKitError as error:
            way = (
                "" if name == (self._workflow or "") and not again else '<p><a href="?">Back to the start page</a></p>'
            )
            retry = '<p><a href="">Try again</a></p>' if error.retryable else ""
            head = self._head(self._title or name or "agentkit", "")
            return self._shown(head + page(trouble(trouble_of(error)), retry, way), Start())

    async def _form(self, request: gr.Request, name: str, again: str) -> _Shown:
        async def work(
            client: Client,
        ) -> tuple[WorkflowPage | None, Sequence[WorkflowLine], JsonValue, list[OperationLine]]:
            given: JsonValue = None
            chosen = name
            if again:
                chosen = (await client.operation(again)).workflow
                given = next((one.data.get("input") for one in await client.history(again, limit=1)), None)
            offered: Sequence[WorkflowLine] = () if chosen else await client.workflows()
            if len(offered) == 1:
                chosen = offered[0].name
            runs = await client.operations(OperationQuery(workflow=chosen or None, limit=self._page_size))
            return (await client.workflow(chosen) if chosen else None), offered, given, runs.items

        found, offered, given, runs = await self._desks.ask(request, work)
        if found is None:
            head = self._head(self._title or "agentkit", "") + _choice(offered)
            return self._shown(head, Start(), runs=recent(runs, self._zone))
        head = self._head(self._title or found.name, found.description)
        if again:
            head += page(
                told("As it was filled in before", f"for run <code>{line(again)}</code>; change what you like")
            )
        start = begun(found, given, is_again=bool(again))
        return self._shown(head, start, runs=recent(runs, self._zone))

    def _shown(self, head: str, start: Start, *, operation: str = "", runs: str = "") -> _Shown:
        return (
            head,
            start,
            gr.update(visible=start.workflow is not None),
            operation,
            gr.update(visible=bool(operation)),
            operation,
            runs,
        )

    def _head(self, title: str, about: str) -> str:
        zone = moment_text(datetime.now(UTC), self._zone).split(" ", 2)[2]
        return page(
            f'<div class="ak-between"><h1>{line(title)}</h1><span class="ak-quiet">Times in {line(zone)}</span></div>',
            f"<p>{paragraphs(about, 2_000)}</p>" if about else "",
        )


def _choice(offered: Sequence[WorkflowLine]) -> str:
    if not offered:
        return page(told("No workflow is offered", "Name workflow files when you start these pages, or the server."))
    cards = "".join(
        f'<div class="ak-card"><h2><a href="?workflow={_in_address(one.name)}">{line(one.name)}</a></h2>'
        f'<p>{line(one.description)}</p><p class="ak-quiet">{count_text(one.stages, "stage")}</p></div>'
        for one in offered
    )
    return page(f'<h2>What do you want to run?</h2><div class="ak-cards">{cards}</div>')


def _in_address(text: str) -> str:
    return quote(text, safe="")
