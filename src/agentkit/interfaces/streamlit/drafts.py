"""What somebody has typed to start a run and not started yet: kept for their session, wherever they look meanwhile.

Rules: Streamlit forgets a widget that is not drawn, so each is asked for what it holds as soon as that changes, and
begins with it when it is drawn again. Between fields and JSON it goes both ways, as far as it can be read; what cannot
be read waits where it was typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

import streamlit as st
from pydantic import JsonValue

from agentkit.errors import AgentKitError, FormInvalid
from agentkit.screens import Form, GroupField

__all__ = ["Draft", "Taken", "draft_of", "forget"]

_KEPT: Final = "agentkit.drafts"
_MOST: Final = 20
_ANYTHING: Final = Form.of(None)
"""Reads any JSON."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was read out of a file, once.

    Attributes:
        name: What the file is called.
        upload: Which of all that were chosen it is.
        rows: Its rows; None if it is the input as it stands, or could not be read.
        text: The JSON that is the input as it stands.
        wrong: Why it could not be read.
    """

    name: str
    upload: str
    rows: Sequence[JsonValue] | None = None
    text: str = ""
    wrong: AgentKitError | None = None


@dataclass(slots=True)
class Draft:
    """What is typed for one start.

    Attributes:
        name: Which start.
        form: What has to be filled in.
        begun: What its fields hold at first.
        text: What is written as JSON.
        turn: How often the fields were filled out of JSON: then they are other widgets.
        way: How it was drawn last: as fields, as JSON, beside a file or what an address gave.
        is_unread: Whether the JSON could not be brought into the fields.
        typed: What widgets hold, by their keys, once somebody has changed them.
        file: The file that was chosen last.
    """

    name: str
    form: Form
    begun: Mapping[str, object]
    text: str
    turn: int = 0
    way: str = ""
    is_unread: bool = False
    typed: dict[str, object] = field(default_factory=dict[str, object])
    file: Taken | None = None
    _agreed: tuple[str, str] = ("", "")
    """What fields and JSON were when they last said the same, both as JSON."""

    def __post_init__(self) -> None:
        self._agreed = self.form.text(self.begun), self.text

    @property
    def key(self) -> str:
        """What its widgets are called."""
        return f"{self.name}~{self.turn}" if self.turn else self.name

    def write(self, held: Mapping[str, object]) -> None:
        """Write what the fields hold as JSON, if that is not what is written there already."""
        if (found := self.form.text(held)) != self._agreed[0]:
            self.text, self.is_unread = found, False
            self._agreed = found, found

    def fill(self) -> None:
        """Fill the fields with what is written as JSON, if that was changed, and can be read."""
        if self.text == self._agreed[1]:
            return
        try:
            found = _ANYTHING.read_text(self.text)
        except FormInvalid:
            self.is_unread = True
            return
        self.is_unread = isinstance(self.form.root, GroupField) and not isinstance(found, dict)
        if not self.is_unread:
            self.begun = self.form.fill(found)
            self.typed.clear()
            self.turn += 1
            self._agreed = self.form.text(self.begun), self.text


def draft_of(name: str, form: Form, given: JsonValue, text: str) -> Draft:
    """The draft of a start, as it was left; a new one if there is none, or what has to be filled in is another.

    Args:
        name: Which start.
        form: What has to be filled in.
        given: What it is filled with at first; None leaves it blank.
        text: The same as JSON.
    """
    drafts = _drafts()
    found = drafts.pop(name, None)
    if found is None or found.form != form:
        found = Draft(name, form, form.blank() if given is None else form.fill(given), text)
    # The oldest comes first, and goes first.
    drafts[name] = found
    while len(drafts) > _MOST:
        forget(next(iter(drafts)))
    return found


def forget(name: str) -> None:
    """Have no draft of a start any more, nor what its lists have grown to."""
    _drafts().pop(name, None)
    for key in [str(key) for key in st.session_state]:
        if key.startswith((f"{name}/", f"{name}~", f"{name}#")):
            del st.session_state[key]


def _drafts() -> dict[str, Draft]:
    return cast("dict[str, Draft]", st.session_state.setdefault(_KEPT, {}))
