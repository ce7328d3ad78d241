"""Fields of a form that hold one value: a label, something to fill in, and below it what is wrong.

Rules: a box holds what its field's reader takes, and checks nothing by itself. Labels and options are text, never
markup.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import anyio
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Checkbox, Input, Select, Static, TextArea

from agentkit.screens import (
    ChoiceField,
    FixedField,
    FormErrors,
    FormField,
    ManyChoicesField,
    MoneyField,
    Upload,
    plain_text,
)

from .texts import value_text

__all__ = [
    "ChoiceBox",
    "FieldBox",
    "FileBox",
    "FixedBox",
    "InputBox",
    "LongBox",
    "ManyBox",
    "MoneyBox",
    "SecretBox",
    "SwitchBox",
    "Tick",
]


class FieldBox(Vertical):
    """One field.

    Args:
        field: Which.
        held: What it holds at first.
    """

    def __init__(self, field: FormField, held: object) -> None:
        super().__init__(classes="field")
        self.field: FormField = field
        self._first = held

    def compose(self) -> ComposeResult:
        """Make its parts."""
        yield Static(self.title(), classes="label")
        if self.field.help:
            yield Static(Text(plain_text(self.field.help, 500), "dim"), classes="help")
        yield from self.controls(self._first)
        yield Static("", classes="wrong", markup=False)

    def controls(self, held: object) -> ComposeResult:
        """What is filled in."""
        raise NotImplementedError

    async def held(self) -> object:
        """What it holds now.

        Raises:
            OSError: A file that was named cannot be read.
        """
        raise NotImplementedError

    def tell(self, errors: FormErrors, path: str) -> None:
        """Show what is wrong with the field, which lies at this path now."""
        wrong = self.query_children(".wrong").only_one(Static)
        words = errors.at(path)
        wrong.update(Text("\n".join(f"✗ {plain_text(one)}" for one in words)))
        wrong.set_class(bool(words), "-shown")

    def inside(self, inner: FormField, path: str) -> str:
        """The path of a field of this one, which lies at a path now."""
        return path + inner.path.removeprefix(self.field.path)

    def title(self) -> Text:
        """What it is called, and whether it may be left empty."""
        title = Text(plain_text(self.field.label, 100), "bold")
        return title.append("  optional", "not bold dim") if self.field.is_empty_without else title


class InputBox(FieldBox):
    """A text, a number, a day: one line."""

    is_secret: bool = False

    def controls(self, held: object) -> ComposeResult:
        """One line."""
        hint = plain_text(self.field.placeholder, 80)
        yield Input(_text(held), placeholder=hint, password=self.is_secret, compact=True)

    async def held(self) -> object:
        """The line."""
        return self.query_one(Input).value


class SecretBox(InputBox):
    """A text that is not shown."""

    is_secret = True


class LongBox(FieldBox):
    """A text of several lines, or JSON."""

    def controls(self, held: object) -> ComposeResult:
        """Some lines."""
        yield TextArea(
            _text(held), compact=True, tab_behavior="focus", placeholder=plain_text(self.field.placeholder, 80)
        )

    async def held(self) -> object:
        """The lines."""
        return self.query_one(TextArea).text


class Tick(Checkbox):
    """A box that is ticked or empty: told by its letter, and not by its colour alone."""

    def __init__(self, label: Content, *, value: bool, classes: str | None = None) -> None:
        super().__init__(label, value, compact=True, classes=classes)
        self.BUTTON_INNER: str = "X" if value else " "

    def watch_value(self) -> None:
        """Show whether it is ticked."""
        self.BUTTON_INNER = "X" if self.value else " "  # pyright: ignore[reportConstantRedefinition] - it is each box's
        super().watch_value()


class SwitchBox(FieldBox):
    """Yes or no."""

    def controls(self, held: object) -> ComposeResult:
        """A box to tick; where nothing may be said, a choice of three."""
        if self.field.is_optional and held is None:
            options = [(Text("yes"), True), (Text("no"), False)]
            yield Select(options, prompt="nothing", compact=True)
        else:
            yield Tick(Content("yes"), value=bool(held))

    async def held(self) -> object:
        """Whether it is ticked."""
        for choice in self.query(Select):
            return None if choice.is_blank() else choice.value
        return self.query_one(Tick).value


class ChoiceBox(FieldBox):
    """One of several values."""

    def controls(self, held: object) -> ComposeResult:
        """A list to choose from."""
        field = cast("ChoiceField", self.field)
        options = [(Text(plain_text(one.label, 100)), one.key) for one in field.options]
        keys = {one.key for one in field.options}
        if isinstance(held, str) and held in keys:
            yield Select(options, prompt="choose", value=held, compact=True)
        else:
            yield Select(options, prompt="choose", compact=True)

    async def held(self) -> object:
        """The key of what is chosen."""
        choice = self.query_one(Select)
        return None if choice.is_blank() else choice.value


class ManyBox(FieldBox):
    """Any of several values."""

    def controls(self, held: object) -> ComposeResult:
        """Boxes to tick."""
        field = cast("ManyChoicesField", self.field)
        chosen = held if isinstance(held, Sequence) else ()
        for one in field.options:
            yield Tick(Content(plain_text(one.label, 100)), value=one.key in chosen)

    async def held(self) -> object:
        """The keys of what is ticked."""
        options = cast("ManyChoicesField", self.field).options
        return [one.key for one, tick in zip(options, self.query(Tick), strict=True) if tick.value]


class MoneyBox(FieldBox):
    """An amount and its currency."""

    def controls(self, held: object) -> ComposeResult:
        """A line and a list."""
        field = cast("MoneyField", self.field)
        kept = cast("Mapping[str, object]", held) if isinstance(held, Mapping) else {}
        amount, currency = _text(kept.get("amount")), _text(kept.get("currency"))
        with Horizontal(classes="money"):
            yield Input(
                amount, placeholder=plain_text(field.placeholder, 40) or "12.50", compact=True, classes="amount"
            )
            if field.is_closed:
                options = [(Text(code), code) for code in field.currencies]
                chosen = currency if currency in field.currencies else field.currencies[0]
                yield Select(options, value=chosen, allow_blank=False, compact=True)
            else:
                yield Input(currency, placeholder="EUR", max_length=20, compact=True, classes="currency")

    async def held(self) -> object:
        """The amount with its currency."""
        codes = [str(choice.value) for choice in self.query(Select)]
        codes += [line.value.strip().upper() for line in self.query(".currency").results(Input)]
        return {"amount": self.query_one(".amount", Input).value, "currency": codes[0]}


class FileBox(FieldBox):
    """A file of this machine."""

    def controls(self, held: object) -> ComposeResult:
        """Its path."""
        yield Input(placeholder="path of a file on this machine", compact=True)

    async def held(self) -> object:
        """The file, read."""
        path = self.query_one(Input).value.strip()
        if not path:
            return self._first
        place = await anyio.Path(path).expanduser()
        return Upload(name=place.name, content=await place.read_bytes())


class FixedBox(FieldBox):
    """Nothing to fill in."""

    def controls(self, held: object) -> ComposeResult:
        """What it is."""
        yield Static(value_text(cast("FixedField", self.field).value))

    async def held(self) -> object:
        """Nothing."""
        return None


def _text(held: object) -> str:
    return "" if held is None else str(held)
