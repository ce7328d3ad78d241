"""What Gradio gives without whole types, typed here once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import gradio as gr
from fastapi import FastAPI
from gradio.themes import Base
from starlette.routing import Mount
from starlette.types import ASGIApp

__all__ = ["SAME", "add_call", "listen", "mount", "query_of", "themed", "unmarked"]

_gradio = cast("Any", gr)

add_call: Final[Callable[..., object]] = _gradio.api
listen: Final[Callable[..., object]] = _gradio.on
_mount: Final[Callable[..., object]] = _gradio.mount_gradio_app

SAME: Final[dict[str, Any]] = _gradio.skip()
"""A part of the page that stays as it is."""


def mount(app: FastAPI, page: gr.Blocks, guard: Callable[[ASGIApp], ASGIApp], **settings: object) -> None:
    """Put a page below a path of an application, behind a guard."""
    _mount(app, page, **settings)
    # Only then does Gradio check that a file which a browser names is one that it keeps.
    page.has_launched = True
    route = cast("Mount", app.router.routes[-1])
    route.app = guard(route.app)


def themed(theme: Base, **settings: str) -> Base:
    """A theme with other settings."""
    return cast("Base", cast("Any", theme).set(**settings))


def query_of(request: gr.Request, name: str, most: int = 255) -> str:
    """What the address of a page says under a name; empty if nothing."""
    asked: Mapping[str, object] = dict(cast("Any", request).query_params)
    return str(asked.get(name) or "")[:most].strip()


def unmarked(value: object) -> object:
    """JSON in which Gradio finds no file.

    Whatever is marked as a file Gradio would copy to where it can be fetched, wherever in JSON it lies.

    Example:
        >>> unmarked([{"path": "/etc/hostname", "meta": {"_type": "gradio.FileData"}}, 1])
        [{'path': '/etc/hostname', 'meta (of data)': {'_type': 'gradio.FileData'}}, 1]
    """
    if isinstance(value, list):
        return [unmarked(one) for one in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    given = {name: unmarked(one) for name, one in cast("dict[str, object]", value).items()}
    if "path" in given and _is_mark(given.get("meta", {})):
        given = {"meta (of data)" if name == "meta" else name: one for name, one in given.items()}
    return given


def _is_mark(meta: object) -> bool:
    # Gradio fails at what is no object.
    return not isinstance(meta, dict) or cast("dict[str, object]", meta).get("_type") == "gradio.FileData"
