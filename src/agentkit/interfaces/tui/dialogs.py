"""Small questions over the screen: yes or no, one of several, one line of text, and what the keys do."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Textual leaves open what its applications, tables, lists and workers are of.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from .presence import is_shown

__all__ = ["AskScreen", "ChoiceScreen", "HelpScreen"]


class AskScreen(ModalScreen[str | None]):
    """Asks whether something is to be done; gives what was written beside it, or None if it is not.

    Args:
        title: What is asked.
        words: What happens then.
        yes: What the way on is called.
        no: What the way back is called.
        line: What may be written, as a hint; None is nothing.
        value: What is written at first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back"),
        Binding("y", "go_on", "Yes", show=False),
        Binding("n", "back", "No", show=False),
    ]

    def __init__(
        self, title: str, words: Text | str, *, yes: str, no: str, line: str | None = None, value: str = ""
    ) -> None:
        super().__init__()
        self._asked, self._words, self._yes, self._no = title, words, yes, no
        self._line, self._value = line, value

    def compose(self) -> ComposeResult:
        """Make its parts."""
        with Vertical(classes="dialog small"):
            yield Static(Text(self._asked, "bold"), classes="dialog-title")
            yield Static(self._words if isinstance(self._words, Text) else Text(self._words), classes="dialog-words")
            if self._line is not None:
                yield Input(self._value, placeholder=self._line, compact=True, max_length=10_000)
            with Horizontal(classes="buttons"):
                yield Button(self._yes, variant="primary", compact=True, id="yes")
                yield Button(self._no, compact=True, id="no")

    def on_mount(self) -> None:
        """Begin where something is written, or at the way back, which changes nothing."""
        if not is_shown(self):
            # It was left before it was there.
            return
        (self.query_one(Input) if self._line is not None else self.query_one("#no")).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        event.stop()
        if event.button.id == "yes":
            self.action_go_on()
        else:
            self.action_back()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on."""
        event.stop()
        self.action_go_on()

    def action_go_on(self) -> None:
        """Have it done."""
        self.dismiss(self.query_one(Input).value if self._line is not None else "")

    def action_back(self) -> None:
        """Have nothing done."""
        self.dismiss(None)


class ChoiceScreen(ModalScreen[int | None]):
    """Asks which of several; gives its index, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "Back")]

    def __init__(self, title: str, options: Sequence[Text]) -> None:
        super().__init__()
        self._asked, self._options = title, options

    def compose(self) -> ComposeResult:
        """Make its parts."""
        with Vertical(classes="dialog small"):
            yield Static(Text(self._asked, "bold"), classes="dialog-title")
            yield OptionList(*(Option(one) for one in self._options), markup=False, compact=True)
            yield Static(Text("Enter chooses, Esc goes back", "dim"), classes="dialog-words")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer."""
        event.stop()
        self.dismiss(event.option_index)

    def action_back(self) -> None:
        """Choose nothing."""
        self.dismiss(None)


class HelpScreen(ModalScreen[None]):
    """Says what the keys do, and what the signs mean.

    Args:
        keys: What each key does, by a title for each group.
        signs: What each sign means.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q", "back", "Back")]

    def __init__(self, keys: Mapping[str, Mapping[str, str]], signs: Sequence[Text]) -> None:
        super().__init__()
        self._keys, self._signs = keys, signs

    def compose(self) -> ComposeResult:
        """Make its parts."""
        with Vertical(classes="dialog"):
            yield Static(Text("Keys and signs", "bold"), classes="dialog-title")
            with VerticalScroll(), Horizontal(classes="columns"):
                yield Static(self._text_of_keys(), classes="column")
                yield Static(
                    Text("What signs mean\n", "bold").append_text(Text("\n").join(self._signs)), classes="column"
                )
            with Horizontal(classes="buttons"):
                yield Button("Close", compact=True)

    def _text_of_keys(self) -> Text:
        text = Text()
        for title, keys in self._keys.items():
            text.append(f"{title}\n", "bold")
            for key, words in keys.items():
                text.append(f"  {key:9}", "bold").append(f"{words}\n")
        return text

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Go back."""
        event.stop()
        self.dismiss(None)

    def action_back(self) -> None:
        """Go back."""
        self.dismiss(None)
