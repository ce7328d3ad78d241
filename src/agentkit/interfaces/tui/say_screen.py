"""What the dialogs have in common in which somebody says something of an operation.

Rules: what is said is said once: while it is on its way, another press says nothing. What is wrong is told in the
dialog, which stays open with all that was filled in.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from pydantic import JsonValue, ValidationError
from textual import work
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

from agentkit.errors import AgentKitError, InputError
from agentkit.screens import Form, plain_text, trouble_of
from agentkit.wire import OperationPage

from .form_view import FormView
from .link import Link
from .presence import is_shown

__all__ = ["SayScreen", "any_form"]


class SayScreen(ModalScreen[OperationPage | None]):
    """Has somebody say something; gives the operation as it stands then, or None if nothing was said.

    Args:
        link: Who is told.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "Back")]

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.link: Link = link
        self._is_on_its_way = False
        self._answer: OperationPage | None = None

    def wrong(self) -> Static:
        """The place where it is told what is wrong."""
        place = Static("", id="say-wrong", markup=False)
        place.display = False
        return place

    def action_back(self) -> None:
        """Say nothing."""
        self.dismiss(None)

    @work(group="say")
    async def say(self, saying: Callable[[], Awaitable[OperationPage]]) -> None:
        """Say it, and close; or tell what is wrong with it.

        Args:
            saying: Reads what is filled in, and makes the call.
        """
        if self._is_on_its_way:
            return
        self._is_on_its_way = True
        self.tell("")
        try:
            page = await self.link.ask(saying())
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            self.tell(f"{'.'.join(map(str, first['loc'][:1]))}: {first['msg']}")
        except AgentKitError as error:
            self.tell_error(error)
        else:
            self._answer = page
            self._close()
        finally:
            self._is_on_its_way = False

    def on_screen_resume(self) -> None:
        """Close, if the answer came while something lay over it."""
        self._close()

    def _close(self) -> None:
        # Textual takes away whatever lies on top, and may say twice that a screen is there again.
        if self._answer is not None and self.is_active:
            answer, self._answer = self._answer, None
            self.dismiss(answer)

    def tell_error(self, error: AgentKitError) -> None:
        """Tell what is wrong: of what is filled in, at its fields."""
        if not is_shown(self):
            return
        views = list(self.query(FormView))
        if views and isinstance(error, InputError):
            views[0].tell_error(error)
            return
        trouble = trouble_of(error)
        self.tell(" ".join(filter(None, (trouble.message, trouble.remedy))))

    def tell(self, words: str) -> None:
        """Tell what is wrong; with no words, nothing is."""
        for place in self.query("#say-wrong").results(Static):
            place.update(f"✗ {plain_text(words, 1_000)}" if words else "")
            place.display = bool(words)


def any_form(title: str, help: str, *, usual: JsonValue = None) -> Form:
    """A form for a value that may be anything: a text, a number, yes or no, any JSON, or nothing.

    Args:
        title: What the value is called.
        help: What is to be said of it.
        usual: The JSON Schema of what it usually is; it is offered then, and any JSON besides.
    """
    kinds: list[JsonValue] = [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]
    parts: JsonValue = {}
    if isinstance(usual, dict) and usual:
        kinds, parts = [{key: value for key, value in usual.items() if key != "$defs"}], usual.get("$defs", {})
    return Form.of({"title": title, "description": help, "anyOf": [*kinds, {}, {"type": "null"}], "$defs": parts})
