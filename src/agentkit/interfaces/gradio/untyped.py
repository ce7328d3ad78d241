"""What Gradio gives without whole types, typed here once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import gradio as gr
from gradio.themes import Base

__all__ = ["SAME", "add_call", "listen", "mount", "query_of", "themed"]

_gradio = cast("Any", gr)

add_call: Final[Callable[..., object]] = _gradio.api
listen: Final[Callable[..., object]] = _gradio.on
mount: Final[Callable[..., object]] = _gradio.mount_gradio_app

SAME: Final[dict[str, Any]] = _gradio.skip()
"""A part of the page that stays as it is."""


def themed(theme: Base, **settings: str) -> Base:
    """A theme with other settings."""
    return cast("Base", cast("Any", theme).set(**settings))


def query_of(request: gr.Request, name: str, most: int = 255) -> str:
    """What the address of a page says under a name; empty if nothing."""
    asked: Mapping[str, object] = dict(cast("Any", request).query_params)
    return str(asked.get(name) or "")[:most].strip()
