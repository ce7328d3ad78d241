"""Notes of the browser itself, for whoever looks at something else meanwhile.

Rules: the browser asks whether it may, when somebody presses a button, and shows them; no server but this one takes
part. A note is text. Each is shown once, however often its page is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from streamlit.components.v2 import component

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

__all__ = ["knock", "may_knock"]

_STYLE = """
button {
    padding: 0.35rem 0.75rem; cursor: pointer; font: inherit; color: var(--st-text-color);
    background: transparent; border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius);
}
span { color: var(--st-text-color); font: inherit }
"""

_ASK = """
const WORDS = {
    default: "",
    granted: "This browser may tell you.",
    denied: "This browser was told that it may not; its own settings of this page change that.",
    none: "This browser tells nothing here: it wants pages of its own machine, or of https.",
}
export default function ({ parentElement }) {
    const button = parentElement.querySelector("button")
    const draw = () => {
        const can = "Notification" in window && window.isSecureContext
        const now = can ? Notification.permission : "none"
        button.hidden = now !== "default"
        parentElement.querySelector("span").textContent = WORDS[now]
    }
    button.onclick = () => Notification.requestPermission().then(draw)
    draw()
}
"""

_KNOCK = """
export default function ({ data }) {
    const can = "Notification" in window && Notification.permission === "granted"
    for (const [number, words] of data.notes) {
        if (number <= (window.agentkitTold ?? 0)) continue
        window.agentkitTold = number
        if (can && !document.hasFocus()) new Notification(document.title, { body: words, tag: `agentkit ${number}` })
    }
}
"""


@cache
def _asking() -> ComponentRenderer:
    html = '<button type="button">Let this browser tell me</button><span role="status"></span>'
    return component("agentkit.asking", html=html, css=_STYLE, js=_ASK)


@cache
def _knocking() -> ComponentRenderer:
    return component("agentkit.knocking", html="", js=_KNOCK)


def may_knock() -> None:
    """Draw whether the browser may tell what is new, and the button that asks it."""
    _asking()(key="agentkit.asking")


def knock(notes: Sequence[tuple[int, str]]) -> None:
    """Have the browser tell what is new, where nobody looks at the page.

    Args:
        notes: The newest, each with its number, which grows.
    """
    _knocking()(key="agentkit.knocking", data={"notes": [list(note) for note in notes]})
