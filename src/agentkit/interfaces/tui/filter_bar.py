"""The filter of the operations: by where they stand, by workflow and by text.

Rules: what is filtered is filtered where the operations are kept; nothing here looks at a line.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, get_args

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Select

from agentkit.screens import OPERATION_WORDS, WAIT_WORDS, look_of, plain_text
from agentkit.wire import OperationQuery, OperationSort

__all__ = ["FilterBar"]

_WAITS: Final = "waiting:"
_SORTS: Final[tuple[OperationSort, ...]] = get_args(OperationSort)
_ORDERS: Final = {"newest": "", "oldest": "oldest first", "changed": "changed last first"}


class FilterBar(Horizontal):
    """Says which operations are wanted."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Back to the list")]

    class Wanted(Message):
        """Other operations are wanted."""

        def __init__(self, query: OperationQuery) -> None:
            super().__init__()
            self.wanted: OperationQuery = query

    class Left(Message):
        """The filter is set; the table is wanted."""

    def __init__(self) -> None:
        super().__init__()
        self._workflows: Sequence[str] = ()
        self._sort: OperationSort = "newest"

    def compose(self) -> ComposeResult:
        """Make its parts."""
        states = [(Text(str(look_of(word))), word) for word in OPERATION_WORDS]
        waits = [(Text(f"◷ {words}"), f"{_WAITS}{key}") for key, words in WAIT_WORDS.items()]
        yield Select([*states[:2], *waits, *states[2:]], prompt="any state", id="filter-status", compact=True)
        yield Select[str]([], prompt="any workflow", id="filter-workflow", compact=True)
        yield Input(placeholder="text of id or workflow", id="filter-text", compact=True, max_length=255)

    def offer(self, workflows: Sequence[str]) -> None:
        """Let these workflows be chosen."""
        if self._workflows != workflows:
            self._workflows = workflows
            select: Select[str] = self.query_one("#filter-workflow", Select)
            with self.prevent(Select.Changed):
                chosen = select.value
                select.set_options([(Text(plain_text(name, 60)), name) for name in workflows])
                if chosen in workflows:
                    select.value = chosen

    @property
    def wanted(self) -> OperationQuery:
        """What is wanted, as it is set."""
        status = self._chosen("#filter-status")
        waiting = status.removeprefix(_WAITS) if status is not None and status.startswith(_WAITS) else None
        return OperationQuery.model_validate(
            {
                "workflow": self._chosen("#filter-workflow"),
                "status": () if status is None or waiting is not None else (status,),
                "waiting": waiting,
                "text": self.query_one("#filter-text", Input).value.strip() or None,
                "sort": self._sort,
            }
        )

    @property
    def words(self) -> str:
        """What is wanted and in which order, in words; empty is everything, the newest first."""
        query = self.wanted
        status = f"{query.status[0]}" if query.status else WAIT_WORDS.get(query.waiting or "", "")
        parts = [status, query.workflow or "", f"“{query.text}”" if query.text else ""]
        narrow, order = " · ".join(plain_text(part, 40) for part in parts if part), _ORDERS[query.sort]
        return "  ".join(filter(None, (narrow and f"Filter: {narrow}", order and f"Order: {order}")))

    @property
    def is_narrow(self) -> bool:
        """Whether some operations are not wanted."""
        return self.wanted != OperationQuery(sort=self._sort)

    def turn(self) -> None:
        """Want the next order."""
        self._sort = _SORTS[(_SORTS.index(self._sort) + 1) % len(_SORTS)]
        self._tell()

    def clear(self) -> None:
        """Want everything again, the newest first."""
        self._sort = "newest"
        with self.prevent(Select.Changed, Input.Changed):
            for name in ("#filter-status", "#filter-workflow"):
                self.query_one(name, Select).clear()
            self.query_one("#filter-text", Input).value = ""
        self._tell()

    def on_select_changed(self, event: Select.Changed) -> None:
        """Tell that another state or workflow is wanted."""
        event.stop()
        self._tell()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell that another text is wanted."""
        event.stop()
        self._tell()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go back to the table."""
        event.stop()
        self.action_leave()

    def action_leave(self) -> None:
        """Go back to the table; the filter stays."""
        self.post_message(self.Left())

    def _tell(self) -> None:
        self.post_message(self.Wanted(self.wanted))

    def _chosen(self, name: str) -> str | None:
        value = self.query_one(name, Select).value
        return value if isinstance(value, str) else None
