"""A form on the screen: the boxes of its fields, what is wrong above them, and the value that they come to."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from agentkit.errors import AgentKitError, InputError
from agentkit.screens import Form, FormErrors, plain_text

from .field_boxes import FieldBox
from .group_boxes import box_of

__all__ = ["FormView"]


class FormView(Vertical):
    """The fields of a form.

    Args:
        form: Which.
        values: What the fields hold at first, by key; without, they are blank.
    """

    def __init__(self, form: Form, values: Mapping[str, object] | None = None) -> None:
        super().__init__(classes="form")
        self.form: Form = form
        self._values = form.blank() if values is None else values

    def compose(self) -> ComposeResult:
        """Make its parts."""
        yield Static("", classes="general", markup=False)
        if not self.form.fields:
            yield Static("Nothing has to be filled in.", classes="help", markup=False)
        for field in self.form.fields:
            yield box_of(field, self._values.get(field.key))

    def begin(self) -> None:
        """Put the cursor into the first field."""
        for one in self.query("*"):
            if one.focusable:
                one.focus()
                return

    @property
    def boxes(self) -> Sequence[FieldBox]:
        """The boxes at the top."""
        return list(self.query_children(FieldBox))

    async def held(self) -> dict[str, object]:
        """What the fields hold, by key.

        Raises:
            InputError: A file that was named cannot be read.
        """
        try:
            return {box.field.key: await box.held() for box in self.boxes}
        except OSError as error:
            raise InputError(f"the file {error.filename} cannot be read: {error.strerror}") from error

    async def value(self) -> JsonValue:
        """What the fields come to.

        Raises:
            InputError: Something is missing or wrong; what, is shown at its field.
        """
        self.tell(FormErrors())
        try:
            return self.form.read(await self.held())
        except InputError as error:
            self.tell_error(error)
            raise

    def tell_error(self, error: AgentKitError) -> None:
        """Show what an error says, at the fields that it is about."""
        self.tell(self.form.errors_of(error))

    def tell(self, errors: FormErrors) -> None:
        """Show what is wrong, and nothing else."""
        general = self.query_children(".general").only_one(Static)
        general.update(Text("\n".join(f"✗ {plain_text(one)}" for one in errors.general)))
        general.set_class(bool(errors.general), "-shown")
        for box in self.boxes:
            box.tell(errors, box.field.path)
        if errors.general:
            general.scroll_visible()
        elif errors:
            wrong = [one for one in self.query(".wrong") if one.display]
            if wrong and wrong[0].parent is not None:
                wrong[0].scroll_visible()
