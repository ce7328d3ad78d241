"""Words and colours of the terminal: the shared vocabulary as text that Rich and Textual draw.

Rules: everything from outside becomes a `Text`, which has no markup, and has lost what steers a terminal. A state is
always a sign and a word; its colour comes on top, and suits a light or a dark background.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

from pydantic import JsonValue
from rich.text import Text

from agentkit.screens import Look, look_of, plain_text, wait_text
from agentkit.screens import bar_text as letters_of
from agentkit.wire import OperationLine

__all__ = ["bar_text", "block_text", "ink_of", "line_text", "look_text", "operation_look", "quiet", "value_text"]

_MOST_LINES: Final = 2_000
_LONGEST_LINE: Final = 2_000


def ink_of(look: Look, *, dark: bool) -> str:
    """The colour of a state on a dark or a light background."""
    return look.dark.ink if dark else look.light.ink


def operation_look(line: OperationLine) -> Look:
    """Where an operation stands; one that only waits says for what."""
    if line.status != "running" or not line.waiting:
        return look_of(line.status)
    if "doubt" in line.waiting:
        return look_of("in_doubt")
    first, *others = line.waiting
    words = " and ".join((wait_text(first), *(wait_text(word).removeprefix("waits for ") for word in others)))
    return replace(look_of("waiting"), label=words)


def look_text(look: Look, *, dark: bool, bold: bool = False) -> Text:
    """A state: sign, word and colour."""
    ink = ink_of(look, dark=dark)
    return Text(str(look), f"bold {ink}" if bold else ink, no_wrap=True)


def line_text(words: str, most: int = 300, *, style: str = "") -> Text:
    """What somebody wrote, on one line."""
    return Text(plain_text(words, most), style, no_wrap=True, overflow="ellipsis")


def quiet(words: str) -> Text:
    """What only accompanies."""
    return Text(words, "dim", no_wrap=True, overflow="ellipsis")


def block_text(words: str) -> Text:
    """What somebody wrote, on as many lines as it has, up to a bound."""
    lines = words.splitlines()
    shown = [plain_line(line) for line in lines[:_MOST_LINES]]
    if len(lines) > len(shown):
        shown.append(f"… {len(lines) - len(shown):,} more lines")
    return Text("\n".join(shown), overflow="fold")


def value_text(value: JsonValue) -> Text:
    """A result: a text as it is, everything else as indented JSON."""
    return block_text(value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False))


def plain_line(line: str) -> str:
    """A line with its indentation, and without what steers a terminal."""
    indent = len(line) - len(line.lstrip(" "))
    return " " * min(indent, 200) + plain_text(line, _LONGEST_LINE)


def bar_text(fraction: float, width: int) -> Text:
    """A bar that can be told from its rest without colours."""
    text = Text(letters_of(fraction, width), "bold")
    text.stylize("not bold dim", text.plain.count("━"))
    return text
