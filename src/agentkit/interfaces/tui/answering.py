"""What people answer when an operation waits for them: a question, work in doubt, a signal.

Rules: as in `acting.py`. What is asked is read when it is to be answered: the screen may be older.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, TypeVar

from textual import work
from textual.binding import Binding, BindingType

from agentkit.errors import AgentKitError
from agentkit.screens import plain_text
from agentkit.wire import ApprovalLine

from .acting import ActingScreen
from .decide_screen import DecideScreen
from .dialogs import ChoiceScreen
from .following import read_board
from .say_screen import SayScreen
from .settle_screen import SettleScreen
from .signal_screen import SignalScreen
from .texts import line_text

__all__ = ["AnsweringScreen"]

One = TypeVar("One")


class AnsweringScreen(ActingScreen):
    """A screen on which what waits for people is answered."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "approve", "Approve"),
        Binding("x", "refuse", "Refuse"),
        Binding("d", "settle", "Doubt"),
        Binding("w", "signal", "Signal"),
    ]

    @property
    def chosen_question(self) -> ApprovalLine | None:
        """The question that keys are about, if one itself is chosen."""
        return None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key does something now; None dims it."""
        waits_for = {"approve": "approval", "refuse": "approval", "settle": "doubt", "signal": "signal"}
        if action not in waits_for:
            return super().check_action(action, parameters)
        if self.chosen_question is not None:
            return True if waits_for[action] == "approval" else None
        line = self.chosen
        return True if line is not None and waits_for[action] in line.waiting else None

    def action_approve(self) -> None:
        """Agree to what is asked."""
        self._decide(approve=True)

    def action_refuse(self) -> None:
        """Refuse what is asked."""
        self._decide(approve=False)

    @work(exclusive=True, group="act")
    async def _decide(self, *, approve: bool) -> None:
        asked, line = self.chosen_question, self.chosen
        if asked is None and line is not None:
            try:
                found = await self.link.ask(self.link.client.approvals(line.id))
            except AgentKitError as error:
                self.say_error(error)
                return
            asked = await self._one_of(found, "Which question?", lambda one: f"{one.stage} {one.name}: {one.question}")
        if asked is not None:
            await self._answer(DecideScreen(self.link, asked, self.zone, approve=approve))

    @work(exclusive=True, group="act")
    async def action_settle(self) -> None:
        """Say what became of work in doubt."""
        line = self.chosen
        if line is None:
            return
        try:
            board = await read_board(self.link, line.id)
            agents = {one.name: one for one in await self.link.ask(self.link.client.agents())}
        except AgentKitError as error:
            self.say_error(error)
            return
        name = await self._one_of(board.doubts, "What do you know of?", str)
        if name is None or board.page is None:
            return
        working = next((stage.agent for stage in board.page.stages if stage.name == name.partition("[")[0]), "")
        usual = agents[working].output if working in agents else None
        await self._answer(SettleScreen(self.link, board.page, name, usual, about=board.doubt_words(name)))

    @work(exclusive=True, group="act")
    async def action_signal(self) -> None:
        """Send a signal."""
        line = self.chosen
        if line is None:
            return
        try:
            board = await read_board(self.link, line.id)
        except AgentKitError as error:
            self.say_error(error)
            return
        if board.page is not None:
            await self._answer(SignalScreen(self.link, board.page, board.signals))

    async def _one_of(self, found: Sequence[One], title: str, words: Callable[[One], str]) -> One | None:
        """One of those that wait; the only one, or the one that is chosen."""
        if not found:
            self.say("nothing waits here that you may answer", is_bad=True)
        if len(found) <= 1:
            return next(iter(found), None)
        index = await self.app.push_screen_wait(ChoiceScreen(title, [line_text(words(one), 120) for one in found]))
        return None if index is None else found[index]

    async def _answer(self, screen: SayScreen) -> None:
        page = await self.app.push_screen_wait(screen)
        if page is not None:
            self.say(f"said; {plain_text(page.workflow, 60)} is {page.status}")
            self.changed(page)
