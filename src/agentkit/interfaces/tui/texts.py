"""Words and colours of the terminal: the shared vocabulary as text that Rich and Textual draw.

Rules: everything from outside becomes a `Text`, which has no markup, and has lost what steers a terminal. A state is
always a sign and a word; its colour comes on top, and suits a light or a dark background.
"""

from __future__ import annotations

import json
from typing import Final

from pydantic import JsonValue
from rich.text import Text

from agentkit.screens import Look, plain_text
from agentkit.screens import bar_text as letters_of

__all__ = ["bar_text", "block_text", "line_text", "look_text", "quiet", "value_text"]

_MOST_LINES: Final = 2_000
_LONGEST_LINE: Final = 2_000


def look_text(look: Look, *, dark: bool, bold: bool = False) -> Text:
    """A state: sign, word and colour."""
    ink = look.dark.ink if dark else look.light.ink
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
