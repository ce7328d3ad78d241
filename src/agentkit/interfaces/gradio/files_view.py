"""The files of a run, each with a button that brings it.

Rules: a file is fetched when somebody asks for it; what it is called is text, and never a path.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import gradio as gr
from anyio import to_thread

from agentkit.client import Client
from agentkit.errors import AgentKitError
from agentkit.screens import Trouble, plain_text, size_text, trouble_of
from agentkit.wire import FileLine

from .asking import Desks
from .markup import page, trouble
from .untyped import SAME

__all__ = ["Files", "draw_files", "safe_name"]

_MOST: Final = 100
_MOST_BYTES: Final = 200
_HARMLESS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._- ()")
_CLICK_JS: Final = """() => setTimeout(() => document.querySelector(
  "#ak-download a, #ak-download button, a#ak-download, button#ak-download")?.click(), 300)"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Files:
    """The files of a run.

    Attributes:
        operation: Which run.
        lines: Its files.
    """

    operation: str = ""
    lines: tuple[FileLine, ...] = ()


def draw_files(files: Files, desks: Desks) -> None:
    """Draw a button for each file."""
    if not files.lines:
        return
    gr.HTML(page("<h2>Files</h2>"))
    wrong = gr.HTML()
    ready = gr.DownloadButton("Download", visible="hidden", elem_id="ak-download")
    for one in files.lines[:_MOST]:
        words = f"⬇ {plain_text(one.name, 80)} · {size_text(one.size)} · {plain_text(one.stage, 60)}"
        button = gr.Button(words, size="md")
        fetched = button.click(
            _fetching(files.operation, one, desks, Path(ready.GRADIO_CACHE)),
            None,
            [ready, wrong],
            api_visibility="private",
            show_progress="minimal",
        )
        fetched.success(None, None, None, js=_CLICK_JS)


def safe_name(name: str) -> str:
    """What a file is called on a disk.

    Example:
        >>> safe_name("../../etc/<b>.csv")
        '_.._etc__b_.csv'
    """
    kept = "".join(
        letter if letter in _HARMLESS or (letter.isalnum() and letter.isprintable()) else "_" for letter in name
    )
    # Disks count bytes, and the start says more than the middle.
    name, ending = os.path.splitext(kept.strip(". "))
    return _cut(name, _MOST_BYTES - 50) + _cut(ending, 50) or "file"


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")


def _fetching(
    operation: str, one: FileLine, desks: Desks, cache: Path
) -> Callable[[gr.Request], Awaitable[tuple[dict[str, object], str]]]:
    async def fetch(request: gr.Request) -> tuple[dict[str, object], str]:
        async def work(client: Client) -> bytes:
            return await client.file(operation, one.name, stage=one.stage)

        try:
            content = await desks.ask(request, work)
        except AgentKitError as error:
            return SAME, page(trouble(trouble_of(error)))
        try:
            path = await to_thread.run_sync(_kept, cache, one.name, content)
        except OSError as error:
            return SAME, page(trouble(_unwritten(error)))
        return gr.update(value=path), ""

    return fetch


def _kept(cache: Path, name: str, content: bytes) -> str:
    """Write it where Gradio takes it from without a copy, and removes it by and by."""
    folder = cache / os.urandom(16).hex()
    folder.mkdir(parents=True)
    path = folder / safe_name(name)
    path.write_bytes(content)
    return str(path)


def _unwritten(error: OSError) -> Trouble:
    return Trouble(
        title="The file could not be written",
        message=plain_text(error.strerror or type(error).__name__),
        remedy="Ask whoever runs these pages: their disk takes nothing. The file itself is there, at every other door.",
        code="file_unwritten",
        is_retryable=True,
    )
