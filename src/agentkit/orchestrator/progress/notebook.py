"""Progress in a notebook: `NotebookDisplay` shows one picture and keeps it up to date.

Rules: IPython is there in a notebook and nowhere else, so it is imported when the display is made.
"""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from agentkit.errors import UsageError
from agentkit.views import Progress

__all__ = ["NotebookDisplay"]


class _Handle(Protocol):
    def update(self, obj: object) -> None: ...


class _Display(Protocol):
    def __call__(self, obj: object, *, display_id: bool) -> _Handle | None: ...


class NotebookDisplay:
    """A listener for notebooks. Make it in the cell under which it is to be seen.

    Raises:
        UsageError: This is no notebook: IPython is not installed.
    """

    seconds: float = 0.25

    def __init__(self) -> None:
        try:
            found: object = import_module("IPython.display").display
        except ImportError as error:
            raise UsageError(
                "NotebookDisplay needs IPython, which every notebook has; elsewhere use PlainTerminal"
            ) from error
        self._display = cast("_Display", found)
        self._handle: _Handle | None = None

    def __call__(self, progress: Progress) -> None:
        """Show it, in the place of the picture before."""
        if self._handle is None:
            self._handle = self._display(progress, display_id=True)
        else:
            self._handle.update(progress)
