"""The page: a form, and once a run is chosen that run; which one, is in the address.

Rules: the page keeps nothing that matters. `?operation=ID` shows a run in any browser, `?workflow=NAME` the form of a
workflow, `?again=ID` that form as it was filled in for a run.
"""

from __future__ import annotations

from datetime import UTC, tzinfo

import gradio as gr

from agentkit.client import BlockingClient, Client

from .asking import Desks, Visitors
from .opening import Opener
from .programs import add_calls
from .run_view import RunView
from .start_view import StartView

__all__ = ["gradio_app"]

_KEPT_SECONDS = 3_600
"""How long a file that was downloaded is kept for its browser."""


def gradio_app(
    client: Client | BlockingClient | Visitors,
    workflow: str | None = None,
    *,
    zone: tzinfo = UTC,
    title: str = "",
    refresh_seconds: float = 0.4,
    page_size: int = 10,
    session_seconds: float | None = None,
) -> gr.Blocks:
    """A page that starts runs of a workflow and follows them, near or far; and the same calls for `gradio_client`.

    Operations belong to whoever runs them, never to the page: a closed tab, a second one or a restart of the page's
    process lose nothing. Nothing is asked here: without a server the page says so when it is opened.

    Args:
        client: Whom the page asks: a client for all who look at it, or what gives each request its own. One that awaits
            is used on the loop on which this is called, and else on that of the page; a `BlockingClient` on its own.
        workflow: The workflow; without, people choose among those that are offered.
        zone: In which zone times are shown.
        title: What the page is called; without, as the workflow is.
        refresh_seconds: How many lie between two looks at a run; 0 looks once.
        page_size: How many recent runs are shown.
        session_seconds: How long a page follows a run without a click, before it rests; None is as long as it is open.

    Example:
        >>> from agentkit.client import Client
        >>> page = gradio_app(Client.at("http://127.0.0.1:8000"), "royalties")
        >>> page.title
        'royalties'
    """
    desks = Desks(client, session_seconds=session_seconds)
    name = title or workflow or "agentkit"
    app = gr.Blocks(title=name, analytics_enabled=False, delete_cache=(_KEPT_SECONDS, _KEPT_SECONDS))
    with app:
        opener = Opener(desks, workflow, zone=zone, title=title, page_size=page_size)
        head = gr.HTML()
        run = RunView(desks, zone, refresh_seconds=refresh_seconds)
        start = StartView(desks, run)
        app.load(
            opener.opened,
            None,
            [head, start.state, start.column, run.where, run.column, run.id_box, start.recent],
            # One who waits for a slow server keeps nobody else waiting.
            concurrency_limit=None,
            api_visibility="private",
            show_progress="hidden",
        )
        run.ask_by_id()
        add_calls(desks, workflow)
    return app
