"""A bar for people who wait: in a terminal, in a notebook, or line by line where nobody draws.

Rules: what agents and servers say is text: nothing in it moves a cursor, colours anything or becomes markup.
"""

from __future__ import annotations

import html
import sys
from typing import Final, Protocol, TextIO, cast

from agentkit.wire import OperationPage

__all__ = ["ProgressBar", "bar_line"]

_SIGNS: Final = {"completed": "✓", "failed": "✗", "cancelled": "⊘", "quarantined": "!"}
"""As every door shows them."""
_CELLS: Final = 20
_DONE: Final = frozenset({"completed", "skipped"})


def bar_line(page: OperationPage, *, width: int = 79) -> str:
    """An operation as a bar on one line.

    Args:
        page: How it stands.
        width: The most letters.

    Example:
        >>> from agentkit.wire import moment
        >>> page = OperationPage(id="op-1", workflow="greet", status="running", created_at=moment(0),
        ...     updated_at=moment(1), events=3, ended=False, fraction=0.5, seconds=1.0, message="half of it")
        >>> bar_line(page)
        'greet ━━━━━━━━━━──────────  50 % running 1 s · half of it'
    """
    full = int(_CELLS * page.fraction)
    bar = "━" * full + "─" * (_CELLS - full)
    # Rounded down: 100 means that it is completed.
    words = [
        f"{_plain(page.workflow)[:24]} {bar} {int(100 * page.fraction):3d} % {_told(page)} {_duration(page.seconds)}"
    ]
    if page.stages:
        done = sum(stage.status in _DONE for stage in page.stages)
        words.append(f"{done} of {len(page.stages)} stages")
    if page.seconds_left is not None and not page.ended:
        words.append(f"{_duration(page.seconds_left)} left")
    message = page.failure.message if page.failure else page.message
    if message:
        words.append(_plain(message))
    line = " · ".join(words)
    return line if len(line) <= width else f"{line[: max(0, width - 1)]}…"


class ProgressBar:
    """Draws an operation on its way; give it to `Client.wait`, `follow` or `execute` as `show`.

    In a terminal one line is drawn anew; in a notebook one output is, and its last state is saved with the notebook;
    elsewhere a line is written whenever the status or the tenth of the way changes.

    Args:
        stream: Where to draw; None is standard error, or the notebook.
        width: The most letters of a line.

    Example:
        >>> import io
        >>> from agentkit.wire import moment
        >>> show = ProgressBar(io.StringIO())
        >>> show(OperationPage(id="op-1", workflow="greet", status="running", created_at=moment(0),
        ...     updated_at=moment(1), events=3, ended=False, fraction=0.5, seconds=1.0))
    """

    def __init__(self, stream: TextIO | None = None, *, width: int = 79) -> None:
        self._stream = stream
        self._width = width
        self._handle: _Handle | None = None
        self._said: tuple[str, int] | None = None

    def __call__(self, page: OperationPage) -> None:
        """Draw a picture."""
        line = bar_line(page, width=self._width)
        if self._stream is None and _in_notebook():
            self._draw(line)
            return
        stream = self._stream or sys.stderr
        if stream.isatty():
            stream.write(f"\r\x1b[2K{line}" + ("\n" if page.ended else ""))
            stream.flush()
        elif (now := (page.status, int(10 * page.fraction))) != self._said:
            self._said = now
            stream.write(f"{line}\n")
            stream.flush()

    def _draw(self, line: str) -> None:
        data = {"text/plain": line, "text/html": f"<pre role='status'>{html.escape(line)}</pre>"}
        if self._handle is None:
            display = cast("_Display", sys.modules["IPython.display"])
            self._handle = display.display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)


class _Handle(Protocol):
    """An output of a notebook that can be drawn anew."""

    def update(self, data: dict[str, str], *, raw: bool) -> None: ...


class _Display(Protocol):
    """What is used of `IPython.display`."""

    def display(self, data: dict[str, str], *, raw: bool, display_id: bool) -> _Handle: ...


class _IPython(Protocol):
    """What is used of `IPython`."""

    def get_ipython(self) -> object: ...


def _in_notebook() -> bool:
    """Whether a notebook runs us: a terminal's IPython draws as terminals do."""
    module = sys.modules.get("IPython")
    if module is None or "IPython.display" not in sys.modules:
        return False
    return type(cast("_IPython", module).get_ipython()).__name__ == "ZMQInteractiveShell"


def _told(page: OperationPage) -> str:
    sign = _SIGNS.get(page.status)
    if page.waiting and not page.ended:
        return f"waits for {', '.join(map(_plain, page.waiting))}"
    return f"{sign} {page.status}" if sign else _plain(page.status)


def _duration(seconds: float) -> str:
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3_600} h {whole // 60 % 60:02d} min"


def _plain(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
