"""Text as markup: everything that comes from outside goes through here, so that none of it is read as markup.

Rules: nothing else in this door writes text of others into HTML, and nothing writes it where Gradio reads Markdown,
such as `info` of a widget: labels, placeholders and values are plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Final

from agentkit.screens import Look, Trouble, plain_text

__all__ = ["badge", "bar", "cell", "line", "page", "paragraphs", "told", "trouble"]

_LINES: Final = re.compile(r"\r\n|\r|\n")
_MOST: Final = 20_000


def line(text: object, most: int = 300) -> str:
    r"""A text on one line, as HTML.

    Example:
        >>> line("<b>no\nway</b>")
        '&lt;b&gt;no way&lt;/b&gt;'
    """
    return escape(plain_text(str(text), most))


def paragraphs(text: str, most: int = _MOST) -> str:
    """A text with its lines, as HTML for a place that keeps them."""
    return "\n".join(line(one, most) for one in _LINES.split(text[:most])) + ("…" if len(text) > most else "")


def page(*parts: str) -> str:
    """Parts of a page, one below the other."""
    return f'<div class="ak-page">{"".join(parts)}</div>' if any(parts) else ""


def badge(look: Look, words: str = "") -> str:
    """How something stands: an icon and a word, never a colour alone."""
    colours = f"--ink:{look.light.ink};--fill:{look.light.fill};--ink-dark:{look.dark.ink};--fill-dark:{look.dark.fill}"
    return (
        f'<span class="ak-badge" style="{colours}"><span aria-hidden="true">{escape(look.icon)}</span>'
        f"{line(words or look.label)}</span>"
    )


def bar(percent: int, *, of: str, is_thin: bool = False) -> str:
    """How far something is."""
    kind = "ak-bar ak-thin" if is_thin else "ak-bar"
    return (
        f'<div class="{kind}" role="progressbar" aria-label="{line(of)}" aria-valuemin="0" aria-valuemax="100"'
        f' aria-valuenow="{percent}"><div style="width:{percent}%"></div></div>'
    )


def cell(text: str, *, label: str = "", is_figure: bool = False) -> str:
    """A cell of a table, of HTML; where columns have no room, its label stands before it."""
    kind = ' class="ak-figure"' if is_figure else ""
    said = f' data-label="{label}"' if label else ""
    return f"<td{kind}{said}>{text}</td>"


def told(title: str, *lines: str, kind: str = "") -> str:
    """Something said in a box, of HTML.

    Args:
        title: What it is.
        lines: What there is to say.
        kind: `bad` if something went wrong, `ask` if something is asked.
    """
    style = f"ak-say ak-{kind}" if kind else "ak-say"
    role = ' role="alert"' if kind == "bad" else ""
    return f'<div class="{style}"{role}><strong>{title}</strong>{_lines(lines)}</div>'


def trouble(found: Trouble) -> str:
    """What went wrong, and what to do."""
    said = [line(found.message, 2_000)]
    if found.remedy:
        said.append(line(found.remedy, 2_000))
    if found.request_id:
        said.append(f'<span class="ak-quiet">Request <code>{line(found.request_id)}</code></span>')
    return told(line(found.title), *said, kind="bad")


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"<p>{one}</p>" for one in lines if one)
