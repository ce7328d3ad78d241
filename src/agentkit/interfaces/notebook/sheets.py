"""Where pictures are drawn: `Sheet`, an output of a notebook that is drawn anew, or lines where there is no notebook.

Rules: one output for one sheet, so its last state is what is saved with the notebook. IPython is asked for here and
nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from importlib import import_module
from typing import Final, Protocol, cast

from IPython.core.getipython import get_ipython

__all__ = ["Sheet", "cell_number"]

_display: Final = cast("_Display", import_module("IPython.display").display)
_shell: Final = cast("Callable[[], _Shell | None]", get_ipython)


class _Handle(Protocol):
    """An output of a notebook that can be drawn anew."""

    def update(self, data: dict[str, str], *, raw: bool) -> None: ...


class _Display(Protocol):
    """What is used of `IPython.display.display`."""

    def __call__(self, data: dict[str, str], *, raw: bool, display_id: bool) -> _Handle | None: ...


class _Shell(Protocol):
    """What is used of the running IPython."""

    execution_count: int


class Sheet:
    """Takes pictures, each in the place of the one before.

    In a notebook that is an output of the cell in which the first one is drawn. Elsewhere the text is printed, whenever
    its first line begins otherwise, which is where the status stands.
    """

    def __init__(self) -> None:
        self._handle: _Handle | None = None
        self._said = ""

    def draw(self, picture: dict[str, str]) -> None:
        """Draw a picture."""
        if self._handle is not None:
            # In a context of its own it is told by the cell that runs now: from one that has ended, who runs a notebook
            # in order to save it takes nothing any more.
            Context().run(self._handle.update, picture, raw=True)
        elif _is_notebook():
            self._handle = _display(picture, raw=True, display_id=True)
        elif (said := picture["text/plain"].partition(" · ")[0]) != self._said:
            self._said = said
            print(picture["text/plain"])


def _is_notebook() -> bool:
    """Whether outputs can be drawn anew here: a terminal's IPython can not."""
    return hasattr(_shell(), "kernel")


def cell_number() -> int:
    """The number of the cell that runs; 0 outside of IPython."""
    shell = _shell()
    return 0 if shell is None else shell.execution_count
