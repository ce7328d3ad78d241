"""A run again: the form as it was filled in, what is to be different, and what is kept of what was done."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import tzinfo
from typing import ClassVar, Final

from pydantic import JsonValue
from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Select, Static

from agentkit.errors import NotFound
from agentkit.screens import Form, plain_text
from agentkit.wire import OperationPage, RerunRequest, SubmitRequest, WorkflowPage

from .link import Link
from .start_screen import StartScreen

__all__ = ["AgainScreen"]

_UNTOUCHED: Final = ""
_NOTHING: Final = -1


class AgainScreen(StartScreen):
    """Runs an operation again, as a new one; gives that, or None if there is none.

    Args:
        link: Who is asked.
        page: The operation.
        given: What it was given.
        zone: The zone of times that are filled in without one.
    """

    HEADING: ClassVar[str] = "Run again"
    OFFERS_AGENTS: ClassVar[bool] = False

    def __init__(self, link: Link, page: OperationPage, given: JsonValue, zone: tzinfo) -> None:
        super().__init__(link, (), zone, page.workflow)
        self._page, self._given = page, given

    def choice(self) -> ComposeResult:
        """Which one it is: nothing is to be chosen."""
        words = Text(plain_text(self._page.workflow, 60), "bold").append(f"  as {self._page.id}", "not bold dim")
        yield Static(words, classes="line")

    def options(self) -> ComposeResult:
        """What is kept of what was done."""
        kept: list[tuple[Text, str | int]] = [
            (Text("what still holds"), _UNTOUCHED),
            (Text("nothing"), _NOTHING),
            *((Text(f"all before {plain_text(stage.name, 60)}"), stage.name) for stage in self._page.stages),
        ]
        yield Static("Keep", classes="name right", markup=False)
        yield Select(kept, value=_UNTOUCHED, allow_blank=False, id="kept", compact=True)

    def first(self, form: Form) -> tuple[Mapping[str, object], str]:
        """What it was given."""
        return form.fill(self._given), json.dumps(self._given, ensure_ascii=False, indent=2)

    async def offered(self, workflow: str) -> WorkflowPage | None:
        """The workflow; one that is not offered any more takes any JSON."""
        try:
            return await super().offered(workflow)
        except NotFound:
            return None

    async def submit(self, given: JsonValue) -> OperationPage:
        """Run it with an input; what did not change is not said, and then something else has to be different."""
        kept = self.query_one("#kept", Select).value
        if kept == _NOTHING:
            anew = SubmitRequest.model_validate(
                {
                    "workflow": self._page.workflow,
                    "input": given,
                    "priority": self._page.priority,
                    "metadata": self._page.metadata,
                }
            )
            return await self.link.client.submit(anew, key=self.key_of(anew))
        changes = given != self._given
        at = kept if isinstance(kept, str) and kept != _UNTOUCHED else None
        again = RerunRequest(at=at, input=given if changes else None, changes_input=changes)
        return await self.link.client.rerun(self._page.id, again, key=self.key_of(again))
